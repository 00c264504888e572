"""Operators under `contrib`, whose names begin with _contrib_, and functions that are put together
from several."""

from .. import symbol as sym
from .._operators import Prefixed
from .._random_functions import draw_zipfian
from ..base import MXNetError
from . import _make

_get, _names = Prefixed(__name__, "_contrib_", _make)


def boolean_mask(data, index, axis=0, name=None):
    """Refused: a graph's shapes are known before it runs."""
    raise MXNetError(
        "boolean_mask is asked of a symbol: how much it keeps is known only when it runs, and a graph "
        "is bound to shapes before. Multiply by the mask, or call mx.nd.contrib.boolean_mask."
    )


def rand_zipfian(true_classes, num_sampled, range_max):
    """As mx.nd.contrib.rand_zipfian: classes drawn, and how often the true ones and those drawn are
    expected."""
    classes, expected = draw_zipfian(sym, num_sampled, range_max)
    return classes, expected(true_classes), expected(classes)


def __getattr__(name):
    return _get(name)


def __dir__():
    return sorted({*_names(), "boolean_mask", "rand_zipfian"})
