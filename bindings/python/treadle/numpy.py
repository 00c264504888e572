"""Where MXNet has its numpy mode. Treadle has the classic API alone: the types are here, so that
code may ask for them, and nothing has them."""

from .base import MXNetError

__all__ = ["ndarray"]


class ndarray:  # noqa: N801  MXNet's name
    """No array is one: they are NDArrays."""

    def __init__(self, *args, **kwargs):
        raise MXNetError("mx.np.ndarray is made: Treadle has no numpy mode; use mx.nd.array.")


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise AttributeError(
        "mx.np.%s is asked for: Treadle has no numpy mode; mx.nd has the classic operators." % name
    )
