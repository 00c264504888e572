"""Iterators over arrays and files."""

import gzip
import os
import struct
import subprocess
import sys
import traceback

import numpy as np
import pytest

import treadle as mx


def rows(iterator):
    return [(batch.data[0].asnumpy()[:, 0].tolist(), batch.pad) for batch in iterator]


def numbers(count, **options):
    data = np.arange(count, dtype=np.float32)[:, None]
    return mx.io.NDArrayIter(data, data[:, 0], 4, **options)


def test_the_last_batch_is_padded_dropped_or_rolled_over():
    assert rows(numbers(6)) == [([0, 1, 2, 3], 0), ([4, 5, 0, 1], 2)]
    assert rows(numbers(6, last_batch_handle="discard")) == [([0, 1, 2, 3], 0)]
    rolling = numbers(6, last_batch_handle="roll_over")
    assert rows(rolling) == [([0, 1, 2, 3], 0)]
    rolling.reset()
    assert rows(rolling) == [([4, 5, 0, 1], 0), ([2, 3, 4, 5], 0)]
    rolling.hard_reset()
    assert rows(rolling) == [([0, 1, 2, 3], 0)]


def test_a_batch_larger_than_the_data_is_filled_by_going_round():
    iterator = mx.io.NDArrayIter(np.arange(3), batch_size=8)
    batch = next(iterator)
    assert batch.data[0].asnumpy().tolist() == [0, 1, 2, 0, 1, 2, 0, 1] and batch.pad == 5
    with pytest.raises(StopIteration):
        next(iterator)


def test_shuffling_keeps_data_and_labels_together():
    iterator = numbers(40, shuffle=True)
    seen = []
    for batch in iterator:
        assert batch.data[0].asnumpy()[:, 0].tolist() == batch.label[0].asnumpy().tolist()
        seen += batch.label[0].asnumpy().tolist()
    assert sorted(seen) == list(range(40)) and seen != sorted(seen)


def test_several_arrays_by_name():
    iterator = mx.io.NDArrayIter({"a": np.zeros((4, 2)), "b": np.ones((4, 3))}, None, 2)
    assert [(desc.name, desc.shape) for desc in iterator.provide_data] == [
        ("a", (2, 2)),
        ("b", (2, 3)),
    ]
    assert iterator.provide_label == []
    assert next(iterator).data[1].shape == (2, 3)


def test_a_description_equals_a_pair():
    desc = mx.io.DataDesc("data", (2, 3), np.float16, "TN")
    assert desc == ("data", (2, 3)) and desc.dtype == np.float16
    assert mx.io.DataDesc.get_batch_axis(desc.layout) == 1


def test_bad_data_is_refused():
    with pytest.raises(ValueError, match="'softmax_label' has 3 examples; 'data' has 4"):
        mx.io.NDArrayIter(np.zeros((4, 1)), np.zeros(3), 2)
    with pytest.raises(ValueError, match="more than the 4 examples"):
        mx.io.NDArrayIter(np.zeros((4, 1)), None, 5, last_batch_handle="discard")
    with pytest.raises(ValueError, match="more than the 0 examples"):
        mx.io.NDArrayIter(np.zeros((0, 1)), None, 5)
    with pytest.raises(ValueError, match="last_batch_handle is 'keep'"):
        numbers(4, last_batch_handle="keep")
    with pytest.raises(TypeError, match="a list of NDArrays"):
        mx.io.DataBatch(mx.nd.ones((1,)))
    with pytest.raises(StopIteration):
        iterator = numbers(4)
        rows(iterator)
        iterator.getdata()


def test_resizing_and_prefetching():
    short = mx.io.ResizeIter(numbers(6), 5)
    assert len(rows(short)) == 5
    ahead = mx.io.PrefetchingIter([numbers(6), numbers(6)], [{"data": "x"}, {"data": "y"}])
    assert [desc.name for desc in ahead.provide_data] == ["x", "y"]
    for _ in range(2):
        batches = list(ahead)
        assert [len(batch.data) for batch in batches] == [2, 2] and batches[1].pad == 2
        ahead.reset()
    ahead.close()


