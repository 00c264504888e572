"""What MXNet keeps under `contrib`: its first autograd, and the operators of that prefix."""

from .. import ndarray as _ndarray
from .. import symbol as _symbol
from . import autograd


def __getattr__(name):
    if name in ("nd", "ndarray"):
        return _ndarray.contrib
    if name in ("sym", "symbol"):
        return _symbol.contrib
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
