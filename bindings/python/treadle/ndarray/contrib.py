"""Operators under `contrib`, whose names begin with _contrib_, and tests of numbers: 1 where they
hold, 0 elsewhere."""

from .. import ndarray as nd
from .._operators import Prefixed
from .._random_functions import draw_zipfian
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


def rand_zipfian(true_classes, num_sampled, range_max, ctx=None):
    """Classes below `range_max` as int64, drawn with a probability that falls with their number as
    that of words falls with their rank, and how often each of `true_classes` and each of those drawn
    is expected among `num_sampled`, as float64."""
    classes, expected = draw_zipfian(nd, num_sampled, range_max, ctx=ctx)
    return classes, expected(true_classes.as_in_context(classes.context)), expected(classes)


def __getattr__(name):
    return _get(name)


def __dir__():
    return sorted({*_names(), "allclose", "isfinite", "isinf", "isnan", "rand_zipfian"})