class Failing(mx.io.DataIter):
    """One batch, then an error."""

    provide_data, provide_label = [mx.io.DataDesc("data", (2, 1))], []

    def __init__(self):
        super().__init__(2)
        self.given = 0

    def next(self):
        self.given += 1
        if self.given == 2:
            raise OSError("the disk is gone")
        return mx.io.DataBatch([mx.nd.ones((2, 1))], [], 0)


@pytest.mark.parametrize("kind", ["threaded", "serial", "replay:3"])
def test_prefetching_runs_on_each_engine(kind):
    program = """if True:
        import numpy as np, treadle as mx
        data = np.arange(40.0).reshape(20, 2)
        ahead = mx.io.PrefetchingIter(mx.io.PrefetchingIter(mx.io.NDArrayIter(data, None, 3)))
        for _ in range(2):
            assert [b.data[0].asnumpy()[0, 0] for b in ahead] == [6.0 * i for i in range(7)]
            ahead.reset()"""
    subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "TREADLE_ENGINE": kind}, check=True
    )


def test_an_error_while_prefetching_arrives_with_its_type():
    ahead = mx.io.PrefetchingIter(Failing())
    assert ahead.next().data[0].shape == (2, 1)
    with pytest.raises(OSError, match="the disk is gone") as error:
        ahead.next()
    assert "in next" in "".join(traceback.format_tb(error.value.__traceback__))
    closed = mx.io.PrefetchingIter(numbers(4))
    closed.close()
    with pytest.raises(ValueError, match="has been closed"):
        closed.next()


def write_idx(path, array, pack=open):
    head = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(">%dI" % array.ndim, *array.shape)
    with pack(path, "wb") as file:
        file.write(head + array.astype(np.uint8).tobytes())


def test_mnist_files(tmp_path):
    images, labels = str(tmp_path / "images"), str(tmp_path / "labels.gz")
    write_idx(images, np.arange(5 * 4 * 4).reshape(5, 4, 4))
    write_idx(labels, np.arange(5), gzip.open)
    iterator = mx.io.MNISTIter(image=images, label=labels, batch_size=2, shuffle=False)
    batches = list(iterator)
    assert [batch.data[0].shape for batch in batches] == [(2, 1, 4, 4)] * 2
    assert batches[1].label[0].asnumpy().tolist() == [2, 3]
    assert batches[0].data[0].asnumpy()[0, 0, 1, 1] == 5 / 256
    iterator.reset()
    assert iterator.iter_next() and iterator.getlabel().asnumpy().tolist() == [0, 1]
    flat = mx.io.MNISTIter(image=images, label=labels, batch_size=5, flat=True, seed=3)
    assert next(flat).data[0].shape == (5, 16)
    halves = mx.io.MNISTIter(
        image=images, label=labels, batch_size=2, shuffle=False, num_parts=2, part_index=1
    )
    assert next(halves).label[0].asnumpy().tolist() == [2, 3]


def test_bad_mnist_files(tmp_path):
    bad, cut = str(tmp_path / "bad"), str(tmp_path / "cut")
    with open(bad, "wb") as file:
        file.write(b"PK\3\4")
    write_idx(cut, np.zeros((2, 2, 2)))
    with open(cut, "r+b") as file:
        file.truncate(18)
    for path, sentence in ((bad, "no idx file"), (cut, "its header"), ("gone", "cannot be read")):
        with pytest.raises(mx.MXNetError, match=sentence):
            mx.io.MNISTIter(image=path, label=path)


