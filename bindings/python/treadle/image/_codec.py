"""Images from the bytes of files, and the bytes of files from images."""

from .. import _treadle
from ..base import MXNetError
from ..ndarray import NDArray, array

__all__ = ["imdecode", "imencode", "imread"]


def imdecode(buf, flag=1, to_rgb=True, out=None):
    """An image (height, width, channels) of uint8 from the bytes of a JPEG or PNG file; `flag` 0
    gives grey, with one channel. With to_rgb=False the channels are blue, green, red.

    >>> file = mx.image.imencode(mx.nd.zeros((4, 6, 3), dtype="uint8"), img_fmt=".png")
    >>> mx.image.imdecode(file).shape
    (4, 6, 3)
    """
    try:
        file = memoryview(buf.asnumpy() if isinstance(buf, NDArray) else buf).tobytes()
    except TypeError:
        raise ValueError(
            "imdecode is given %r; the bytes of an image are expected." % type(buf).__name__
        ) from None
    image = NDArray(_treadle.decode_image(file, 3 if flag else 1, bool(to_rgb)))
    if out is None:
        return image
    out[:] = image
    return out


def imread(filename, flag=1, to_rgb=True, out=None):
    """As imdecode, from a file."""
    try:
        with open(filename, "rb") as file:
            return imdecode(file.read(), flag, to_rgb, out)
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
