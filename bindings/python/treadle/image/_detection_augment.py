"""Augmenters of images with objects.

Called with an image (height, width, channels) and labels, a numpy array (objects, 5 or more), they
give both. A label is a class, then the box: left, top, right, bottom as parts of the image's width
and height. Labels that are given are left as they are.
"""

import random

from .. import ndarray as nd
from ._augment import Augmenter, Dumped

__all__ = ["DetAugmenter", "DetBorrowAug", "DetRandomSelectAug", "DetHorizontalFlipAug"]


class DetAugmenter(Dumped):
    """What augmenters for detection are; one has a method `__call__(src, label)`.

    The arguments of `__init__` are what `dumps` writes.
    """

    def __call__(self, src, label):
        raise NotImplementedError("%s has no __call__(src, label)." % type(self).__name__)


class DetBorrowAug(DetAugmenter):
    """An augmenter of images that moves nothing, such as one of colours, used for detection."""

    def __init__(self, augmenter):
        if not isinstance(augmenter, Augmenter):
            raise TypeError(
                "DetBorrowAug is given %r; an Augmenter is expected." % type(augmenter).__name__
            )
        super().__init__(augmenter=augmenter.dumps())
        self.augmenter = augmenter

    def dumps(self):
        """The class's name in small letters, and what the augmenter dumps."""
        return [type(self).__name__.lower(), self.augmenter.dumps()]

    def __call__(self, src, label):
        return self.augmenter(src), label


class DetRandomSelectAug(DetAugmenter):
    """Applies one of the augmenters `aug_list`, drawn at each call, or with probability `skip_prob`
    none."""

    def __init__(self, aug_list, skip_prob=0):
        super().__init__(skip_prob=skip_prob)
        if not isinstance(aug_list, (list, tuple)):
            aug_list = [aug_list]
        for augmenter in aug_list:
            if not isinstance(augmenter, DetAugmenter):
                raise ValueError(
                    "DetRandomSelectAug is given %r; DetAugmenters are expected."
                    % type(augmenter).__name__
                )
        self.aug_list = list(aug_list)
        self.skip_prob = skip_prob if aug_list else 1

    def dumps(self):
        """The class's name in small letters, and a list of what the augmenters dump."""
        return [type(self).__name__.lower(), [augmenter.dumps() for augmenter in self.aug_list]]

    def __call__(self, src, label):
        if random.random() < self.skip_prob:
            return src, label
        random.shuffle(self.aug_list)
        return self.aug_list[0](src, label)


class DetHorizontalFlipAug(DetAugmenter):
    """Swaps left and right with probability `p`."""

    def __init__(self, p):
        super().__init__(p=p)
        self.p = p

    def __call__(self, src, label):
        if random.random() < self.p:
            src, label = nd.flip(src, axis=1), label.copy()
            label[:, [1, 3]] = 1.0 - label[:, [3, 1]]
        return src, label
