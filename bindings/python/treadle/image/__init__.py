"""Images: decoded, resized, cut and augmented in the engine, and iterators over files of them.

An image is an array (height, width, channels), red first. `mx.image.image` has what works on images
alone, `mx.image.detection` what works on images with boxes.
"""

from . import detection, image
from . import detection as det
from .detection import *  # noqa: F403
from .image import *  # noqa: F403

__all__ = sorted({*image.__all__, *detection.__all__, "det", "detection", "image"})
