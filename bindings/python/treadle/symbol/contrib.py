"""Operators under `contrib`, whose names begin with _contrib_, and functions that are put together
from several."""

import math

from .. import symbol as sym
from .._operators import Prefixed
from . import _make

_get, _names = Prefixed(__name__, "_contrib_", _make)


def rand_zipfian(true_classes, num_sampled, range_max):
    """As mx.nd.contrib.rand_zipfian: classes drawn, and how often the true ones and those drawn are
    expected."""
    top = math.log(range_max + 1)
    drawn = sym.random.uniform(0, top, shape=(num_sampled,), dtype="float64")
    classes = (sym.exp(drawn) - 1).astype("int64") % range_max

    def expected(of):
        of = of.astype("float64")
        return sym.log((of + 2) / (of + 1)) / top * num_sampled

    return classes, expected(true_classes), expected(classes)


def __getattr__(name):
    return _get(name)


def __dir__():
    return sorted({*_names(), "rand_zipfian"})
