"""Functions of arrays and numbers that are not single operators, or choose among several."""

import numpy as np

from . import _treadle
from . import ndarray as nd
from ._array import NDArray, array
from ._array_arithmetic import _queue
from ._operators import has_operator
from .base import is_scalar


_NUMPY = {"lesser": "less", "lesser_equal": "less_equal", "modulo": "mod"}


def _binary(name, doc, same, broadcast, scalar, reverse=None):
    """A function of two arrays, or of an array and a number, in either order."""

    def function(lhs, rhs, out=None):
        for value in (lhs, rhs):
            if not isinstance(value, NDArray) and not is_scalar(value):
                raise TypeError(
                    "%s takes arrays and numbers; %r is given." % (name, value)
                )
        outputs = [] if out is None else [out.handle]
        if isinstance(lhs, NDArray) and isinstance(rhs, NDArray):
            alike = lhs.shape == rhs.shape or not has_operator(broadcast)
            made = _queue(same if alike else broadcast, [lhs.handle, rhs.handle], {}, outputs)
        elif isinstance(lhs, NDArray) or isinstance(rhs, NDArray):
            left = isinstance(lhs, NDArray)
            number, one = (rhs, lhs) if left else (lhs, rhs)
            operator = scalar if left else reverse or scalar
            made = _queue(operator, [one.handle], {"scalar": repr(float(number))}, outputs)
        else:
            return plain(lhs, rhs)
        if out is None:
            return NDArray(made)
        if _treadle.is_recording():
            out.handle = made
        return out

    plain = getattr(np, _NUMPY.get(name, name))
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


def _named(name, meaning, reverse=None):
    """One whose operators are called after it."""
    doc = "Elementwise %s of arrays and numbers, with broadcasting." % meaning
    return _binary(name, doc, "_" + name, "broadcast_" + name, "_%s_scalar" % name, reverse)


add = _binary(
    "add", "Elementwise sum.", "elemwise_add", "broadcast_add", "_plus_scalar"
)
subtract = _binary(
    "subtract",
    "Elementwise difference.",
    "elemwise_sub",
    "broadcast_sub",
    "_minus_scalar",
    "_rminus_scalar",
)
multiply = _binary(
    "multiply", "Elementwise product.", "elemwise_mul", "broadcast_mul", "_mul_scalar"
)
divide = _binary(
    "divide",
    "Elementwise quotient.",
    "elemwise_div",
    "broadcast_div",
    "_div_scalar",
    "_rdiv_scalar",
)
true_divide = divide
modulo = _binary(
    "modulo", "Elementwise remainder.", "_mod", "broadcast_mod", "_mod_scalar", "_rmod_scalar"
)
power = _binary(
    "power", "Elementwise power.", "_power", "broadcast_power", "_power_scalar", "_rpower_scalar"
)
maximum = _named("maximum", "larger")
minimum = _named("minimum", "smaller")
hypot = _named("hypot", "length of the hypotenuse")
equal = _named("equal", "equality")
not_equal = _named("not_equal", "inequality")
greater = _named("greater", "comparison, larger", reverse="_lesser_scalar")
greater_equal = _named(
    "greater_equal", "comparison, at least as large", reverse="_lesser_equal_scalar"
)
lesser = _named("lesser", "comparison, smaller", reverse="_greater_scalar")
lesser_equal = _named(
    "lesser_equal", "comparison, at most as large", reverse="_greater_equal_scalar"
)
logical_and = _named("logical_and", "and")
logical_or = _named("logical_or", "or")
logical_xor = _named("logical_xor", "exclusive or")


def concatenate(arrays, axis=0, always_copy=True):
    """Arrays put after each other along an axis."""
    if not arrays:
        raise ValueError("concatenate is given no arrays.")
    for one in arrays:
        if not isinstance(one, NDArray):
            raise TypeError("concatenate is given %r; NDArrays are expected." % (one,))
    if len(arrays) == 1:
        return arrays[0].copy() if always_copy else arrays[0]
    return nd.Concat(*arrays, dim=axis)


