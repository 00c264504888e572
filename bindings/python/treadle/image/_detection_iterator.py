"""Batches of images with objects."""

import logging

import numpy as np

from .. import ndarray as nd
from ..base import MXNetError
from ..io import DataDesc
from ._create import MEAN, STD
from ._detection_create import CreateDetAugmenter
from ._iterator import ImageIter

__all__ = ["ImageDetIter"]


def _draw_box(image, begin, end, colour, thickness):
    """Draws the border of a rectangle between two points (x, y) of a numpy image."""
    (x1, y1), (x2, y2) = begin, end
    lines = [(y1, y1, x1, x2), (y2, y2, x1, x2), (y1, y2, x1, x1), (y1, y2, x2, x2)]
    before, after = thickness // 2, (thickness + 1) // 2
    for top, bottom, left, right in lines:
        rows = slice(max(0, top - before), max(0, bottom + after))
        columns = slice(max(0, left - before), max(0, right + after))
        image[rows, columns] = colour


class ImageDetIter(ImageIter):
    """Batches of images with objects as arrays (batch, channels, height, width) of float32, with
    labels (batch, objects, width of an object), -1 where an image has fewer.

    The labels of an image, in a record or a list, are: the number n of the header's numbers, 2 or
    more, the number k of those of an object, 5 or more, the rest of the header, then for each
    object its class, left, top, right, bottom as parts of the image's width and height, and k - 5
    more. An object without an area is left out. An image whose objects the augmenters removed is
    skipped.

    Parameters are those of ImageIter; without `aug_list` the further arguments are those of
    CreateDetAugmenter.
    """

    def __init__(
        self,
        batch_size,
        data_shape,
        path_imgrec=None,
        path_imglist=None,
        path_root=None,
        path_imgidx=None,
        shuffle=False,
        part_index=0,
        num_parts=1,
        aug_list=None,
        imglist=None,
        data_name="data",
        label_name="label",
        last_batch_handle="pad",
        **kwargs
    ):
        super().__init__(
            batch_size,
            data_shape,
            path_imgrec=path_imgrec,
            path_imglist=path_imglist,
            path_root=path_root,
            path_imgidx=path_imgidx,
            shuffle=shuffle,
            part_index=part_index,
            num_parts=num_parts,
            aug_list=[],
            imglist=imglist,
            data_name=data_name,
            label_name=label_name,
            last_batch_handle=last_batch_handle,
        )
        self.auglist = CreateDetAugmenter(data_shape, **kwargs) if aug_list is None else aug_list
        self._label_name = label_name
        self._set_label_shape(self._estimate_label_shape())

    def _set_label_shape(self, shape):
        self.label_shape = tuple(shape)
        self.provide_label = [DataDesc(self._label_name, (self.batch_size, *shape))]

    def _estimate_label_shape(self):
        """The largest number of objects of an image, and the width of an object."""
        shapes = []
        self.reset()
        try:
            while True:
                shapes.append(self._parse_label(self.next_sample()[0]).shape)
        except StopIteration:
            self.reset()
        if not shapes:
            raise MXNetError("ImageDetIter: there are no images.")
        counts, widths = zip(*shapes)
        if len(set(widths)) > 1:
            raise MXNetError(
                "ImageDetIter: objects have %s numbers; as many in all images are expected."
                % sorted(set(widths))
            )
        return max(counts), widths[0]

    def _parse_label(self, label):
        """The objects (objects, width of an object) in an image's labels."""
        raw = np.ravel(label.asnumpy() if isinstance(label, nd.NDArray) else label)
        if raw.size < 7:
            raise MXNetError(
                "ImageDetIter: an image has %d labels; a header of 2 and an object of 5 are the "
                "least." % raw.size
            )
        header, width = int(raw[0]), int(raw[1])
        if header < 2 or width < 5 or (raw.size - header) % width != 0:
            raise MXNetError(
                "ImageDetIter: an image has %d labels, which are no header of %d and objects of %d."
                % (raw.size, header, width)
            )
        objects = raw[header:].reshape(-1, width)
        valid = (objects[:, 3] > objects[:, 1]) & (objects[:, 4] > objects[:, 2])
        if not valid.any():
            raise MXNetError("ImageDetIter: an image has no object with an area.")
        return objects[valid]

    def _check_valid_label(self, label):
        """Raises a RuntimeError where augmented labels have no object."""
        if label.ndim != 2 or label.shape[1] < 5:
            raise RuntimeError(
                "Labels have shape %s; (objects, 5 or more) is expected." % (label.shape,)
            )
        valid = (label[:, 0] >= 0) & (label[:, 3] > label[:, 1]) & (label[:, 4] > label[:, 2])
        if not valid.any():
            raise RuntimeError("Labels have no object with an area.")

    def _accepted(self, image, label):
        self.check_valid_image([image])
        image, label = self.augmentation_transform(image, self._parse_label(label))
        self._check_valid_label(label)  # augmenters may have lost all objects
        return image, label

    def _samples(self, image, label):
        return [(image, label)]

    def _write_label(self, batch_label, i, label):
        if label.shape[0] > self.label_shape[0] or label.shape[1] != self.label_shape[1]:
            raise ValueError(
                "ImageDetIter: an image has labels of shape %s; label_shape is %s."
                % (label.shape, self.label_shape)
            )
        row = np.full(self.label_shape, -1, np.float32)
        row[: label.shape[0]] = label
        batch_label[i] = row

    def _empty_batch(self):
        data, label = super()._empty_batch()
        label[:] = -1
        return data, label

    def augmentation_transform(self, data, label):
        """What the augmenters make of an image and its objects."""
        for augmenter in self.auglist:
            data, label = augmenter(data, label)
        return data, label

    def reshape(self, data_shape=None, label_shape=None):
        """Gives batches another shape of data (3, height, width), for which the augmenters must
        make the images, or room for more objects (objects, width of an object)."""
        if data_shape is not None:
            self.check_data_shape(data_shape)
            self.data_shape = tuple(data_shape)
            name = self.provide_data[0].name
            self.provide_data = [DataDesc(name, (self.batch_size, *data_shape))]
        if label_shape is not None:
            self.check_label_shape(label_shape)
            self._set_label_shape(label_shape)
        self._cache = None  # of the former shape

    def check_label_shape(self, label_shape):
        """Raises a ValueError where labels of that shape would not have room for all objects."""
        if len(label_shape) != 2:
            raise ValueError(
                "label_shape is %s; (objects, width of an object) is expected." % (label_shape,)
            )
        if label_shape[0] < self.label_shape[0]:
            raise ValueError(
                "label_shape has room for %d objects; an image has %d."
                % (label_shape[0], self.label_shape[0])
            )
        if label_shape[1] != self.label_shape[1]:
            raise ValueError(
                "label_shape gives an object %d numbers; it has %d."
                % (label_shape[1], self.label_shape[1])
            )

    def sync_label_shape(self, it, verbose=False):
        """Gives this iterator and another one room for as many objects as either has; the other
        one."""
        if not isinstance(it, ImageDetIter):
            raise TypeError(
                "sync_label_shape is given %r; an ImageDetIter is expected." % type(it).__name__
            )
        if it.label_shape[1] != self.label_shape[1]:
            raise ValueError(
                "Objects have %d numbers in one iterator and %d in the other."
                % (self.label_shape[1], it.label_shape[1])
            )
        shape = (max(self.label_shape[0], it.label_shape[0]), self.label_shape[1])
        for one in (self, it):
            if one.label_shape != shape:
                one.reshape(label_shape=shape)
                if verbose:
                    logging.info("Resized label_shape to %s.", shape)
        return it

    def draw_next(
        self,
        color=None,
        thickness=2,
        mean=None,
        std=None,
        clip=True,
        waitKey=None,  # noqa: N803
        window_name="draw_next",
        id2labels=None,
    ):
        """Goes through the images, as numpy arrays (height, width, channels) of uint8, blue first,
        with boxes drawn in the colour (red, green, blue) or one that `numpy.random` draws.

        `mean` and `std`, arrays or True, undo a normalisation, `clip` keeps values within 0 and
        255. To write the names that `id2labels` has for classes, and to show images in a window for
        `waitKey` milliseconds, OpenCV's module cv2 is needed.
        """
        cv2 = None
        if waitKey is not None or id2labels is not None:
            try:
                import cv2
            except ImportError:
                raise MXNetError(
                    "draw_next: the module cv2 is needed for windows and names, and is not there; "
                    "leave out waitKey and id2labels."
                ) from None
        mean, std = (MEAN if mean is True else mean), (STD if std is True else std)
        while True:
            try:
                label, file = self.next_sample()
            except StopIteration:
                return
            image = self.imdecode(file)
            try:
                image, label = self._accepted(image, label)
            except RuntimeError as error:
                logging.debug("Invalid image, skipping: %s", error)
                continue
            image = image.asnumpy() * (1 if std is None else std) + (0 if mean is None else mean)
            if clip:
                image = np.clip(image, 0, 255)
            image = np.ascontiguousarray(image[:, :, ::-1].astype(np.uint8))
            height, width = image.shape[:2]
            for kind, *box in label[:, :5]:
                if box[0] < 0:
                    continue
                x1, y1, x2, y2 = (int(at * size) for at, size in zip(box, (width, height) * 2))
                colour = np.random.rand(3) * 255 if color is None else color[::-1]
                _draw_box(image, (x1, y1), (x2, y2), colour, thickness)
                if id2labels is not None and int(kind) in id2labels:
                    place, font = (x1 + 5, y1 + 17), cv2.FONT_HERSHEY_SIMPLEX
                    name = str(id2labels[int(kind)])
                    cv2.putText(image, name, place, font, 0.5, (255, 255, 255), 2)
            if waitKey is not None:
                cv2.imshow(window_name, image)
                cv2.waitKey(waitKey)
            yield image
