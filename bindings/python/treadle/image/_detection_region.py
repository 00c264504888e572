"""Augmenters for detection that draw a rectangle: a part of the image, or one around it."""

import logging
import random
import warnings
from math import sqrt

import numpy as np

from ..base import numeric_types
from ._detection_augment import DetAugmenter
from ._transform import copyMakeBorder, fixed_crop

__all__ = ["DetRandomCropAug", "DetRandomPadAug"]


def _range(value, name, who):
    """Smallest and largest, where one number stands for both."""
    if isinstance(value, (tuple, list)):
        return value
    if not isinstance(value, numeric_types):
        raise TypeError("%s: %s is %r; a number or two are expected." % (who, name, value))
    logging.info("Using fixed %s: %s in %s", name, value, who)
    return value, value


def _areas(boxes):
    """Areas of boxes (objects, 4)."""
    return np.maximum(0, boxes[:, 2] - boxes[:, 0]) * np.maximum(0, boxes[:, 3] - boxes[:, 1])


class _Proposer(DetAugmenter):
    """What draws a rectangle: `_propose` gives its place and the labels in it."""

    _least_area = 0  # as part of the image; the largest area must be above that

    def __init__(self, **kwargs):
        who = type(self).__name__
        for name in ("aspect_ratio_range", "area_range"):
            kwargs[name] = _range(kwargs[name], name, who)
        super().__init__(**kwargs)
        self.__dict__.update(kwargs)
        self.enabled = True
        for name, (low, high), is_possible in (
            ("area_range", self.area_range, self.area_range[1] > self._least_area),
            ("aspect_ratio_range", self.aspect_ratio_range, self.aspect_ratio_range[0] > 0),
        ):
            if not is_possible or low > high:
                warnings.warn(
                    "%s does nothing: its %s is %s." % (who, name, (low, high)), stacklevel=3
                )
                self.enabled = False

    def _propose(self, label, height, width):
        """Left, top, width and height in pixels with the labels; None where no attempt does."""
        if not self.enabled or height <= 0 or width <= 0:
            return None
        least, most = (part * height * width for part in self.area_range)
        for _ in range(self.max_attempts):
            ratio = random.uniform(*self.aspect_ratio_range)
            if ratio <= 0:
                continue
            # At a width of ratio * h the area is ratio * h * h.
            low, high = (int(round(sqrt(area / ratio))) for area in (least, most))
            made = self._attempt(label, height, width, ratio, low, high, (least, most))
            if made is not None:
                return made
        return None


class DetRandomCropAug(_Proposer):
    """Cuts a rectangle out: what is left of the objects stays in the labels, those of which too
    little is left go.

    min_object_covered
        what part of every object that it touches the rectangle must cover.
    aspect_ratio_range, area_range
        smallest and largest width for a height, and part of the image's area.
    min_eject_coverage
        an object stays if more than this part of it is left.
    max_attempts
        after as many rectangles that do not do, the image stays as it is.
    """

    def __init__(
        self,
        min_object_covered=0.1,
        aspect_ratio_range=(0.75, 1.33),
        area_range=(0.05, 1.0),
        min_eject_coverage=0.3,
        max_attempts=50,
    ):
        super().__init__(
            min_object_covered=min_object_covered,
            aspect_ratio_range=aspect_ratio_range,
            area_range=area_range,
            min_eject_coverage=min_eject_coverage,
            max_attempts=max_attempts,
        )

    def __call__(self, src, label):
        made = self._propose(label, *src.shape[:2])
        if made is None:
            return src, label
        return fixed_crop(src, *made[:4]), made[4]

    def _attempt(self, label, height, width, ratio, low, high, areas):
        if round(high * ratio) > width:
            high = int((width + 0.4999999) / ratio)  # the largest whose width, rounded, fits
        high = min(high, height)
        h = min(low, high)
        if h < high:
            h = random.randint(h, high)
        w = int(round(h * ratio))
        # Rounding may have left the range by a row.
        if w * h < areas[0]:
            h += 1
            w = int(round(h * ratio))
        if w * h > areas[1]:
            h -= 1
            w = int(round(h * ratio))
        if not (areas[0] <= w * h <= areas[1] and 0 <= w <= width and 0 <= h <= height):
            return None
        y, x = random.randint(0, height - h), random.randint(0, width - w)
        if w * h < 2 or not self._covers_enough(label, x, y, w, h, height, width):
            return None
        left = self._left(label, x / width, y / height, w / width, h / height)
        return None if left is None else (x, y, w, h, left)

    def _covers_enough(self, label, x, y, w, h, height, width):
        boxes = label[:, 1:5]
        areas = _areas(boxes)
        counted = areas * width * height > 2
        boxes, areas = boxes[counted], areas[counted]
        begin = np.array([x / width, y / height], label.dtype)
        end = np.array([(x + w) / width, (y + h) / height], label.dtype)
        covered = [np.maximum(boxes[:, :2], begin), np.minimum(boxes[:, 2:], end)]
        parts = _areas(np.concatenate(covered, axis=1)) / areas
        parts = parts[parts > 0]
        return parts.size > 0 and parts.min() > self.min_object_covered

    def _left(self, label, x, y, w, h):
        """Labels of what is left within a rectangle; None where too little is."""
        made = label.copy()
        place, size = np.array([[x, y, x, y], [w, h, w, h]], label.dtype)
        made[:, 1:5] = np.clip((label[:, 1:5] - place) / size, 0, 1)
        whole = _areas(label[:, 1:5])
        part = np.divide(_areas(made[:, 1:5]) * w * h, whole, where=whole > 0, out=whole * 0)
        stays = (made[:, 3] > made[:, 1]) & (made[:, 4] > made[:, 2])
        made = made[stays & (part > self.min_eject_coverage)]
        return made if len(made) else None


class DetRandomPadAug(_Proposer):
    """Puts an image anywhere into a larger one of the colour `pad_val`.

    aspect_ratio_range, area_range
        smallest and largest width for a height, and area as a multiple of the image's.
    max_attempts
        after as many rectangles that do not do, the image stays as it is.
    """

    _least_area = 1.0

    def __init__(
        self,
        aspect_ratio_range=(0.75, 1.33),
        area_range=(1.0, 3.0),
        max_attempts=50,
        pad_val=(128, 128, 128),
    ):
        if not isinstance(pad_val, (list, tuple, *numeric_types)):
            raise TypeError("DetRandomPadAug: pad_val is %r; numbers are expected." % (pad_val,))
        super().__init__(
            aspect_ratio_range=aspect_ratio_range,
            area_range=area_range,
            max_attempts=max_attempts,
            pad_val=pad_val,
        )

    def __call__(self, src, label):
        height, width = src.shape[:2]
        made = self._propose(label, height, width)
        if made is None:
            return src, label
        x, y, w, h, label = made
        borders = (y, h - y - height, x, w - x - width)
        return copyMakeBorder(src, *borders, values=self.pad_val), label

    def _attempt(self, label, height, width, ratio, low, high, areas):
        if round(low * ratio) < width:
            low = int((width + 0.499999) / ratio)
        h = min(max(low, height), high)
        if h < high:
            h = random.randint(h, high)
        w = int(round(h * ratio))
        if h - height < 2 or w - width < 2:
            return None  # so narrow a border is of no use
        y, x = random.randint(0, h - height), random.randint(0, w - width)
        made = label.copy()
        made[:, [1, 3]] = (label[:, [1, 3]] * width + x) / w
        made[:, [2, 4]] = (label[:, [2, 4]] * height + y) / h
        return x, y, w, h, made
