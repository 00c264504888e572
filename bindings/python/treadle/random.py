"""Random numbers: the seed, and arrays of samples."""

from . import _treadle
from . import ndarray

_SAMPLERS = (
    "uniform",
    "normal",
    "exponential",
    "gamma",
    "poisson",
    "negative_binomial",
    "generalized_negative_binomial",
)


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
    if name in _SAMPLERS and _treadle.has_operator("_random_" + name):
        sampler = globals()[name] = getattr(ndarray._internal, "_random_" + name)
        return sampler
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
