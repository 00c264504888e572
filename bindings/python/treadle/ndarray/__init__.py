"""Arrays on a device. Every operation is queued and returns at once; reading waits for exactly what
it needs."""

import numpy as np

from .. import _treadle
from .._array import NDArray, _device, _shape, array, empty
from .._invoke import invoke
from .._operators import make_function, namespace
from .._shapes import is_np_shape
from ..base import dtype_name, host_type, mx_real_t
from ..context import Context

__all__ = [
    "NDArray",
    "array",
    "empty",
    "zeros",
    "ones",
    "full",
    "arange",
    "eye",
    "linspace",
    "save",
    "load",
    "load_frombuffer",
    "waitall",
    "cast_storage",
    "concatenate",
    "moveaxis",
    "onehot_encode",
    "histogram",
    "split_v2",
    "imdecode",
    "from_numpy",
    "from_dlpack",
    "to_dlpack_for_read",
    "to_dlpack_for_write",
    "add",
    "subtract",
    "multiply",
    "divide",
    "true_divide",
    "modulo",
    "power",
    "maximum",
    "minimum",
    "hypot",
    "equal",
    "not_equal",
    "greater",
    "greater_equal",
    "lesser",
    "lesser_equal",
    "logical_and",
    "logical_or",
    "logical_xor",
]


def full(shape, val, ctx=None, dtype=mx_real_t, out=None):
    """An array of one value."""
    if out is not None:
        if out.shape != _shape(shape):
            raise ValueError("out has shape %s; %s is asked for." % (out.shape, _shape(shape)))
        out[:] = val
        return out
    return NDArray(
        _treadle.Array.full(_shape(shape), float(val), dtype_name(dtype), _device(ctx)._pair)
    )


def _known(maker, shape):
    """The shape, where it is one that operators may give: outside of mx.np_shape 0 means that an
    extent is not known, and () that nothing is."""
    shape = _shape(shape)
    if not is_np_shape() and (not shape or 0 in shape):
        raise _treadle.MXNetError(
            "%s is asked for the shape %s. Scalars and arrays without elements are made within "
            "mx.np_shape(); elsewhere 0 and () mean that a shape is not known." % (maker, shape)
        )
    return shape


def zeros(shape, ctx=None, dtype=mx_real_t, stype="default", out=None, name=None):
    """An array of zeros."""
    if stype not in (None, "default"):
        from .sparse import refuse

        refuse("zeros(stype=%r)" % stype)
    return full(_known("zeros", shape), 0, ctx, dtype, out)


def ones(shape, ctx=None, dtype=mx_real_t, out=None, name=None):
    """An array of ones."""
    return full(_known("ones", shape), 1, ctx, dtype, out)


def arange(
    start, stop=None, step=1.0, repeat=1, infer_range=None, ctx=None, dtype=mx_real_t
):
    """Numbers from `start` to before `stop`, each `repeat` times. Of a type of whole numbers `start` and
    `step` are rounded towards 0 first, how many there are is not."""
    if stop is None:
        start, stop = 0, start
    if infer_range is not None and isinstance(infer_range, Context):  # the third form of 0.9
        ctx = infer_range
    made = np.arange(start, stop, step)
    kind = host_type(dtype_name(dtype))
    if issubclass(kind, np.integer):
        made = (int(start) + int(step) * np.arange(len(made))).astype(kind)
    return array(np.repeat(made, repeat), ctx, dtype)


def eye(N, M=0, k=0, ctx=None, dtype=mx_real_t, out=None, name=None):
    """Ones on the k-th diagonal."""
    made = np.eye(N, M or None, k)
    if out is None:
        return array(made, ctx, dtype)
    out[:] = made
    return out


def linspace(start, stop, num, endpoint=True, ctx=None, dtype=mx_real_t):
    """`num` numbers from `start` to `stop`, equally far apart."""
    return array(np.linspace(start, stop, num, endpoint), ctx, dtype)


def cast_storage(data, stype):
    """The array in another kind of storage, of which there is one, 'default'."""
    return data.tostype(stype)


def waitall():
    """Waits for everything queued; raises the first error that no wait has reported."""
    _treadle.wait_all()


def save(fname, data):
    """Writes arrays to a file: an NDArray, a list, or a dict by name."""
    if isinstance(data, NDArray):
        data = [data]
    if not isinstance(data, (dict, list, tuple)):
        raise TypeError(
            "save is given %r; NDArrays are expected, one, in a list, or in a dict by name." % (data,)
        )
    names, arrays = (
        (list(data), list(data.values())) if isinstance(data, dict) else ([], list(data))
    )
    for value in arrays:
        if not isinstance(value, NDArray):
            raise TypeError(
                "save is given %r; NDArrays are expected, one, in a list, or in a dict by name."
                % (value,)
            )
    _treadle.save_arrays(str(fname), [value.handle for value in arrays], names)


def load(fname):
    """Reads a file of arrays: a list, or a dict when they have names."""
    return _loaded(_treadle.load_arrays(str(fname)))


def load_frombuffer(buf):
    """As load, from bytes."""
    if not isinstance(buf, (bytes, bytearray, memoryview)):
        raise TypeError("load_frombuffer is given %r; bytes are expected." % (buf,))
    return _loaded(_treadle.arrays_from_bytes(bytes(buf)))


def _loaded(file):
    arrays, names = file
    arrays = [None if handle is None else NDArray(handle) for handle in arrays]
    return dict(zip(names, arrays)) if names else arrays


def _make(name):
    extra = {
        "out": "NDArray or list of them, written instead of new ones",
        "ctx": "Context, for an operator without inputs",
    }
    return make_function(name, "NDArray", extra, invoke, __name__)


def _former(name):
    from .. import _former_functions

    return getattr(_former_functions, name, None) if name.startswith("_") else None


_operator, __dir__ = namespace(__name__, globals(), _make, [*__all__, "CachedOp"], _former)


def __getattr__(name):
    if name in ("random", "sparse", "contrib"):
        import importlib

        return importlib.import_module("." + name, __name__)
    if name == "CachedOp":
        from .._cached_op import CachedOp

        return CachedOp
    return _operator(name)


from .._array_functions import (  # noqa: E402  they call operators of this module
    add,
    concatenate,
    divide,
    equal,
    from_dlpack,
    from_numpy,
    greater,
    greater_equal,
    histogram,
    hypot,
    imdecode,
    lesser,
    lesser_equal,
    logical_and,
    logical_or,
    logical_xor,
    maximum,
    minimum,
    modulo,
    moveaxis,
    multiply,
    not_equal,
    onehot_encode,
    power,
    split_v2,
    subtract,
    to_dlpack_for_read,
    to_dlpack_for_write,
    true_divide,
)
