"""Images: decoded, resized and cut in the engine."""

from . import _treadle
from .base import MXNetError, SizeError
from .ndarray import NDArray, array

__all__ = ["imdecode", "imencode", "imread", "imresize", "fixed_crop", "center_crop", "resize_short"]


def imdecode(buf, flag=1, to_rgb=True, out=None):
    """An image from the bytes of a JPEG or PNG file, as (height, width, channels) of uint8; `flag` 0
    gives grey. With to_rgb=False the channels are blue, green, red."""
    if not isinstance(buf, (bytes, bytearray, memoryview)):
        buf = buf.asnumpy().tobytes() if isinstance(buf, NDArray) else bytes(buf)
    image = NDArray(_treadle.decode_image(bytes(buf), 3 if flag else 1, bool(to_rgb)))
    if out is None:
        return image
    out[:] = image
    return out


def imread(filename, flag=1, to_rgb=True):
    """As imdecode, from a file."""
    try:
        with open(filename, "rb") as file:
            return imdecode(file.read(), flag, to_rgb)
    except OSError as error:
        raise MXNetError("%s cannot be read: %s." % (filename, error.strerror)) from None


def imencode(img, quality=95, img_fmt=".jpg"):
    """The bytes of a PNG file, or of a JPEG file of that quality, from an image with the channels
    blue, green, red."""
    if img_fmt.lower() not in (".jpg", ".jpeg", ".png"):
        raise ValueError("img_fmt is %r; '.jpg' or '.png' is expected." % (img_fmt,))
    if not isinstance(img, NDArray):
        img = array(img, dtype="uint8")
    if img.ndim == 2:
        img = img.reshape((*img.shape, 1))
    return _treadle.encode_image(img.handle, img_fmt.lower() == ".png", int(quality))


def imresize(src, w, h, interp=1):
    """The image at another size. `interp` 0 takes the nearest point, the other numbers that OpenCV
    has for ways to interpolate, 1 to 4, 9 and 10, all mean linearly."""
    if interp not in (0, 1, 2, 3, 4, 9, 10):
        raise SizeError("imresize: interp is %r; 0 to 4, 9 or 10 is expected." % (interp,))
    return NDArray(_treadle.resize_image(src.handle, int(w), int(h), interp != 0))


def fixed_crop(src, x0, y0, w, h, size=None, interp=2):
    """A part of an image, at `size` if that is given."""
    part = src[y0 : y0 + h].slice_axis(axis=1, begin=x0, end=x0 + w)
    return part if size is None or (w, h) == tuple(size) else imresize(part, *size, interp)


def center_crop(src, size, interp=2):
    """The middle of an image, and its place as x, y, width and height."""
    height, width = src.shape[:2]
    w, h = min(size[0], width), min(size[1], height)
    place = ((width - w) // 2, (height - h) // 2, w, h)
    return fixed_crop(src, *place, size, interp), place


def resize_short(src, size, interp=2):
    """The image with its shorter side `size` long."""
    height, width = src.shape[:2]
    if height > width:
        return imresize(src, size, size * height // width, interp)
    return imresize(src, size * width // height, size, interp)
