"""Parts of images, borders around them, colours brought to a range."""

import random
import warnings

import numpy as np

from .. import ndarray as nd
from ..base import numeric_types
from ._resize import extents, imresize

__all__ = [
    "scale_down",
    "fixed_crop",
    "random_crop",
    "center_crop",
    "random_size_crop",
    "color_normalize",
    "copyMakeBorder",
]


def scale_down(src_size, size):
    """The size (width, height) of a part, made smaller in proportion until it fits the image of
    size `src_size`.

    >>> mx.image.scale_down((640, 480), (720, 120))
    (640, 106)
    """
    (width, height), (w, h) = src_size, size
    if height < h:
        w, h = float(w * height) / h, height
    if width < w:
        w, h = width, float(h * width) / w
    return int(w), int(h)


def fixed_crop(src, x0, y0, w, h, size=None, interp=2):
    """The part (h, w, channels) of an image that begins at column x0 and row y0, resized to `size`
    (width, height) if that is given and another.

    >>> mx.image.fixed_crop(mx.nd.zeros((10, 20, 3)), 5, 2, 8, 4).shape
    (4, 8, 3)
    """
    height, width = extents(src, "fixed_crop")
    if not (0 <= x0 < width and 0 <= y0 < height and w > 0 and h > 0):
        raise ValueError(
            "fixed_crop: %d x %d pixels from column %d and row %d are to be cut from an image "
            "%d wide and %d high; nothing would be left." % (w, h, x0, y0, width, height)
        )
    part = nd.slice(
        src, begin=(y0, x0, 0), end=(min(y0 + h, height), min(x0 + w, width), src.shape[2])
    )
    return part if size is None or (w, h) == tuple(size) else imresize(part, *size, interp)


def random_crop(src, size, interp=2):
    """A part of `size` (width, height) from anywhere, and its place (x, y, width, height). Of a
    smaller image it is the largest part of that shape, resized."""
    height, width = extents(src, "random_crop")
    w, h = scale_down((width, height), size)
    place = (random.randint(0, width - w), random.randint(0, height - h), w, h)
    return fixed_crop(src, *place, size, interp), place


def center_crop(src, size, interp=2):
    """The middle of an image, at `size` (width, height), and its place (x, y, width, height). Of a
    smaller image it is the largest part of that shape, resized.

    >>> part, place = mx.image.center_crop(mx.nd.zeros((10, 20, 3)), (8, 4))
    >>> part.shape, place
    ((4, 8, 3), (6, 3, 8, 4))
    """
    height, width = extents(src, "center_crop")
    w, h = scale_down((width, height), size)
    place = ((width - w) // 2, (height - h) // 2, w, h)
    return fixed_crop(src, *place, size, interp), place


def random_size_crop(src, size, area=None, ratio=None, interp=2, *, min_area=None):
    """A part of random area and shape, resized to `size` (width, height), and its place (x, y,
    width, height).

    `area` is the smallest and the largest share of the image, or the smallest alone; `ratio` the
    smallest and the largest width for a height. After ten parts that do not fit, the middle is
    taken. `min_area` is the name that `area` had in the first releases.
    """
    height, width = extents(src, "random_size_crop")
    low, high = area_range(area, min_area, "random_size_crop")
    if ratio is None:
        raise TypeError("random_size_crop: ratio is missing.")
    for _ in range(10):
        wanted = random.uniform(low, high) * (height * width)
        shape = np.exp(random.uniform(np.log(ratio[0]), np.log(ratio[1])))
        w, h = int(round(np.sqrt(wanted * shape))), int(round(np.sqrt(wanted / shape)))
        if 0 < w <= width and 0 < h <= height:
            place = (random.randint(0, width - w), random.randint(0, height - h), w, h)
            return fixed_crop(src, *place, size, interp), place
    return center_crop(src, size, interp)


def area_range(area, min_area, who):
    """Smallest and largest share of the image, from what a user gave."""
    if min_area is not None:
        warnings.warn("min_area is now called area.", DeprecationWarning, stacklevel=3)
        area = min_area
    if area is None:
        raise TypeError("%s: area is missing." % who)
    return (area, 1.0) if isinstance(area, numeric_types) else area


def color_normalize(src, mean, std=None):
    """(src - mean) / std in the place of `src`, a float image (height, width, channels); mean and
    std have a number for each channel or one for all, and either may be None."""
    if mean is not None:
        src -= mean
    if std is not None:
        src /= std
    return src


# What lies outside an image of extent n at position i - before, by OpenCV's numbers of the kinds.
_BORDERS = {
    1: lambda i, n: np.clip(i, 0, n - 1),
    2: lambda i, n: np.where(i % (2 * n) < n, i % (2 * n), 2 * n - 1 - i % (2 * n)),
    3: lambda i, n: i % n,
    4: lambda i, n: (n - 1) - np.abs((n - 1) - i % (2 * n - 2)) if n > 1 else i * 0,
}
_ISOLATED = 16  # a flag that says: not from beyond a part of a larger image; here it never is


def copyMakeBorder(  # noqa: N802
    src, top, bot, left, right, type=0, value=0.0, values=(), out=None  # noqa: A002
):
    """An image (height, width, channels) with a border, as (top + height + bot, left + width +
    right, channels). `type` is 0 for a border of one colour, `values` with a number for each
    channel or `value` for all of them, 1 for the nearest element, 2 mirrored, 3 repeated, 4
    mirrored without the edge itself.

    >>> image = mx.nd.array([[[1], [2], [3]]])
    >>> mx.image.copyMakeBorder(image, 0, 0, 2, 1, type=2).asnumpy().ravel().tolist()
    [2.0, 1.0, 1.0, 2.0, 3.0, 3.0]
    """
    height, width = extents(src, "copyMakeBorder")
    channels, kind = src.shape[2], type & ~_ISOLATED
    if kind != 0 and kind not in _BORDERS:
        raise ValueError("copyMakeBorder: type is %r; 0 to 4 is expected." % (type,))
    if min(top, bot, left, right) < 0:
        raise ValueError(
            "copyMakeBorder: widths are %s; none may be negative." % ((top, bot, left, right),)
        )
    if kind == 0:
        colour = np.atleast_1d(np.asarray(values, np.float64))
        if colour.size == 0:
            colour = np.array([value], np.float64)
        if colour.size != 1:
            colour = colour[:channels]
        if colour.shape not in ((1,), (channels,)):
            raise ValueError(
                "copyMakeBorder: values are %s; %d are expected, one for each channel."
                % (values, channels)
            )
        shape = (top + height + bot, left + width + right, channels)
        if np.issubdtype(src.dtype, np.integer):
            kind = np.iinfo(src.dtype)
            colour = np.clip(np.rint(colour), kind.min, kind.max)
        made = nd.array(np.broadcast_to(colour, (1, 1, channels)), dtype=src.dtype)
        made = nd.broadcast_to(made, shape=shape)
        made = nd._internal._slice_assign(
            made, src, begin=(top, left, 0), end=(top + height, left + width, channels)
        )
    else:
        made = src
        for axis, before, after in ((0, top, bot), (1, left, right)):
            extent = src.shape[axis]
            place = _BORDERS[kind](np.arange(-before, extent + after), extent)
            made = nd.take(made, nd.array(place.astype(np.int32), dtype="int32"), axis=axis)
    if out is None:
        return made
    out[:] = made
    return out
