"""Data iterators: what training reads, batch by batch."""

import collections

import numpy as np

from . import _treadle
from .base import mx_real_t
from .ndarray import NDArray, array

__all__ = [
    "DataDesc",
    "DataBatch",
    "DataIter",
    "NDArrayIter",
    "ResizeIter",
    "PrefetchingIter",
    "MNISTIter",
    "CSVIter",
    "LibSVMIter",
    "ImageRecordIter",
    "ImageRecordUInt8Iter",
    "ImageRecordInt8Iter",
]


class DataDesc(collections.namedtuple("DataDesc", ["name", "shape"])):
    """Name and shape of an array of each batch; its type and layout are attributes, so that it
    equals the pair that the first releases used."""

    def __new__(cls, name, shape, dtype=mx_real_t, layout="NCHW"):
        made = super().__new__(cls, name, shape)
        made.dtype, made.layout = dtype, layout
        return made

    def __repr__(self):
        return "DataDesc[%s,%s,%s,%s]" % (self.name, self.shape, self.dtype, self.layout)

    def __reduce__(self):
        return DataDesc, (self.name, self.shape, self.dtype, self.layout)

    @staticmethod
    def get_batch_axis(layout):
        """Which axis counts the examples, by the letter N; 0 when nothing is said."""
        return 0 if layout is None else layout.find("N")

    @staticmethod
    def get_list(shapes, types):
        """Descriptions from pairs (name, shape) and pairs (name, type)."""
        types = dict(types) if types is not None else {}
        return [
            DataDesc(name, shape, types[name]) if types else DataDesc(name, shape)
            for name, shape in shapes
        ]


class DataBatch:
    """One batch: arrays of data and labels. The last `pad` rows only fill it up; `index` says which
    example each row is."""

    def __init__(
        self,
        data,
        label=None,
        pad=None,
        index=None,
        bucket_key=None,
        provide_data=None,
        provide_label=None,
    ):
        for what, given in (("data", data), ("label", label)):
            if given is not None and not isinstance(given, (list, tuple)):
                raise TypeError(
                    "The %s of a batch is %r; a list of NDArrays is expected." % (what, given)
                )
        self.data, self.label, self.pad, self.index = data, label, pad, index
        self.bucket_key = bucket_key
        self.provide_data, self.provide_label = provide_data, provide_label

    def __str__(self):
        return "%s: data shapes: %s label shapes: %s" % (
            type(self).__name__,
            [value.shape for value in self.data],
            [value.shape for value in self.label] if self.label else None,
        )


class DataIter:
    """A source of batches. Override `next`, or `iter_next` with getdata, getlabel and getpad."""

    def __init__(self, batch_size=0):
        self.batch_size = batch_size

    def __iter__(self):
        return self

    def reset(self):
        """Starts the next epoch."""

    def next(self):
        """The next batch; raises StopIteration at the end of the epoch."""
        if not self.iter_next():
            raise StopIteration
        return DataBatch(
            data=self.getdata(), label=self.getlabel(), pad=self.getpad(), index=self.getindex()
        )

    def __next__(self):
        return self.next()

    def iter_next(self):
        """Moves to the next batch; False at the end."""

    def getdata(self):
        """Data of the batch moved to."""

    def getlabel(self):
        """Labels of the batch moved to."""

    def getindex(self):
        """Which example each row is, if that is known."""
        return None

    def getpad(self):
        """How many rows only fill the batch up."""


def _named_arrays(data, allow_empty, default_name):
    """Arrays by name, from one, a list or a dict of numpy arrays, lists or NDArrays."""
    if data is None:
        data = []
    if isinstance(data, (np.ndarray, NDArray)):
        data = [data]
    if isinstance(data, list):
        if not data and not allow_empty:
            raise ValueError("No data is given to the iterator.")
        names = (
            [default_name]
            if len(data) == 1
            else ["_%d_%s" % (i, default_name) for i in range(len(data))]
        )
        data = dict(zip(names, data))
    if not isinstance(data, dict):
        raise TypeError(
            "The iterator is given %r; a numpy array or NDArray, or a list or dict of them, is "
            "expected." % (data,)
        )
    made = []
    for name, value in data.items():
        try:
            made.append((name, value if isinstance(value, NDArray) else array(value)))
        except TypeError as error:
            raise TypeError("The data of %r cannot be read: %s" % (name, error)) from None
    return made


