"""Operators under `contrib`, whose names begin with _contrib_, and tests of numbers: 1 where they
hold, 0 elsewhere."""

from .. import ndarray as nd
from .._operators import Prefixed
from . import _make

_get, _names = Prefixed(__name__, "_contrib_", _make)
_INFINITY = float("inf")


def isnan(data):
    """Where a number is not one."""
    return data != data


def isinf(data):
    """Where a number is without bounds."""
    return nd.abs(data) == _INFINITY


def isfinite(data):
    """Where a number is one, and has bounds."""
    return nd.abs(data) < _INFINITY


def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=True):
    """An array with 1 if all of `a` is as near to `b` as `atol` + `rtol` * abs(b), else with 0."""
    near = nd.abs(a - b) <= atol + rtol * nd.abs(b)
    near = nd.maximum(near, a == b)  # infinities
    if equal_nan:
        near = nd.maximum(near, isnan(a) * isnan(b))
    return nd.min(near).reshape((1,))


def __getattr__(name):
    return _get(name)


def __dir__():
    return sorted({*_names(), "allclose", "isfinite", "isinf", "isnan"})
