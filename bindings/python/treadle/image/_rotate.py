"""Images turned about their centre."""

import math
from numbers import Number

import numpy as np

from .. import ndarray as nd

__all__ = ["imrotate", "random_rotate"]


def _zoom(degrees, height, width, zooms_in):
    """What the grid of each angle is multiplied by, to show no border or to lose no corner."""
    turn, corner = np.abs(np.radians(degrees)), math.atan2(height, width)
    reach = math.hypot(height, width)
    wide = reach * np.maximum(np.abs(np.cos(corner + turn)), np.abs(np.cos(corner - turn)))
    high = reach * np.maximum(np.abs(np.sin(corner + turn)), np.abs(np.sin(corner - turn)))
    if zooms_in:
        return np.minimum(width / wide, height / high)
    return np.maximum(wide / width, high / height)


def imrotate(src, rotation_degrees, zoom_in=False, zoom_out=False):
    """An image (channels, height, width) or several (count, channels, height, width) of float32,
    turned by an angle, or by one for each, against the clock. With zoom_in nothing outside of the
    image is seen, with zoom_out all of the image.

    >>> image = mx.nd.array([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]])
    >>> mx.nd.rint(mx.image.imrotate(image, 180)).asnumpy()[0].tolist()
    [[9.0, 8.0, 7.0], [6.0, 5.0, 4.0], [3.0, 2.0, 1.0]]
    """
    if zoom_in and zoom_out:
        raise ValueError("imrotate: zoom_in and zoom_out are both asked for; one is possible.")
    if src.dtype != np.float32:
        raise TypeError("imrotate: the image is of %s; float32 is expected." % src.dtype.__name__)
    if src.ndim not in (3, 4):
        raise ValueError(
            "imrotate: the image has shape %s; (channels, height, width), or that with a count "
            "before it, is expected." % (src.shape,)
        )
    if src.ndim == 3:
        if not isinstance(rotation_degrees, Number):
            raise TypeError("imrotate: one image is turned by one angle, a number.")
        return imrotate(src.expand_dims(axis=0), rotation_degrees, zoom_in, zoom_out)[0]
    count, _, height, width = src.shape
    if isinstance(rotation_degrees, Number):
        degrees = np.full(count, rotation_degrees, np.float64)
    elif isinstance(rotation_degrees, nd.NDArray):
        degrees = rotation_degrees.asnumpy().astype(np.float64)
    else:
        degrees = np.asarray(rotation_degrees, np.float64)
    if degrees.shape != (count,):
        raise ValueError(
            "imrotate: there are %d images and angles of shape %s; one for each is expected."
            % (count, degrees.shape)
        )
    if min(height, width) < 2:
        raise ValueError(
            "imrotate: an image of %d x %d pixels has no extent to turn; at least 2 x 2 are "
            "expected." % (height, width)
        )
    zoom = _zoom(degrees, height, width, zoom_in) if zoom_in or zoom_out else np.ones(count)
    cosine, sine = np.cos(np.radians(degrees)) * zoom, np.sin(np.radians(degrees)) * zoom
    # Places are divided by half the extents only after the turn, which keeps the shape.
    half_x, half_y = (width - 1) / 2, (height - 1) / 2
    turns = [[cosine, -sine * half_y / half_x], [sine * half_x / half_y, cosine]]
    zeros = np.zeros((count, 2, 1))
    affine = np.concatenate([np.array(turns).transpose(2, 0, 1), zeros], axis=2)
    affine = nd.array(affine.reshape(count, 6), ctx=src.context)
    grid = nd.GridGenerator(affine, transform_type="affine", target_shape=(height, width))
    return nd.BilinearSampler(src, grid)


def random_rotate(src, angle_limits, zoom_in=False, zoom_out=False):
    """imrotate by an angle, or one for each image, that `numpy.random` draws between the two
    limits."""
    if src.ndim == 3:
        degrees = np.random.uniform(*angle_limits)
    else:
        degrees = np.random.uniform(*angle_limits, size=src.shape[0])
    return imrotate(src, degrees, zoom_in, zoom_out)