class NDArrayIter(DataIter):
    """Batches of arrays in memory. A last batch that is not full is padded from the start ('pad'), as
    often as it takes, dropped ('discard'), or put before the next epoch ('roll_over')."""

    def __init__(
        self,
        data,
        label=None,
        batch_size=1,
        shuffle=False,
        last_batch_handle="pad",
        data_name="data",
        label_name="softmax_label",
    ):
        super().__init__(batch_size)
        if last_batch_handle not in ("pad", "discard", "roll_over"):
            raise ValueError(
                "last_batch_handle is %r; 'pad', 'discard' or 'roll_over' is expected."
                % (last_batch_handle,)
            )
        self.data = _named_arrays(data, False, data_name)
        self.label = _named_arrays(label, True, label_name)
        self.data_list = [value for _, value in self.data + self.label]
        self.num_source = len(self.data_list)
        self.num_data = self.data_list[0].shape[0]
        for name, value in self.data + self.label:
            if value.shape[0] != self.num_data:
                raise ValueError(
                    "%r has %d examples; %r has %d."
                    % (name, value.shape[0], self.data[0][0], self.num_data)
                )
        if self.num_data < batch_size and last_batch_handle != "pad" or self.num_data == 0:
            raise ValueError(
                "batch_size is %d, more than the %d examples." % (batch_size, self.num_data)
            )
        self.shuffle, self.last_batch_handle = shuffle, last_batch_handle
        self.idx = np.arange(self.num_data)
        self._rest = np.arange(0)
        self.cursor = -batch_size
        self._order = None
        self.hard_reset()

    def _describe(self, arrays):
        return [
            DataDesc(name, (self.batch_size, *value.shape[1:]), value.dtype)
            for name, value in arrays
        ]

    @property
    def provide_data(self):
        return self._describe(self.data)

    @property
    def provide_label(self):
        return self._describe(self.label)

    def hard_reset(self):
        """Starts anew, leaving out what would roll over."""
        self._rest = np.arange(0)
        self._begin()

    def reset(self):
        if self.last_batch_handle == "roll_over" and self.cursor >= 0:
            left = len(self._order) - self.cursor
            ended = 0 < left < self.batch_size
            self._rest = self._order[self.cursor :] if ended else np.arange(0)
        self._begin()

    def _begin(self):
        if self.shuffle:
            np.random.shuffle(self.idx)
        self._order = np.concatenate([self._rest, self.idx]).astype(np.int64)
        self.cursor = -self.batch_size

    def iter_next(self):
        self.cursor += self.batch_size
        left = len(self._order) - self.cursor
        return left >= self.batch_size or left > 0 and self.last_batch_handle == "pad"

    def next(self):
        if not self.iter_next():
            raise StopIteration
        return DataBatch(
            data=self.getdata(), label=self.getlabel(), pad=self.getpad(), index=self.getindex()
        )

    def _rows(self):
        rows = self._order[self.cursor : self.cursor + self.batch_size]
        return np.concatenate([rows, np.resize(self._order, self.batch_size - len(rows))])

    def _gather(self, arrays):
        if not 0 <= self.cursor < len(self._order):
            raise StopIteration("The iterator is at its end; reset it.")
        rows = self._rows().tolist()
        begin = rows[0]
        if rows == list(range(begin, begin + len(rows))):  # one piece: a view is enough
            return [value[begin : begin + len(rows)].copy() for _, value in arrays]
        return [NDArray(_treadle.gather_rows(value.handle, rows)) for _, value in arrays]

    def getdata(self):
        return self._gather(self.data)

    def getlabel(self):
        return self._gather(self.label)

    def getindex(self):
        return self._rows()

    def getpad(self):
        return max(0, self.cursor + self.batch_size - len(self._order))


