"""Operators under `contrib`, whose names begin with _contrib_, and functions that are put together
from several."""

from .. import symbol as sym
from .._operators import Prefixed
from .._random_functions import draw_zipfian
from . import _make

_get, _names = Prefixed(__name__, "_contrib_", _make)


def rand_zipfian(true_classes, num_sampled, range_max):
    """As mx.nd.contrib.rand_zipfian: classes drawn, and how often the true ones and those drawn are
    expected."""
    classes, expected = draw_zipfian(sym, num_sampled, range_max)
    return classes, expected(true_classes), expected(classes)


def __getattr__(name):
    return _get(name)


def __dir__():
    return sorted({*_names(), "rand_zipfian"})