def moveaxis(tensor, source, destination):
    """The array with some axes moved elsewhere; the others keep their order. An axis may also be moved
    behind the last one, as in the first releases."""
    if isinstance(destination, int) and destination == tensor.ndim:
        destination = -1
    # numpy works the order out, on an array that has axis i of extent i and no memory of its own.
    probe = np.broadcast_to(0, range(tensor.ndim))
    return tensor.transpose(np.moveaxis(probe, source, destination).shape)


def onehot_encode(indices, out):
    """Writes rows of zeros with a one at each index to `out`."""
    out[:] = nd.one_hot(indices, depth=out.shape[1], dtype=out.dtype)
    return out


def histogram(a, bins=10, range=None):
    """Counts of the elements in bins, an array of edges or their number, and the edges."""
    if isinstance(bins, NDArray):
        return nd._internal._histogram(data=a, bins=bins)
    if range is None:
        host = a.asnumpy()
        range = (float(host.min()), float(host.max()))
    return nd._internal._histogram(data=a, bin_cnt=bins, range=range)


def split_v2(ary, indices_or_sections, axis=0, squeeze_axis=False):
    """The array cut into equal parts, or at the indices given."""
    extent = ary.shape[axis]
    if isinstance(indices_or_sections, int):
        if extent % indices_or_sections:
            raise ValueError(
                "An axis of %d is not cut into %d equal parts." % (extent, indices_or_sections)
            )
        size = extent // indices_or_sections
        cuts = list(range(0, extent, size)) + [extent]
    else:
        cuts = [0, *indices_or_sections, extent]
    parts = [
        nd.slice_axis(ary, axis=axis, begin=begin, end=end)
        for begin, end in zip(cuts[:-1], cuts[1:])
    ]
    if squeeze_axis:
        parts = [part.squeeze(axis=axis) for part in parts]
    return parts if len(parts) > 1 else parts[0]


def imdecode(
    str_img, clip_rect=(0, 0, 0, 0), out=None, index=0, channels=3, mean=None
):
    """An image from its bytes, as (1, channels, y, x); `clip_rect` cuts out x0, y0, x1, y1."""
    from .image import imdecode as decode

    image = decode(str_img, 1 if channels == 3 else 0).asnumpy().astype(np.float32)
    x0, y0, x1, y1 = clip_rect
    if x1 > x0 and y1 > y0:
        image = image[y0:y1, x0:x1]
    made = array(image.transpose(2, 0, 1)[None])
    if mean is not None:
        made = made - mean
    if out is None:
        return made
    out[index : index + 1] = made
    return out


def from_numpy(ndarray, zero_copy=True):
    """An array on the memory of a numpy array, which must not be written elsewhere then; a copy
    with zero_copy=False."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError("from_numpy is given %r; a numpy array is expected." % (ndarray,))
    if not zero_copy:
        return array(ndarray, dtype=ndarray.dtype)
    if not ndarray.flags["C_CONTIGUOUS"]:
        raise ValueError("Only arrays whose elements lie in order are shared; use zero_copy=False.")
    ndarray.flags["WRITEABLE"] = False
    return NDArray(_treadle.adopt_array(_Writable(ndarray)))


class _Writable:
    """DLPack hands out writable arrays alone; ours is marked read-only for numpy's users."""

    def __init__(self, source):
        self._source = source

    def __dlpack__(self, **kwargs):
        self._source.flags["WRITEABLE"] = True
        try:
            return self._source.__dlpack__(**{k: v for k, v in kwargs.items() if k == "stream"})
        finally:
            self._source.flags["WRITEABLE"] = False

    def __dlpack_device__(self):
        return self._source.__dlpack_device__()


def from_dlpack(dlpack):
    """An array on the memory of what another library shares: an object with __dlpack__, or the
    capsule that this gives, which can be taken once."""
    try:
        return NDArray(_treadle.adopt_array(dlpack))
    except TypeError:
        raise TypeError(
            "from_dlpack is given %r; an array of the host whose elements lie in order, or a DLPack "
            "capsule of one that nobody has taken, is expected." % (dlpack,)
        ) from None


def to_dlpack_for_read(data):
    """The array for another library, which must not write it."""
    return data.__dlpack__()


def to_dlpack_for_write(data):
    """The array for another library, which may write it."""
    return data.__dlpack__()