def test_text_files(tmp_path):
    data, label = tmp_path / "data.csv", tmp_path / "label.csv"
    data.write_text("\n".join("%d,%d" % (i, i + 1) for i in range(3)))
    label.write_text("7\n8\n9\n")
    iterator = mx.io.CSVIter(
        data_csv=str(data), data_shape=(2,), label_csv=str(label), label_shape=(1,), batch_size=2
    )
    batches = list(iterator)
    assert batches[1].data[0].asnumpy().tolist() == [[2, 3], [0, 1]] and batches[1].pad == 1
    assert batches[0].label[0].asnumpy().tolist() == [7, 8]
    with pytest.raises(mx.MXNetError, match="2 numbers in a row; shape .3,. needs 3"):
        mx.io.CSVIter(data_csv=str(data), data_shape=(3,))
    data.write_text("9007199254740993,-2\n")
    iterator = mx.io.CSVIter(data_csv=str(data), data_shape=(2,), batch_size=1, dtype="int64")
    assert next(iterator).data[0].asnumpy().tolist() == [[9007199254740993, -2]]
    with pytest.raises(mx.MXNetError, match="column 1: '9007199254740993' is no whole number that fits"):
        mx.io.CSVIter(data_csv=str(data), data_shape=(2,), dtype="int32")
    with pytest.raises(mx.MXNetError, match="no sparse arrays|sparse arrays, which"):
        mx.io.LibSVMIter(data_libsvm="x")


@pytest.fixture
def records(tmp_path):
    path = str(tmp_path / "images.rec")
    writer = mx.recordio.MXRecordIO(path, "w")
    for i in range(5):
        image = np.full((6, 8, 3), 10 * i, np.uint8)
        image[:, :4] += 1
        writer.write(mx.recordio.pack_img((0, float(i), i, 0), image, img_fmt=".png"))
    writer.close()
    return path


def test_images_in_records(records):
    iterator = mx.io.ImageRecordIter(
        path_imgrec=records, data_shape=(3, 4, 4), batch_size=2, mean_r=1, scale=2
    )
    batches = list(iterator)
    assert [batch.pad for batch in batches] == [0, 0, 1]
    assert batches[1].label[0].asnumpy().tolist() == [2, 3]
    # The middle: columns 2 to 5, of which the first two are brighter. Channel 0 is red.
    first = batches[1].data[0].asnumpy()[0]
    assert first[0, 0].tolist() == [40, 40, 38, 38] and first[1, 0].tolist() == [42, 42, 40, 40]
    iterator.reset()
    assert len(list(iterator)) == 3


def test_images_of_five_channels_are_refused(records):
    for error in mx.MXNetError, ValueError:
        with pytest.raises(error, match="data_shape is .5, 4, 4.; .1, 3 or 4 channels"):
            mx.io.ImageRecordIter(path_imgrec=records, data_shape=(5, 4, 4), batch_size=1)


def test_images_are_mirrored_and_typed(records):
    iterator = mx.io.ImageRecordUInt8Iter(
        path_imgrec=records, data_shape=(3, 6, 8), batch_size=5, mirror=True
    )
    data = next(iterator).data[0]
    assert data.dtype == np.uint8 and data.asnumpy()[0, 0, 0].tolist() == [0] * 4 + [1] * 4


def test_a_mean_image_is_made_and_read(records, tmp_path):
    mean = str(tmp_path / "mean.bin")
    for _ in range(2):
        iterator = mx.io.ImageRecordIter(
            path_imgrec=records, data_shape=(3, 6, 8), batch_size=5, mean_img=mean
        )
        assert abs(next(iterator).data[0].asnumpy().mean()) < 1e-4


def test_a_damaged_image_names_its_record(tmp_path):
    path = str(tmp_path / "bad.rec")
    with mx.recordio.MXRecordIO(path, "w") as writer:
        writer.write(mx.recordio.pack((0, 1.0, 0, 0), b"no image"))
    iterator = mx.io.ImageRecordIter(path_imgrec=path, data_shape=(3, 2, 2), batch_size=1)
    with pytest.raises(mx.MXNetError, match="Record 0 of the batch.*neither a JPEG nor a PNG"):
        next(iterator).data[0].asnumpy()
