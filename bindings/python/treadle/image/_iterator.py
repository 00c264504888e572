"""Batches of images from files."""

import logging
import os
import random

import numpy as np

from .. import ndarray as nd
from ..base import MXNetError
from ..io import DataBatch, DataDesc, DataIter
from ..recordio import MXIndexedRecordIO, MXRecordIO, unpack
from ._augment import augmented
from ._codec import imdecode
from ._create import CreateAugmenter
from ._image_list import from_list, read_list

__all__ = ["ImageIter"]

_LABEL_TYPES = ("int32", "float32", "int64", "float64")


class ImageIter(DataIter):
    """Batches of images as arrays (batch, channels, height, width) of float32 with labels, from a
    RecordIO file or from files that a list names.

    data_shape
        (3, height, width) of each image; `aug_list`, augmenters or functions of an image, bring it
        there. Without one CreateAugmenter makes it of the further arguments.
    label_width
        how many labels an image has; labels are (batch,) for 1, else (batch, label_width).
    path_imgrec, path_imgidx
        the records, and where each begins: needed to shuffle them or take a part.
    path_imglist, imglist
        a file with lines of number, labels and file name, with tabs between, or a list of
        [label or labels ..., file name]; names begin at `path_root`. With path_imgrec and
        path_imgidx only the labels are taken from it.
    shuffle
        draws another order by `random` at each reset.
    num_parts, part_index
        take one of as many equal parts.
    dtype
        type of the labels that are read: int32, int64, float32 or float64.
    last_batch_handle
        'pad' fills the last batch from the start and says by how much in `pad`, 'discard' leaves it
        out, 'roll_over' keeps its images for the next epoch's first batch.

    An image that `check_valid_image` refuses by a RuntimeError is left out; a file that is no image
    is an error, and so is an epoch without any image. Methods may be overridden.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open(folder.name + "/a.png", "wb") as file:
    ...     _ = file.write(mx.image.imencode(mx.nd.ones((9, 8, 3), dtype="uint8"), img_fmt=".png"))
    >>> batches = mx.image.ImageIter(2, (3, 4, 4), imglist=[[5, "a.png"]], path_root=folder.name)
    >>> batch = batches.next()
    >>> batch.data[0].shape, batch.label[0].asnumpy().tolist(), batch.pad
    ((2, 3, 4, 4), [5.0, 5.0], 1)
    """

    def __init__(
        self,
        batch_size,
        data_shape,
        label_width=1,
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
        label_name="softmax_label",
        dtype="float32",
        last_batch_handle="pad",
        **kwargs
    ):
        super().__init__(batch_size)
        who = type(self).__name__
        if not (path_imgrec or path_imglist or isinstance(imglist, list)):
            raise ValueError("%s: path_imgrec, path_imglist or a list imglist is needed." % who)
        if dtype not in _LABEL_TYPES:
            raise ValueError("%s: dtype is %r; labels are %s." % (who, dtype, list(_LABEL_TYPES)))
        if last_batch_handle not in ("pad", "discard", "roll_over"):
            raise ValueError(
                "%s: last_batch_handle is %r; 'pad', 'discard' or 'roll_over' is expected."
                % (who, last_batch_handle)
            )
        if batch_size < 1:
            raise ValueError("%s: batch_size is %r; at least 1 is expected." % (who, batch_size))
        self.check_data_shape(data_shape)
        self.imgrec = self.imgidx = self.imglist = None
        if path_imgrec:
            logging.info("%s: loading recordio %s...", who, path_imgrec)
            if path_imgidx:
                self.imgrec = MXIndexedRecordIO(path_imgidx, path_imgrec, "r")
                self.imgidx = list(self.imgrec.keys)
            else:
                self.imgrec = MXRecordIO(path_imgrec, "r")
        if path_imglist:
            logging.info("%s: loading image list %s...", who, path_imglist)
            self.imglist = read_list(path_imglist, dtype)
        elif isinstance(imglist, list):
            logging.info("%s: loading image list...", who)
            self.imglist = from_list(imglist, dtype)
        self.path_root = path_root
        data_shape = tuple(data_shape)
        self.provide_data = [DataDesc(data_name, (batch_size, *data_shape))]
        width = (label_width,) if label_width > 1 else ()
        self.provide_label = [DataDesc(label_name, (batch_size, *width))]
        self.data_shape, self.label_width, self.shuffle = data_shape, label_width, shuffle
        self.seq = self.imgidx if self.imgrec is not None else list(self.imglist)
        if self.seq is None and (shuffle or num_parts > 1):
            raise ValueError("%s: path_imgidx is needed to shuffle records or take a part." % who)
        if num_parts > 1:
            if not 0 <= part_index < num_parts:
                raise ValueError(
                    "%s: part_index is %r; 0 to %d is expected, there are %d parts."
                    % (who, part_index, num_parts - 1, num_parts)
                )
            count = len(self.seq) // num_parts
            self.seq = self.seq[part_index * count : (part_index + 1) * count]
        self.auglist = CreateAugmenter(data_shape, **kwargs) if aug_list is None else aug_list
        self.num_image = None if self.seq is None else len(self.seq)
        self.last_batch_handle = last_batch_handle
        self._cache = None  # an unfinished batch that is rolled over: data, labels, number of rows
        self.reset()

    def reset(self):
        """Starts the next epoch, with the images that were rolled over."""
        if self._cache is None:
            self.hard_reset()
        elif self.shuffle:
            random.shuffle(self.seq)
        self._has_given = False

    def hard_reset(self):
        """Starts the next epoch, and forgets the images that were rolled over."""
        if self.shuffle:
            random.shuffle(self.seq)
        if self.imgrec is not None:
            self.imgrec.reset()
        self.cur, self._allow_read, self._has_given, self._cache = 0, True, False, None

    def next_sample(self):
        """Label and file, as bytes, of the next image; StopIteration at the end."""
        if not self._allow_read:
            raise StopIteration
        goes_on = self.last_batch_handle != "discard"  # the last batch is filled from the start
        if self.seq is None:
            record = self.imgrec.read()
            if record is None:
                if goes_on:
                    self.imgrec.reset()
                raise StopIteration
            header, image = unpack(record)
            return header.label, image
        if self.cur >= self.num_image:
            if goes_on:
                self.cur = 0
            raise StopIteration
        key = self.seq[self.cur]
        self.cur += 1
        if self.imgrec is None:
            label, name = self.imglist[key]
            return label, self.read_image(name)
        header, image = unpack(self.imgrec.read_idx(key))
        if self.imglist is None:
            return header.label, image
        if key not in self.imglist:
            raise KeyError("%s: the image list has no number %s." % (type(self).__name__, key))
        return self.imglist[key][0], image

    def _accepted(self, image, label):
        """The image and its label; RuntimeError where it is not to be used."""
        self.check_valid_image(image)
        return image, label

    def _samples(self, image, label):
        """The images (height, width, channels) with labels that are made of an accepted one."""
        made = self.augmentation_transform(image)
        return [(one, label) for one in (made if isinstance(made, list) else [made])]

    def _write_label(self, batch_label, i, label):
        label = np.ravel(label.asnumpy() if isinstance(label, nd.NDArray) else label)
        if label.size != self.label_width:
            raise ValueError(
                "%s: an image has %d labels; label_width is %d."
                % (type(self).__name__, label.size, self.label_width)
            )
        batch_label[i] = label if self.label_width > 1 else label[0]

    def _batchify(self, batch_data, batch_label, start=0):
        """Writes images into a batch from row `start` on; where it ends."""
        i, refused = start, None
        try:
            while i < self.batch_size:
                label, file = self.next_sample()
                image = self.imdecode(file)
                try:
                    image, label = self._accepted(image, label)
                except RuntimeError as error:
                    logging.debug("Invalid image, skipping: %s", error)
                    refused = error
                    continue
                samples = self._samples(image, label)
                if i + len(samples) > self.batch_size:
                    raise ValueError(
                        "%s: the augmenters make %d images of one; batch_size, %d, must be a "
                        "multiple of that." % (type(self).__name__, len(samples), self.batch_size)
                    )
                for one, its_label in samples:
                    made = self.postprocess_data(one)
                    if made.shape != self.data_shape:
                        raise ValueError(
                            "%s: the augmenters make an image of shape %s; data_shape is %s."
                            % (type(self).__name__, made.shape, self.data_shape)
                        )
                    batch_data[i] = made
                    self._write_label(batch_label, i, its_label)
                    i += 1
        except StopIteration:
            if i == 0 and refused is not None and not self._has_given:
                raise MXNetError(
                    "%s: no image can be used; the last one was refused: %s"
                    % (type(self).__name__, refused)
                ) from refused
            if i == 0:
                raise
        self._has_given = True
        return i

    def _empty_batch(self):
        return nd.zeros(self.provide_data[0].shape), nd.zeros(self.provide_label[0].shape)

    def next(self):
        """The next batch; StopIteration at the end of the epoch."""
        if self._cache is not None:
            data, label, i = self._cache
        else:
            data, label = self._empty_batch()
            i = self._batchify(data, label)
        pad = self.batch_size - i
        if pad > 0:
            if self.last_batch_handle == "discard":
                raise StopIteration
            if self.last_batch_handle == "roll_over" and self._cache is None:
                self._cache = data, label, i
                raise StopIteration
            filled = self._batchify(data, label, i)
            while i < filled < self.batch_size:  # fewer images than a batch has: round again
                i, filled = filled, self._batchify(data, label, filled)
            self._allow_read = self.last_batch_handle != "pad"
            self._cache = None
        return DataBatch([data], [label], pad=pad)

    def check_data_shape(self, data_shape):
        """Raises a ValueError unless a shape is (3, height, width)."""
        if len(data_shape) != 3 or data_shape[0] != 3:
            raise ValueError(
                "%s: data_shape is %s; (3, height, width) is expected."
                % (type(self).__name__, data_shape)
            )

    def check_valid_image(self, data):
        """Raises a RuntimeError where an image, or the one in a list, is not to be used."""
        shape = (data[0] if isinstance(data, (list, tuple)) else data).shape
        if len(shape) != 3:
            raise RuntimeError("An image has shape %s." % (shape,))

    def imdecode(self, s):
        """The image in a file's bytes; the error says which file holds none."""
        try:
            return imdecode(s)
        except MXNetError as error:
            if self.seq is None:
                place = "a record of " + self.imgrec.uri
            else:
                key = self.seq[self.cur - 1]
                place = (
                    "record %s of %s" % (key, self.imgrec.uri)
                    if self.imgrec is not None
                    else self.imglist[key][1]
                )
            raise MXNetError("Broken image, %s: %s" % (place, error)) from None

    def read_image(self, fname):
        """The bytes of a file under path_root."""
        with open(os.path.join(self.path_root or "", fname), "rb") as file:
            return file.read()

    def augmentation_transform(self, data):
        """What the augmenters make of an image; a list where they make several of it."""
        return augmented(self.auglist, data)

    def postprocess_data(self, datum):
        """An image as the batch has it, with the channels first."""
        return nd.transpose(datum, axes=(2, 0, 1))
