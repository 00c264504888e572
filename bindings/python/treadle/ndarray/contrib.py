"""Operators under `contrib`, whose names begin with _contrib_, and tests of numbers: 1 where they
hold, 0 elsewhere."""

import numpy as np

from .. import ndarray as nd
from .._operators import Prefixed
from .._random_functions import draw_zipfian
from ..base import MXNetError
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
    """A scalar array, 1 if all of `a` is as near to `b` as `atol` + `rtol` * abs(b), else 0."""
    near = nd.abs(a - b) <= atol + rtol * nd.abs(b)
    near = nd.maximum(near, a == b)  # infinities
    if equal_nan:
        near = nd.maximum(near, isnan(a) * isnan(b))
    return nd.min(near).reshape(())


def boolean_mask(data, index, axis=0):
    """The parts of `data` along an axis whose number in `index` is not 0. How many there are is known
    only when `index` is computed, so this waits for it."""
    chosen = np.flatnonzero(index.asnumpy())
    if index.shape != data.shape[axis : axis + 1 or None]:
        raise MXNetError(
            "boolean_mask: index has shape %s and data %s; one number per part along axis %d is "
            "expected." % (index.shape, data.shape, axis)
        )
    return nd.take(data, nd.array(chosen, ctx=data.context, dtype="int64"), axis=axis)


def rand_zipfian(true_classes, num_sampled, range_max, ctx=None):
    """Classes below `range_max` as int64, drawn with a probability that falls with their number as
    that of words falls with their rank, and how often each of `true_classes` and each of those drawn
    is expected among `num_sampled`, as float64."""
    classes, expected = draw_zipfian(nd, num_sampled, range_max, ctx=ctx)
    return classes, expected(true_classes.as_in_context(classes.context)), expected(classes)


def __getattr__(name):
    return _get(name)


def __dir__():
    return sorted({*_names(), "allclose", "boolean_mask", "isfinite", "isinf", "isnan", "rand_zipfian"})
