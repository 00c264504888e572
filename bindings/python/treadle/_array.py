"""The array itself: its properties, its parts, and how it goes to and from the host."""

import ctypes
import weakref

import numpy as np

from . import _array_indexing as indexing
from . import _treadle
from ._array_arithmetic import Arithmetic
from ._invoke import invoke
from ._operators import get_operator
from .base import (
    MXNetError,
    NDArrayHandle,
    SizeError,
    dtype_name,
    host_type,
    is_scalar,
    mx_real_t,
    numpy_type,
    param_text,
    refuse_numpy,
)
from .context import Context, current_context

# Arrays that ctypes was given.
_by_address = weakref.WeakValueDictionary()


class NDArray(Arithmetic):
    """An array of numbers of one type, row-major. Slices are views where they are one piece of
    memory.

        a = mx.nd.ones((2, 3))
        b = (a * 2 + 1).asnumpy()
    """

    __slots__ = ["handle", "_grad", "__weakref__"]

    def __init__(self, handle, writable=True):
        if type(handle) is NDArrayHandle:
            handle = _by_address[handle.value].handle
        self.handle, self._grad = handle, None

    @property
    def _as_parameter_(self):
        """For ctypes: a number that stands for this array."""
        _by_address[id(self)] = self
        return ctypes.c_void_p(id(self))

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
    def writable(self):
        """True: every array can be written."""
        return True

    @property
    def stype(self):
        """The kind of storage, of which there is one, 'default'."""
        return "default"

    @staticmethod
    def _basic_indexing_slice_is_contiguous(slc_key, full_shape):
        return indexing.is_one_piece(slc_key, full_shape)

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

    def __index__(self):
        value = self.asscalar()
        if value != int(value):
            raise TypeError("%r is no index." % (value,))
        return int(value)

    def __bool__(self):
        if self.size == 0:
            return False
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

    def __setstate__(self, state):
        """Takes what MXNet's pickles have: the bytes of an array under 'handle'."""
        made = state["handle"]
        self.handle = None if made is None else _treadle.array_from_bytes(bytes(made))
        self._grad = None

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, _):
        return self.copy()

    def __getitem__(self, key):
        """A view where the part is one piece of memory, a copy otherwise."""
        key = indexing.on_host(key, NDArray)
        part = indexing.view(self, key)
        if part is not None:
            return part
        part = self._like(self.asnumpy()[key])
        if not (_treadle.is_recording() and _treadle.is_on_tape(self.handle)):
            return part

        def gradient(out_grads):
            host = np.zeros(self.shape, host_type(self.handle.dtype))
            np.add.at(host, key, NDArray(out_grads[0]).asnumpy().reshape(host[key].shape))
            return [self._like(host).handle]

        return NDArray(
            _treadle.record_function("index", [self.handle], [part.handle], gradient)[0]
        )

    def __setitem__(self, key, value):
        """Assigns a number, a numpy array or an NDArray. Refused while autograd records and a
        gradient would go through this array or the value: there is none for assignments."""
        if _treadle.is_recording() and any(
            isinstance(one, NDArray) and _treadle.is_on_tape(one.handle) for one in (self, value)
        ):
            raise MXNetError(
                "Inplace operations (+=, -=, x[:]=, etc) are not supported when recording with "
                "autograd where they assign: an array of shape %s is assigned to, and no gradient "
                "would come through that. Make a new array of the parts, or assign within "
                "autograd.pause()." % (self.shape,)
            )
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
        try:
            return NDArray(self.handle.reshape(shape))
        except MXNetError as error:
            raise SizeError(str(error)) from None

    def _reshaped(self, operator, inplace, params):
        """What an operator gives that changes the shape alone: a copy, or a view of this array."""
        if not inplace:
            return invoke(get_operator(operator), (self,), params)
        text = {key: param_text(value) for key, value in params.items() if value is not None}
        return self.reshape(_treadle.output_shapes(operator, text, [self.shape])[0])

    def flatten(self, inplace=False):
        """Rows of all that follows the first axis; with `inplace` as a view."""
        return self._reshaped("Flatten", inplace, {})

    def squeeze(self, axis=None, inplace=False):
        """Without axes of extent 1; with `inplace` as a view."""
        return self._reshaped("squeeze", inplace, {"axis": axis})

    def expand_dims(self, axis, inplace=False):
        """With one more axis of extent 1; with `inplace` as a view."""
        return self._reshaped("expand_dims", inplace, {"axis": axis})

    def broadcast_to(self, shape):
        """The array repeated along axes of extent 1, and along new first ones."""
        shape = tuple(shape)
        lead = len(shape) - self.ndim
        source = self.reshape((1,) * lead + self.shape) if lead > 0 else self
        return invoke(get_operator("broadcast_to"), (source,), {"shape": shape})

    def slice(self, begin, end, step=None):
        """Rows from `begin` to `end`, as a view; with tuples a part along several axes, copied."""
        if isinstance(begin, int) and isinstance(end, int) and step is None:
            return NDArray(self.handle.slice(begin, end))
        params = {"begin": begin, "end": end}
        if step is not None:
            params["step"] = step
        return invoke(get_operator("slice"), (self,), params)

    def _slice(self, start, stop):
        start, stop, _ = slice(start, stop).indices(self.shape[0])
        return NDArray(self.handle.slice(start, max(start, stop)))

    def _at(self, idx):
        return self[idx]

    def wait_to_read(self):
        """Returns when what is queued for this array has ended; raises its error."""
        self.handle.wait()

    wait_to_write = wait_to_read

    def tostype(self, stype):
        """The array itself: there is one kind of storage, 'default'."""
        if stype != "default":
            from .ndarray.sparse import refuse

            refuse("tostype(%r)" % stype)
        return self

    def slice_assign(self, rhs, begin, end, step):
        """Writes an array to the part between `begin` and `end`, with `step`; gives this array."""
        params = {"begin": begin, "end": end, "step": step, "out": self}
        return invoke(get_operator("_slice_assign"), (self, rhs), params)

    def slice_assign_scalar(self, value, begin, end, step):
        """Writes a number to the part between `begin` and `end`, with `step`; gives this array."""
        params = {"scalar": value, "begin": begin, "end": end, "step": step, "out": self}
        return invoke(get_operator("_slice_assign_scalar"), (self,), params)

    def as_nd_ndarray(self):
        return self

    def as_np_ndarray(self):
        """Refused: there is no numpy mode."""
        refuse_numpy("as_np_ndarray")

    def split_v2(self, indices_or_sections, axis=0, squeeze_axis=False):
        """As mx.nd.split_v2, of this array."""
        from ._array_functions import split_v2

        return split_v2(self, indices_or_sections, axis, squeeze_axis)

    def to_dlpack_for_read(self):
        """The array for another library, which must not write it."""
        return self.__dlpack__()

    to_dlpack_for_write = to_dlpack_for_read

    def __dlpack__(self, **_):
        self.wait_to_read()
        return _treadle.share_array(self.handle)

    def __dlpack_device__(self):
        kind, number = self.handle.device
        return {1: 1, 2: 2, 3: 3}.get(kind, 1), number if kind == 2 else 0

    @property
    def grad(self):
        """Where backward writes the gradient with respect to this array; None if it is not marked."""
        return self._grad

    @property
    def _fresh_grad(self):
        """Whether backward has reached this variable since that was last set to False."""
        return _treadle.has_fresh_gradient(self.handle)

    @_fresh_grad.setter
    def _fresh_grad(self, is_fresh):
        _treadle.set_fresh_gradient(self.handle, bool(is_fresh))

    def attach_grad(self, grad_req="write", stype=None):
        """Makes the array a variable for autograd, with a gradient of zeros."""
        if stype is not None:
            self.tostype(stype)
        from .autograd import mark_variables

        self.handle = _treadle.detach(self.handle)
        zeros = _treadle.Array.full(self.shape, 0, self.handle.dtype, self.handle.device)
        mark_variables([self], [NDArray(zeros)], [grad_req])

    def detach(self):
        """The same array, through which no gradient goes."""
        return NDArray(_treadle.detach(self.handle))

    def backward(self, out_grad=None, retain_graph=False, train_mode=True):
        """Computes the gradients of the marked variables that this array was made of."""
        heads = [None if out_grad is None else out_grad.handle]
        _treadle.backward([self.handle], heads, bool(retain_graph))


def _unpickle(data, context):
    kind, number = context.rstrip(")").split("(")
    made = NDArray(_treadle.array_from_bytes(data))
    return made.as_in_context(Context(kind, int(number)))


def _shape(shape):
    return (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(map(int, shape))


def empty(shape, ctx=None, dtype=mx_real_t, stype="default"):
    """An array whose values are not set."""
    if stype not in (None, "default"):
        from .ndarray.sparse import refuse

        refuse("empty(stype=%r)" % stype)
    return NDArray(
        _treadle.Array.empty(_shape(shape), dtype_name(dtype), _device(ctx)._pair)
    )


def _device(ctx):
    """The context given, by object or as text, else the current one."""
    if isinstance(ctx, str):
        kind, _, number = ctx.partition("(")
        return Context(kind, int(number.rstrip(")") or 0))
    return ctx or current_context()


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
    # A number makes an array of one element, which operators take; numpy's scalars stay scalars.
    made = empty((1,) if is_scalar(source_array) else host.shape, ctx, name)
    made._write(host.reshape(made.shape))
    return made
