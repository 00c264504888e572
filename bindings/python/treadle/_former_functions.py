"""What old releases had among the operators of arrays under names of their own, though it works on
arrays alone: `mx.nd._internal._set_value(0.5, out=x)`."""

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

    return imresize(src, w, h, interp, out)


def _cvimread(filename, flag=1, to_rgb=True, out=None):
    """image.imread."""
    from .image import imread

    return imread(filename, flag, to_rgb, out)


def _cvcopyMakeBorder(  # noqa: N802
    src, top, bot, left, right, type=0, value=0.0, values=(), out=None  # noqa: A002
):
    """image.copyMakeBorder."""
    from .image import copyMakeBorder

    return copyMakeBorder(src, top, bot, left, right, type, value, values, out)


def _given(out):
    return {} if out is None else {"out": out}
