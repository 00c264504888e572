"""Images at another size."""

import random

import numpy as np

from .. import _treadle
from .. import ndarray as nd
from ..base import SizeError

__all__ = ["imresize", "resize_short"]

_NEAREST, _LINEAR, _CUBIC, _AREA, _LANCZOS, _AUTOMATIC, _RANDOM = 0, 1, 2, 3, 4, 9, 10


def extents(src, who):
    """Height and width of an image; a ValueError where it is none."""
    if not isinstance(src, nd.NDArray):
        raise TypeError("%s is given %r; an NDArray is expected." % (who, type(src).__name__))
    if src.ndim != 3:
        raise ValueError(
            "%s is given an array of shape %s; an image (height, width, channels) is expected."
            % (who, src.shape)
        )
    return src.shape[:2]


def _method(interp, old, new):
    """The way to interpolate, 0 to 4, that a number of OpenCV or MXNet means for that change of
    height and width."""
    if interp == _AUTOMATIC:
        if new[0] > old[0] and new[1] > old[1]:
            return _CUBIC
        return _AREA if new[0] < old[0] and new[1] < old[1] else _LINEAR
    if interp == _RANDOM:
        return random.randint(0, 4)
    if interp not in (_NEAREST, _LINEAR, _CUBIC, _AREA, _LANCZOS):
        raise SizeError("imresize: interp is %r; 0 to 4, 9 or 10 is expected." % (interp,))
    return interp


def _cubic(x):
    """Weight of a point at distances x, for a kernel of slope -0.75 at 1, as OpenCV has it."""
    x, slope = np.abs(x), -0.75
    near = ((slope + 2) * x - (slope + 3)) * x * x + 1
    far = ((slope * x - 5 * slope) * x + 8 * slope) * x - 4 * slope
    return np.where(x <= 1, near, np.where(x < 2, far, 0))


def _lanczos(x):
    return np.where(np.abs(x) < 4, np.sinc(x) * np.sinc(x / 4), 0)


# How many points each side of a place count, and the weight of one at a distance.
_KERNELS = {
    _LINEAR: (1, lambda x: np.maximum(0, 1 - np.abs(x))),
    _CUBIC: (2, _cubic),
    _LANCZOS: (4, _lanczos),
}


def _step(old, new):
    """How far apart in the old row the points of the new one are. Rounded twice, as in OpenCV:
    where a point falls on a border, the last bit decides."""
    return 1 / (new / old)


def _taps(method, old, new, shrinks):
    """Which of `old` points each of `new` ones is made of, and how much of each: arrays (new,
    taps). `shrinks` says whether both axes of the image become shorter or stay."""
    step, i = _step(old, new), np.arange(new)
    if method == _AREA and shrinks:
        begin = (i * step)[:, None]
        end = np.minimum(begin + step, old)
        points = np.floor(begin).astype(int) + np.arange(int(np.ceil(step)) + 1)
        weights = np.clip(np.minimum(points + 1, end) - np.maximum(points, begin), 0, None)
    else:
        at = (i + 0.5) * step - 0.5  # the centres of points are mapped
        if method == _AREA:
            # The borders of old points are kept: only a new point that lies across one is mixed.
            low = np.floor(i * step)
            share = (i + 1 - (low + 1) * (new / old)).astype(np.float32)
            at = low + np.where(share > 0, share - np.floor(share), 0)
            method = _LINEAR
        reach, kernel = _KERNELS[method]
        points = np.floor(at).astype(int)[:, None] + np.arange(1 - reach, reach + 1)
        weights = kernel(at[:, None] - points)
    # The edge goes on beyond the image.
    return np.clip(points, 0, old - 1), weights / weights.sum(axis=1, keepdims=True)


def _rows(src, points, weights):
    """The rows of a matrix that are weighted sums of some of another's."""
    taps = points.shape[1]
    points, weights = nd.array(points.T, dtype="int32"), nd.array(weights.T[:, :, None])
    made = nd.take(src, points[0], axis=0) * weights[0]
    for i in range(1, taps):
        made += nd.take(src, points[i], axis=0) * weights[i]
    return made


def _interpolate(src, new, method):
    """Resizes columns, then rows."""
    height, width, channels = src.shape
    shrinks = new[0] <= height and new[1] <= width
    made = src.astype("float32")
    if new[0] != height:
        made = _rows(made.reshape((height, -1)), *_taps(method, height, new[0], shrinks))
        made = made.reshape((new[0], width, channels))
    if new[1] != width:
        made = nd.transpose(made, axes=(1, 0, 2)).reshape((width, -1))
        made = _rows(made, *_taps(method, width, new[1], shrinks))
        made = nd.transpose(made.reshape((new[1], new[0], channels)), axes=(1, 0, 2))
    if np.issubdtype(src.dtype, np.integer):
        kind = np.iinfo(src.dtype)
        made = nd.clip(nd.floor(made + 0.5), kind.min, kind.max)
    return made.astype(src.dtype)


def imresize(src, w, h, interp=1, out=None):
    """The image (height, width, channels) as (h, w, channels). `interp` is 0 for the nearest point,
    1 linear, 2 cubic over 4x4 points, 3 for the mean over an area, 4 for Lanczos' kernel over 8x8
    points, 9 for 2 to enlarge, 3 to shrink and 1 to do both, 10 for one of 0 to 4 drawn by
    `random`.

    >>> mx.image.imresize(mx.nd.zeros((4, 6, 3)), 3, 8).shape
    (8, 3, 3)
    """
    old, new = extents(src, "imresize"), (int(h), int(w))
    if min(new) < 1 or new[0] * new[1] > 1 << 28 or min(old) < 1:
        raise SizeError(
            "imresize: an image of %d x %d pixels is to be brought to %d x %d; at least 1 and at "
            "most 2^28 are possible." % (*old, *new)
        )
    method = _method(interp, old, new)
    if method == _LINEAR and src.dtype == np.uint8:
        made = nd.NDArray(_treadle.resize_image(src.handle, new[1], new[0], True))
    elif method == _NEAREST:
        made = src
        for axis in (0, 1):
            place = np.arange(new[axis]) * _step(old[axis], new[axis])
            place = np.minimum(place, old[axis] - 1)
            made = nd.take(made, nd.array(place.astype(np.int32), dtype="int32"), axis=axis)
    else:
        made = _interpolate(src, new, method)
    if out is None:
        return made
    out[:] = made
    return out


def resize_short(src, size, interp=2):
    """The image with its shorter side `size` long.

    >>> mx.image.resize_short(mx.nd.zeros((10, 20, 3)), 5).shape
    (5, 10, 3)
    """
    height, width = extents(src, "resize_short")
    if height > width:
        return imresize(src, size, size * height // width, interp)
    return imresize(src, size * width // height, size, interp)