class ResizeIter(DataIter):
    """Another iterator with epochs of `size` batches: it is started again when it ends early."""

    def __init__(self, data_iter, size, reset_internal=True):
        super().__init__(data_iter.batch_size)
        self.data_iter, self.size, self.reset_internal = data_iter, size, reset_internal
        self.cur, self.current_batch = 0, None
        self.provide_data, self.provide_label = data_iter.provide_data, data_iter.provide_label
        if hasattr(data_iter, "default_bucket_key"):
            self.default_bucket_key = data_iter.default_bucket_key

    def reset(self):
        self.cur = 0
        if self.reset_internal:
            self.data_iter.reset()

    def iter_next(self):
        if self.cur == self.size:
            return False
        try:
            self.current_batch = self.data_iter.next()
        except StopIteration:
            self.data_iter.reset()
            self.current_batch = self.data_iter.next()
        self.cur += 1
        return True

    def getdata(self):
        return self.current_batch.data

    def getlabel(self):
        return self.current_batch.label

    def getindex(self):
        return self.current_batch.index

    def getpad(self):
        return self.current_batch.pad


class _Fetch:
    """The next batch of an iterator, fetched by a task of the engine."""

    def __init__(self, source):
        self._source, self._batch, self._error = source, None, None
        self._call = _treadle.QueuedCall(self._run)

    def _run(self):
        try:
            self._batch = self._source.next()
        except StopIteration:
            pass
        except Exception as error:
            self._error = error

    def result(self):
        """The batch, None at the end; raises what the iterator has raised."""
        self._call.wait()
        if self._error is not None:
            raise self._error
        return self._batch


class PrefetchingIter(DataIter):
    """Fetches the next batch of one or several iterators while the last one is used. Batches of
    several are put together; `rename_data` and `rename_label` are a dict of names for each."""

    def __init__(self, iters, rename_data=None, rename_label=None):
        self.iters = list(iters) if isinstance(iters, (list, tuple)) else [iters]
        if not self.iters:
            raise ValueError("PrefetchingIter is given no iterator.")
        self.n_iter = len(self.iters)
        self.rename_data, self.rename_label = rename_data, rename_label
        super().__init__(self.provide_data[0][1][0])
        self.current_batch = None
        self._fetch()

    def _fetch(self):
        self._coming = [_Fetch(source) for source in self.iters]

    def _provide(self, what, renames):
        made = []
        for i, source in enumerate(self.iters):
            for desc in getattr(source, what):
                desc = desc if isinstance(desc, DataDesc) else DataDesc(*desc)
                name = renames[i].get(desc.name, desc.name) if renames else desc.name
                made.append(DataDesc(name, desc.shape, desc.dtype, desc.layout))
        return made

    @property
    def provide_data(self):
        return self._provide("provide_data", self.rename_data)

    @property
    def provide_label(self):
        return self._provide("provide_label", self.rename_label)

    def reset(self):
        for coming in self._coming:
            coming.result()
        for source in self.iters:
            source.reset()
        self._fetch()

    def iter_next(self):
        if not self.iters:
            raise ValueError("The PrefetchingIter has been closed.")
        batches = [coming.result() for coming in self._coming]
        if None in batches:
            if any(batch is not None for batch in batches):
                raise ValueError("The iterators have different numbers of batches.")
            return False
        if any(batch.pad != batches[0].pad for batch in batches):
            raise ValueError("The iterators pad their last batches differently.")
        self.current_batch = DataBatch(
            [value for batch in batches for value in batch.data],
            [value for batch in batches for value in batch.label or ()],
            batches[0].pad,
            batches[0].index,
            provide_data=self.provide_data,
            provide_label=self.provide_label,
        )
        self._fetch()
        return True

    def next(self):
        if not self.iter_next():
            raise StopIteration
        return self.current_batch

    def getdata(self):
        return self.current_batch.data

    def getlabel(self):
        return self.current_batch.label

    def getindex(self):
        return self.current_batch.index

    def getpad(self):
        return self.current_batch.pad

    def close(self):
        """Waits for what is being fetched; the iterator is of no use afterwards."""
        for coming in self._coming:
            coming.result()
        self.iters, self._coming = [], []


def __getattr__(name):
    # Iterators over files come with readers that most programs do not need.
    if name in __all__:
        from . import _file_iterators

        return getattr(_file_iterators, name)
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
