"""Arrays on a device. Every operation is queued and returns at once; reading waits for exactly what
it needs."""

import numpy as np

from . import _array_indexing as indexing
from . import _treadle
from ._array_arithmetic import Arithmetic
from ._invoke import invoke
from ._operators import get_operator, make_function, namespace
from .base import dtype_name, host_type, is_scalar, mx_real_t, numpy_type, param_text
from .context import Context, current_context

__all__ = [
    "NDArray",
    "array",
    "empty",
    "zeros",
    "ones",
    "full",
    "arange",
    "save",
    "load",
    "load_frombuffer",
    "onehot_encode",
    "waitall",
]

class NDArray(Arithmetic):
    """An array of numbers of one type, row-major. Slices are views where they are one piece of
    memory.

        a = mx.nd.ones((2, 3))
        b = (a * 2 + 1).asnumpy()
    """

    __slots__ = ["handle", "__weakref__"]

    def __init__(self, handle):
        self.handle = handle

    @property
    def shape(self):
        return self.handle.shape

    @property
    def ndim(self):
        return len(self.handle.shape)

    @property
    def size(self):
        return self.handle.size

    @property
    def dtype(self):
        """The numpy type; 'bfloat16' for the one that numpy does not have."""
        return numpy_type(self.handle.dtype)

    @property
    def context(self):
        return Context._from_pair(self.handle.device)

    ctx = context

    @property
    def stype(self):
        return "default"

    def __repr__(self):
        return "\n%s\n<NDArray %s @%s>" % (
            self.asnumpy(),
            "x".join(map(str, self.shape)),
            self.context,
        )

    def __len__(self):
        if not self.shape:
            raise TypeError("An array of shape () has no length.")
        return self.shape[0]

    def __bool__(self):
        if self.size != 1:
            raise ValueError(
                "The truth of an array of shape %s is not defined; it has %d elements."
                % (self.shape, self.size)
            )
        return bool(self.asscalar())

    def __float__(self):
        return float(self.asscalar())

    def __int__(self):
        return int(self.asscalar())

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __array__(self, dtype=None, copy=None):
        if copy is False:
            raise ValueError("An array of a device cannot be given to numpy without a copy.")
        return self.asnumpy() if dtype is None else self.asnumpy().astype(dtype)

    def __reduce__(self):
        return _unpickle, (_treadle.array_to_bytes(self.handle), str(self.context))

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, _):
        return self.copy()

    def __getitem__(self, key):
        """A view where the part is one piece of memory, a copy otherwise."""
        key = indexing.on_host(key, NDArray)
        part = indexing.view(self, key)
        return self._like(self.asnumpy()[key]) if part is None else part

    def __setitem__(self, key, value):
        """Assigns a number, a numpy array or an NDArray."""
        key = indexing.on_host(key, NDArray)
        part = indexing.view(self, key)
        if part is not None and part._assign(value):
            return
        host = self.asnumpy()
        indexing.assign(host, key, value.asnumpy() if isinstance(value, NDArray) else value)
        self._assign(host)

    def _assign(self, value):
        """Writes the whole array; False when the value's shape is not this one's, nor can be."""
        if isinstance(value, NDArray):
            if value.shape == self.shape:
                self.handle.copy_from(value.handle)
                return True
            value = value.asnumpy()
        if is_scalar(value):
            self.handle.fill(float(value))
            return True
        host = np.asarray(value, host_type(self.handle.dtype))
        if host.shape != self.shape:
            try:
                host = np.broadcast_to(host, self.shape)
            except ValueError:
                return False
        self._write(host)
        return True

    def _write(self, host):
        """Copies a numpy array of this shape."""
        name = self.handle.dtype
        host = np.ascontiguousarray(host, host_type(name))
        if name != "bfloat16":
            self.handle.copy_from_host(host)
        else:  # numpy has no bfloat16: the engine rounds
            self.handle.copy_from(array(host, self.context).handle)

    def _like(self, host):
        """A numpy array as an NDArray of this one's type and context."""
        return array(host, self.context, self.dtype)

    def asnumpy(self):
        """A copy as a numpy array; bfloat16 as float32."""
        name = self.handle.dtype
        host = np.empty(self.shape, host_type(name))
        (self.handle.as_type("float32") if name == "bfloat16" else self.handle).copy_to_host(host)
        return host

    def asscalar(self):
        """The value of an array of one element."""
        if self.size != 1:
            raise ValueError(
                "An array of shape %s is no scalar; it has %d elements." % (self.shape, self.size)
            )
        return self.asnumpy().reshape(-1)[0]

    def astype(self, dtype, copy=True):
        name = dtype_name(dtype)
        if not copy and name == self.handle.dtype:
            return self
        return NDArray(self.handle.as_type(name))

    def copy(self):
        return NDArray(self.handle.copy(self.handle.device))

    def copyto(self, other):
        """Copies to an array of the same shape, or to a new one on a context; gives that one."""
        if isinstance(other, Context):
            return NDArray(self.handle.copy(other._pair))
        if not isinstance(other, NDArray):
            raise TypeError("copyto is given %r; an NDArray or a Context is expected." % (other,))
        other.handle.copy_from(self.handle)
        return other

    def as_in_context(self, context):
        """This array, or a copy when it is elsewhere."""
        return self if context == self.context else self.copyto(context)

    def reshape(self, *shape, **kwargs):
        """A view of another shape: extents, 0 for the same as here, -1 for what is left, and the
        operator Reshape's other codes."""
        shape = kwargs.pop("shape", shape)
        if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
            shape = shape[0]
        if kwargs.keys() - {"reverse"}:
            raise TypeError("reshape takes a shape and reverse; %s is given." % ", ".join(kwargs))
        shape = tuple(int(extent) for extent in shape)
        if any(extent <= 0 for extent in shape) or kwargs:
            params = {
                "shape": param_text(shape),
                "reverse": param_text(kwargs.get("reverse", False)),
            }
            shape = _treadle.output_shapes("Reshape", params, [self.shape])[0]
        return NDArray(self.handle.reshape(shape))

    def slice(self, begin, end):
        """Rows from `begin` to `end`, as a view."""
        return NDArray(self.handle.slice(begin, end))

    def wait_to_read(self):
        """Returns when what is queued for this array has ended; raises its error."""
        self.handle.wait()


