"""Random numbers: the seed, and arrays of samples."""

from . import _treadle

def seed(seed_state, ctx="all"):
    """Starts the sequence of random numbers anew: the same seed gives the same numbers, however
    many threads run."""
    if (
        isinstance(seed_state, bool)
        or not isinstance(seed_state, int)
        and not hasattr(seed_state, "__index__")
    ):
        raise ValueError("The seed is %r; an int is expected." % (seed_state,))
    _treadle.seed(int(seed_state))


def __getattr__(name):
    if not name.startswith("_"):
        from .ndarray import random as samplers

        return getattr(samplers, name)
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
