"""Iterators over files: MNIST's idx format, text with numbers, images in RecordIO."""

import gzip
import struct

import numpy as np

from . import _treadle
from .base import MXNetError, SizeError, dtype_name
from .io import DataBatch, DataDesc, DataIter, NDArrayIter
from .ndarray import NDArray, array

_IDX_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def _read_idx(path):
    """An array in the format of the MNIST files, compressed with gzip or not."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise MXNetError("MNISTIter: %s cannot be read: %s." % (path, error.strerror)) from None
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in _IDX_TYPES:
        raise MXNetError("MNISTIter: %s is no idx file: it begins with %r." % (path, data[:4]))
    start = 4 + 4 * data[3]
    if len(data) < start:
        raise MXNetError("MNISTIter: %s ends within its header." % path)
    shape = struct.unpack(">%dI" % data[3], data[4:start])
    kind = np.dtype(_IDX_TYPES[data[2]])
    expected = start + int(np.prod(shape, dtype=object)) * kind.itemsize
    if len(data) != expected:
        raise MXNetError(
            "MNISTIter: %s has %d bytes; its header, shape %s, says %d."
            % (path, len(data), shape, expected)
        )
    return np.frombuffer(data, kind, offset=start).reshape(shape)


def _part(count, num_parts, part_index):
    """First and last of one of `num_parts` parts of `count` examples."""
    if not 0 <= part_index < num_parts:
        raise ValueError("part_index is %d of %d parts." % (part_index, num_parts))
    return count * part_index // num_parts, count * (part_index + 1) // num_parts


class _OneArray:
    """Iterators over files give one array of data and one of labels, not lists."""

    def getdata(self):
        return super().getdata()[0]

    def getlabel(self):
        return super().getlabel()[0]

    def next(self):
        if not self.iter_next():
            raise StopIteration
        return DataBatch([self.getdata()], [self.getlabel()], self.getpad(), self.getindex())


class MNISTIter(_OneArray, NDArrayIter):
    """Digits and labels from MNIST's files, scaled to [0, 1); the last incomplete batch is dropped.
    `flat` gives rows of 784, else images (1, 28, 28)."""

    def __init__(
        self,
        image="./train-images-idx3-ubyte",
        label="./train-labels-idx1-ubyte",
        batch_size=128,
        shuffle=True,
        flat=False,
        seed=0,
        silent=False,
        num_parts=1,
        part_index=0,
        prefetch_buffer=4,
        input_shape=None,
        data_name="data",
        label_name="softmax_label",
        **_
    ):
        images, labels = _read_idx(image), _read_idx(label)
        if images.ndim != 3 or labels.shape != images.shape[:1]:
            raise MXNetError(
                "MNISTIter: %s has shape %s and %s shape %s; images and their labels are expected."
                % (image, images.shape, label, labels.shape)
            )
        begin, end = _part(len(images), num_parts, part_index)
        order = np.arange(begin, end)
        if shuffle:
            np.random.RandomState(seed).shuffle(order)
        shape = (len(order), -1) if flat else (len(order), 1, *images.shape[1:])
        if input_shape is not None:
            shape = (len(order), *input_shape)
        data = (images[order].astype(np.float32) / 256).reshape(shape)
        super().__init__(
            {data_name: array(data)},
            {label_name: array(labels[order].astype(np.float32))},
            batch_size,
            last_batch_handle="discard",
        )


class CSVIter(_OneArray, NDArrayIter):
    """Rows of numbers from text files. With `round_batch` the last batch is filled up from the
    start, else it is left short and padded."""

    def __init__(
        self,
        data_csv,
        data_shape,
        label_csv=None,
        label_shape=(1,),
        batch_size=1,
        round_batch=True,
        dtype="float32",
        data_name="data",
        label_name="label",
        **_
    ):
        data = self._read(data_csv, data_shape, dtype)
        label = (
            NDArray(_treadle.Array.full((data.shape[0], *label_shape), 0, "float32", (1, 0)))
            if label_csv is None
            else self._read(label_csv, label_shape, dtype)
        )
        if tuple(label_shape) == (1,):
            label = label.reshape((label.shape[0],))
        handling = "pad" if round_batch else "discard"
        super().__init__({data_name: data}, {label_name: label}, batch_size, False, handling)

    @staticmethod
    def _read(path, shape, dtype):
        table = NDArray(_treadle.read_csv(str(path), dtype_name(dtype)))
        shape = tuple(shape)
        if int(np.prod(shape)) != table.shape[1]:
            raise MXNetError(
                "CSVIter: %s has %d numbers in a row; shape %s needs %d."
                % (path, table.shape[1], shape, int(np.prod(shape)))
            )
        return table.reshape((table.shape[0], *shape))


class LibSVMIter(DataIter):
    """Sparse rows; Treadle has no sparse arrays."""

    def __init__(self, *args, **kwargs):
        raise MXNetError(
            "LibSVMIter is asked for: it gives sparse arrays, which Treadle does not have. Convert "
            "the file to dense rows and use CSVIter or NDArrayIter."
        )


class _Images(DataIter):
    """What the iterators over images share."""

    _dtype = "float32"

    def __init__(
        self,
        path_imgrec,
        data_shape,
        batch_size,
        path_imglist=None,
        label_width=1,
        shuffle=False,
        seed=0,
        rand_crop=False,
        rand_mirror=False,
        mirror=False,
        resize=-1,
        mean_img="",
        mean_r=0,
        mean_g=0,
        mean_b=0,
        mean_a=0,
        std_r=1,
        std_g=1,
        std_b=1,
        std_a=1,
        scale=1,
        round_batch=True,
        num_parts=1,
        part_index=0,
        data_name="data",
        label_name="softmax_label",
        dtype=None,
        **_
    ):
        from .recordio import read_records

        super().__init__(batch_size)
        if len(data_shape) != 3 or data_shape[0] not in (1, 3, 4):
            raise SizeError(
                "data_shape is %s; (1, 3 or 4 channels, height, width) is expected." % (data_shape,)
            )
        self._records = read_records(path_imgrec)
        begin, end = _part(len(self._records), num_parts, part_index)
        self._order = np.arange(begin, end)
        if len(self._order) < batch_size:
            raise ValueError(
                "batch_size is %d; %s has %d images for this part."
                % (batch_size, path_imgrec, len(self._order))
            )
        self._shape, self._label_width = tuple(map(int, data_shape)), label_width
        self._random = np.random.RandomState(seed)
        self._shuffle, self._round = shuffle, round_batch
        self._rand_crop, self._rand_mirror, self._mirror = rand_crop, rand_mirror, mirror
        self._resize, self._dtype = int(resize), dtype or self._dtype
        self._mean = [float(one) for one in (mean_r, mean_g, mean_b, mean_a)]
        self._scale = [scale / float(one) for one in (std_r, std_g, std_b, std_a)]
        self._data_name, self._label_name = data_name, label_name
        self._mean_image = self._load_mean(mean_img) if mean_img else None
        self.reset()

    @property
    def provide_data(self):
        return [DataDesc(self._data_name, (self.batch_size, *self._shape), self._dtype)]

    @property
    def provide_label(self):
        width = () if self._label_width == 1 else (self._label_width,)
        return [DataDesc(self._label_name, (self.batch_size, *width))]

    def _load_mean(self, path):
        """The mean image of a file; it is computed and written when there is none."""
        import os

        from . import ndarray

        if os.path.exists(path):
            loaded = ndarray.load(path)
            return loaded["mean_img"] if isinstance(loaded, dict) else loaded[0]
        total = np.zeros(self._shape, np.float64)
        for begin in range(0, len(self._order), 256):
            part = self._order[begin : begin + 256]
            total += self._decode(part, False, None)[0].asnumpy().sum(0, np.float64)
        mean = array(total / len(self._order))
        ndarray.save(path, {"mean_img": mean})
        return mean

    def _decode(self, rows, augments, mean_image):
        """Data and labels of some records; queued."""
        count = len(rows)
        crop = np.full((count, 2), -1.0, np.float32)  # the middle
        mirrored = np.zeros(count, bool)
        if augments:
            if self._rand_crop:
                crop = self._random.uniform(0, 1, (count, 2)).astype(np.float32)
            mirrored = (
                self._random.randint(0, 2, count) == 1
                if self._rand_mirror
                else np.full(count, bool(self._mirror))
            )
        handles = _treadle.decode_images(
            [self._records[row] for row in rows],
            self._shape,
            self._label_width,
            self._resize,
            crop.reshape(-1).tolist(),
            mirrored.tolist(),
            self._mean if augments else [0.0] * 4,
            self._scale if augments else [1.0] * 4,
            None if mean_image is None else mean_image.handle,
            np.dtype(self._dtype).name if augments else "float32",
        )
        return [NDArray(handle) for handle in handles]

    def reset(self):
        if self._shuffle:
            self._random.shuffle(self._order)
        self._cursor = -self.batch_size
        self._coming = None
        self._batch = None

    def _fetch(self, cursor):
        rows = self._order[cursor : cursor + self.batch_size]
        if len(rows) == self.batch_size:
            pad = 0
        elif len(rows) > 0 and self._round:
            pad = self.batch_size - len(rows)
            rows = np.concatenate([rows, self._order[:pad]])
        else:
            return None
        data, label = self._decode(rows, True, self._mean_image)
        if self._label_width == 1:
            label = label.reshape((self.batch_size,))
        return data, label, pad, rows

    def iter_next(self):
        self._cursor += self.batch_size
        if self._coming is None:
            self._coming = self._fetch(self._cursor)
        self._batch = self._coming
        if self._batch is None:
            return False
        self._coming = self._fetch(self._cursor + self.batch_size)
        return True

    def getdata(self):
        return [self._batch[0]]

    def getlabel(self):
        return [self._batch[1]]

    def getpad(self):
        return self._batch[2]

    def getindex(self):
        return self._batch[3]


class ImageRecordIter(_OneArray, _Images):
    """Images in RecordIO, decoded from JPEG or PNG, augmented, as (batch, channel, y, x). Batches
    are decoded by tasks of the engine, one batch ahead."""


class ImageRecordUInt8Iter(ImageRecordIter):
    """As ImageRecordIter, with bytes as they are in the images."""

    _dtype = "uint8"


class ImageRecordInt8Iter(ImageRecordIter):
    """As ImageRecordIter, with signed bytes."""

    _dtype = "int8"
