"""Images, what changes them, and iterators over them, under the name that MXNet has for it."""

from . import _augment, _codec, _colour, _create, _iterator, _resize, _rotate, _transform
from ._augment import *  # noqa: F403
from ._codec import *  # noqa: F403
from ._colour import *  # noqa: F403
from ._create import *  # noqa: F403
from ._iterator import *  # noqa: F403
from ._resize import *  # noqa: F403
from ._rotate import *  # noqa: F403
from ._transform import *  # noqa: F403

__all__ = [
    name
    for module in (_codec, _resize, _transform, _rotate, _augment, _colour, _create, _iterator)
    for name in module.__all__
]
