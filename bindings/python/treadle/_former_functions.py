"""What old releases had among the operators of arrays under names of their own, though it works on
arrays alone: `mx.nd._internal._set_value(0.5, out=x)`."""

import numpy as np

from . import ndarray as nd


def _set_value(src, out):
    """Every element of `out` = the number."""
    out[:] = src
    return out


def _copyto(src, out):
    """`out` = the array, which may be of another device."""
    return src.copyto(out)


def _onehot_encode(lhs, rhs, out=None):
    """Rows of zeros with a one at each index `lhs`, in the shape of `rhs`."""
    return nd.onehot_encode(lhs, rhs if out is None else out)


def _broadcast(src, axis, size, out=None):
    """The array, whose extent on `axis` is 1, repeated along it."""
    return nd.broadcast_axis(src, axis=axis, size=size, **_given(out))


def _random_gaussian(loc, scale, out):
    """Fills `out` with numbers of a normal distribution."""
    return nd.random.normal(loc, scale, shape=out.shape, out=out)


def _imdecode(mean, index, x0, y0, x1, y1, c, size, str_img, out=None):
    """nd.imdecode, with the number of bytes and a mean that may be an empty array."""
    has_mean = isinstance(mean, nd.NDArray) and mean.size > 0
    return nd.imdecode(
        str_img[:size], (x0, y0, x1, y1), out, index, c, mean if has_mean else None
    )


def _cvimdecode(buf, flag=1, to_rgb=True, out=None):
    """image.imdecode."""
    from .image import imdecode

    return imdecode(buf, flag, to_rgb, out)


def _cvimresize(src, w, h, interp=1, out=None):
    """image.imresize."""
    from .image import imresize

    return _into(out, imresize(src, w, h, interp))


# What lies outside an image of extent n at position i - before, by OpenCV's numbers of the kinds.
# np.pad has these modes, but before numpy 2 mirrors wrongly where a border is wider than the image.
_BORDERS = {
    1: lambda i, n: np.clip(i, 0, n - 1),
    2: lambda i, n: np.where(i % (2 * n) < n, i % (2 * n), 2 * n - 1 - i % (2 * n)),
    3: lambda i, n: i % n,
    4: lambda i, n: (n - 1) - np.abs((n - 1) - i % (2 * n - 2)) if n > 1 else i * 0,
}


def _cvcopyMakeBorder(src, top, bot, left, right, type=0, value=0.0, out=None):  # noqa: A002,N802
    """An image (height, width, channels) with a border: `type` 0 of the number `value`, 1 the
    nearest element, 2 mirrored, 3 repeated, 4 mirrored without the edge itself."""
    if type != 0 and type not in _BORDERS:
        raise ValueError("copyMakeBorder: type is %r; 0 to 4 is expected." % (type,))
    if min(top, bot, left, right) < 0:
        raise ValueError(
            "copyMakeBorder: widths are %s; none may be negative." % ((top, bot, left, right),)
        )
    image = src.asnumpy()
    if type == 0:
        widths = ((top, bot), (left, right)) + ((0, 0),) * (image.ndim - 2)
        made = np.pad(image, widths, constant_values=value)
    else:
        rows, columns = image.shape[:2]
        show = _BORDERS[type]
        made = image[show(np.arange(-top, rows + bot), rows)]
        made = made[:, show(np.arange(-left, columns + right), columns)]
    return _into(out, nd.array(np.ascontiguousarray(made), dtype=image.dtype))


def _given(out):
    return {} if out is None else {"out": out}


def _into(out, made):
    if out is None:
        return made
    out[:] = made
    return out
