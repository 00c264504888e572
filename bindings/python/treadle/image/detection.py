"""Images with objects in them: augmenters that move the boxes too, and an iterator, under the name
that MXNet has for them."""

from . import _detection_augment, _detection_create, _detection_iterator, _detection_region
from ._detection_augment import *  # noqa: F403
from ._detection_create import *  # noqa: F403
from ._detection_iterator import *  # noqa: F403
from ._detection_region import *  # noqa: F403

__all__ = [
    name
    for module in (_detection_augment, _detection_region, _detection_create, _detection_iterator)
    for name in module.__all__
]