def _unpickle(data, context):
    kind, number = context.rstrip(")").split("(")
    made = NDArray(_treadle.array_from_bytes(data))
    return made.as_in_context(Context(kind, int(number)))


def _shape(shape):
    return (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(map(int, shape))


def empty(shape, ctx=None, dtype=mx_real_t):
    """An array whose values are not set."""
    return NDArray(
        _treadle.Array.empty(_shape(shape), dtype_name(dtype), (ctx or current_context())._pair)
    )


def full(shape, val, ctx=None, dtype=mx_real_t):
    """An array of one value."""
    return NDArray(
        _treadle.Array.full(
            _shape(shape), float(val), dtype_name(dtype), (ctx or current_context())._pair
        )
    )


def zeros(shape, ctx=None, dtype=mx_real_t, **_):
    return full(shape, 0, ctx, dtype)


def ones(shape, ctx=None, dtype=mx_real_t, **_):
    return full(shape, 1, ctx, dtype)


def array(source_array, ctx=None, dtype=None):
    """An array from numpy, a list or an NDArray; float32 unless `dtype` says otherwise or an
    NDArray is given."""
    if isinstance(source_array, NDArray):
        made = empty(source_array.shape, ctx, dtype or source_array.dtype)
        made.handle.copy_from(source_array.handle)
        return made
    name = dtype_name(dtype)
    try:
        host = np.asarray(source_array, host_type(name))
    except (TypeError, ValueError) as error:
        raise TypeError("An array cannot be made from %r: %s." % (source_array, error)) from None
    made = empty(host.shape or (1,), ctx, name)
    made._write(host.reshape(made.shape))
    return made


def arange(start, stop=None, step=1.0, repeat=1, ctx=None, dtype=mx_real_t):
    """Numbers from `start` to before `stop`, each `repeat` times."""
    if stop is None:
        start, stop = 0, start
    return array(np.repeat(np.arange(start, stop, step), repeat), ctx, dtype)


def onehot_encode(indices, out):
    """Sets row i of the matrix `out` to zeros with a 1 at indices[i]; returns `out`."""
    return invoke(
        get_operator("one_hot"), (indices,), {"depth": out.shape[1], "dtype": out.dtype, "out": out}
    )


def waitall():
    """Waits for everything queued; raises the first error that no wait has reported."""
    _treadle.wait_all()


def save(fname, data):
    """Writes arrays to a file: an NDArray, a list, or a dict by name."""
    if isinstance(data, NDArray):
        data = [data]
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
    return _loaded(_treadle.arrays_from_bytes(bytes(buf)))


def _loaded(file):
    arrays, names = file
    arrays = [None if handle is None else NDArray(handle) for handle in arrays]
    return dict(zip(names, arrays)) if names else arrays


def _make(name):
    extra = {
        "out": "NDArray or list of them, written instead of new ones",
        "ctx": "Context, for an " "operator without inputs",
    }
    return make_function(name, "NDArray", extra, invoke, __name__)


__getattr__, __dir__ = namespace(__name__, globals(), _make, __all__)
