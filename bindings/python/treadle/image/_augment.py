"""Augmenters: objects that make of an image another, most of them at random by `random`.

Called with an image (height, width, channels) they give one. Functions of a user's own may stand
for them, also those of the first releases, which give a list of images.
"""

import json
import random

import numpy as np

from .. import ndarray as nd
from ._resize import imresize, resize_short
from ._transform import area_range, center_crop, random_crop, random_size_crop

__all__ = [
    "Augmenter",
    "SequentialAug",
    "RandomOrderAug",
    "ResizeAug",
    "ForceResizeAug",
    "RandomCropAug",
    "RandomSizedCropAug",
    "CenterCropAug",
    "HorizontalFlipAug",
    "CastAug",
]


def plain(value):
    """A parameter as JSON can have it."""
    if isinstance(value, nd.NDArray):
        value = value.asnumpy()
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def augmented(augmenters, src):
    """What a row of augmenters makes of an image: one, or a list where they make more or fewer. Of
    a list they make a list."""
    images = src if isinstance(src, list) else [src]
    for augmenter in augmenters:
        made = []
        for image in images:
            result = augmenter(image)
            made.extend(result if isinstance(result, (list, tuple)) else [result])
        images = made
    return images[0] if len(images) == 1 and not isinstance(src, list) else images


class Dumped:
    """What has parameters, the arguments of `__init__`, that `dumps` writes."""

    def __init__(self, **kwargs):
        self._kwargs = {name: plain(value) for name, value in kwargs.items()}

    def dumps(self):
        """JSON text of the class's name in small letters and of the parameters.

        >>> mx.image.ResizeAug(40).dumps()
        '["resizeaug", {"size": 40, "interp": 2}]'
        >>> mx.image.DetHorizontalFlipAug(0.5).dumps()
        '["dethorizontalflipaug", {"p": 0.5}]'
        """
        return json.dumps([type(self).__name__.lower(), self._kwargs])


class Augmenter(Dumped):
    """What augmenters of images are; one has a method `__call__(src)`.

    The arguments of `__init__` are what `dumps` writes.
    """

    def __call__(self, src):
        raise NotImplementedError("%s has no __call__(src)." % type(self).__name__)


class _ToSize(Augmenter):
    def __init__(self, size, interp=2):
        super().__init__(size=size, interp=interp)
        self.size, self.interp = size, interp


class SequentialAug(Augmenter):
    """Applies the augmenters `ts` in their order."""

    def __init__(self, ts):
        super().__init__()
        self.ts = ts

    def dumps(self):
        """The class's name in small letters, and a list of what the augmenters dump."""
        return [type(self).__name__.lower(), [augmenter.dumps() for augmenter in self.ts]]

    def __call__(self, src):
        return augmented(self.ts, src)


class RandomOrderAug(SequentialAug):
    """Applies the augmenters `ts` in an order that is drawn at each call."""

    def __call__(self, src):
        random.shuffle(self.ts)
        return augmented(self.ts, src)


class ResizeAug(_ToSize):
    """Brings the shorter side to `size`: resize_short."""

    def __call__(self, src):
        return resize_short(src, self.size, self.interp)


class ForceResizeAug(_ToSize):
    """Brings an image to `size` (width, height), whatever shape it has: imresize."""

    def __call__(self, src):
        return imresize(src, *self.size, interp=self.interp)


class RandomCropAug(_ToSize):
    """Cuts `size` (width, height) from anywhere: random_crop."""

    def __call__(self, src):
        return random_crop(src, self.size, self.interp)[0]


class RandomSizedCropAug(Augmenter):
    """Cuts a part of random area and shape and resizes it to `size` (width, height):
    random_size_crop."""

    def __init__(self, size, area=None, ratio=None, interp=2, *, min_area=None):
        if min_area is not None:
            area = area_range(area, min_area, "RandomSizedCropAug")[0]
        super().__init__(size=size, area=area, ratio=ratio, interp=interp)
        if area is None or ratio is None:
            raise TypeError("RandomSizedCropAug: area and ratio are both needed.")
        self.size, self.area, self.ratio, self.interp = size, area, ratio, interp

    def __call__(self, src):
        return random_size_crop(src, self.size, self.area, self.ratio, self.interp)[0]


class CenterCropAug(_ToSize):
    """Cuts `size` (width, height) from the middle: center_crop."""

    def __call__(self, src):
        return center_crop(src, self.size, self.interp)[0]


class HorizontalFlipAug(Augmenter):
    """Swaps left and right with probability `p`."""

    def __init__(self, p):
        super().__init__(p=p)
        self.p = p

    def __call__(self, src):
        return nd.flip(src, axis=1) if random.random() < self.p else src


class CastAug(Augmenter):
    """Gives another element type, float32 unless said otherwise."""

    def __init__(self, typ="float32"):
        super().__init__(type=typ)
        self.typ = typ

    def __call__(self, src):
        return src.astype(self.typ)
