"""Sparse arrays, which Treadle does not have: their makers say so, and operators are the dense ones.
"""

from .. import ndarray as _dense
from .._array import NDArray
from ..base import MXNetError

__all__ = [
    "BaseSparseNDArray",
    "CSRNDArray",
    "RowSparseNDArray",
    "csr_matrix",
    "row_sparse_array",
    "array",
    "empty",
    "zeros",
]


class BaseSparseNDArray(NDArray):
    """There are no instances of it."""

    def __init__(self, *args, **kwargs):
        refuse(type(self).__name__)


class CSRNDArray(BaseSparseNDArray):
    """There are no instances of it."""


class RowSparseNDArray(BaseSparseNDArray):
    """There are no instances of it."""


def refuse(what):
    raise MXNetError(
        "%s is asked for: Treadle has no sparse arrays. Use dense ones, mx.nd.array." % what
    )


def csr_matrix(arg1, shape=None, ctx=None, dtype=None):
    refuse("csr_matrix")


def row_sparse_array(arg1, shape=None, ctx=None, dtype=None):
    refuse("row_sparse_array")


def array(source_array, ctx=None, dtype=None):
    refuse("sparse.array")


def empty(stype, shape, ctx=None, dtype=None):
    if stype == "default":
        return _dense.empty(shape, ctx, dtype or "float32")
    refuse("sparse.empty(%r)" % stype)


def zeros(stype, shape, ctx=None, dtype=None, **kwargs):
    if stype == "default":
        return _dense.zeros(shape, ctx, dtype or "float32")
    refuse("sparse.zeros(%r)" % stype)


def __getattr__(name):
    return getattr(_dense, name)
