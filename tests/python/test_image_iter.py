"""Batches of images from lists of files and from records."""

import logging
import random

import numpy as np
import pytest

import treadle as mx
from treadle import recordio

COUNT = 7


def flat(number, height=6, width=8):
    """An image whose every byte says which it is."""
    return mx.nd.full((height, width, 3), 10 * number + 5, dtype="uint8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Images 0.png ... 6.png, a list of them, and records of them with an index."""
    path = tmp_path_factory.mktemp("images")
    writer = recordio.MXIndexedRecordIO(str(path / "a.idx"), str(path / "a.rec"), "w")
    for i in range(COUNT):
        content = mx.image.imencode(flat(i), img_fmt=".png")
        (path / ("%d.png" % i)).write_bytes(content)
        writer.write_idx(i, recordio.pack((0, float(i), i, 0), content))
    writer.close()
    lines = ["%d\t%f\t%d.png\n" % (100 + i, i, i) for i in range(COUNT)]
    (path / "a.lst").write_text("".join(lines) + "\n")
    return str(path)


IMAGES = [[i, "%d.png" % i] for i in range(COUNT)]


def make(folder, source="imglist", batch_size=3, **kwargs):
    kwargs.update(
        {
            "imglist": {"imglist": IMAGES, "path_root": folder},
            "path_imglist": {"path_imglist": folder + "/a.lst", "path_root": folder},
            "records": {"path_imgrec": folder + "/a.rec"},
            "index": {"path_imgrec": folder + "/a.rec", "path_imgidx": folder + "/a.idx"},
        }[source]
    )
    return mx.image.ImageIter(batch_size, (3, 4, 5), **kwargs)


def epoch(batches):
    """The images of an epoch, checked against their labels, and each batch's pad."""
    seen, pads = [], []
    for batch in batches:
        (data,), (label,) = batch.data, batch.label
        assert data.shape == (batches.batch_size, 3, 4, 5) and data.dtype == np.float32
        shown = (data.asnumpy().mean((1, 2, 3)) - 5) / 10
        assert np.array_equal(shown, label.asnumpy())
        seen.append([int(one) for one in shown])
        pads.append(batch.pad)
    return seen, pads


@pytest.mark.parametrize("source", ["imglist", "path_imglist", "records", "index"])
def test_the_last_batch(folder, source):
    padded = make(folder, source)
    for _ in range(2):
        assert epoch(padded) == ([[0, 1, 2], [3, 4, 5], [6, 0, 1]], [0, 0, 2])
        with pytest.raises(StopIteration):
            padded.next()
        padded.reset()
    short = make(folder, source, last_batch_handle="discard")
    for _ in range(2):
        assert epoch(short) == ([[0, 1, 2], [3, 4, 5]], [0, 0])
        with pytest.raises(StopIteration):
            short.next()
        short.reset()
    rolled = make(folder, source, last_batch_handle="roll_over")
    assert epoch(rolled) == ([[0, 1, 2], [3, 4, 5]], [0, 0])
    rolled.reset()
    assert epoch(rolled) == ([[6, 0, 1], [2, 3, 4]], [2, 0])
    rolled.reset()
    assert epoch(rolled) == ([[5, 6, 0], [1, 2, 3], [4, 5, 6]], [1, 0, 0])
    rolled.reset()
    assert rolled.next().label[0].asnumpy().tolist() == [0, 1, 2]


@pytest.mark.parametrize("source", ["imglist", "records", "index"])
def test_a_batch_larger_than_the_data_goes_round(folder, source):
    batches = make(folder, source, batch_size=17)
    for _ in range(2):
        seen, pads = epoch(batches)
        assert seen == [[i % COUNT for i in range(17)]] and pads == [10]
        batches.reset()


def test_hard_reset_forgets_what_was_rolled_over(folder):
    batches = make(folder, last_batch_handle="roll_over")
    epoch(batches)
    batches.hard_reset()
    assert epoch(batches)[0] == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("source", ["imglist", "index"])
def test_shuffling_draws_as_mxnet_does(folder, source):
    random.seed(3)
    batches = make(folder, source, batch_size=1, shuffle=True)
    first = [one for (one,) in epoch(batches)[0]]
    batches.reset()
    second = [one for (one,) in epoch(batches)[0]]
    random.seed(3)
    order = list(range(COUNT))
    random.shuffle(order)
    assert first == order
    random.shuffle(order)
    assert second == order


def test_a_shuffled_epoch_begins_with_what_was_rolled_over(folder):
    random.seed(3)
    batches = make(folder, shuffle=True, last_batch_handle="roll_over")
    epoch(batches)
    batches.reset()
    second = sum(epoch(batches)[0], [])
    random.seed(3)
    order = list(range(COUNT))
    random.shuffle(order)
    left = order[6:]
    random.shuffle(order)
    assert second == left + order[:5]


@pytest.mark.parametrize("source", ["imglist", "path_imglist", "index"])
def test_parts(folder, source):
    parts = [make(folder, source, num_parts=3, part_index=i, batch_size=2) for i in range(3)]
    assert [epoch(part)[0] for part in parts] == [[[0, 1]], [[2, 3]], [[4, 5]]]


def test_labels(folder):
    wide = [[i, i + 0.5, "%d.png" % i] for i in range(COUNT)]
    lists = [[[i, i + 0.5], "%d.png" % i] for i in range(COUNT)]
    for images in (wide, lists):
        batches = mx.image.ImageIter(
            2, (3, 4, 5), 2, imglist=images, path_root=folder, label_name="l", data_name="d"
        )
        assert batches.provide_data == [("d", (2, 3, 4, 5))]
        assert batches.provide_label == [("l", (2, 2))]
        assert batches.next().label[0].asnumpy().tolist() == [[0, 0.5], [1, 1.5]]
    whole = mx.image.ImageIter(2, (3, 4, 5), 2, imglist=wide, path_root=folder, dtype="int32")
    assert whole.next().label[0].asnumpy().tolist() == [[0, 0], [1, 1]]
    assert make(folder).provide_label == [("softmax_label", (3,))]


def test_labels_of_a_list_take_the_place_of_those_in_records(folder, tmp_path):
    listed = tmp_path / "b.lst"
    listed.write_text("".join("%d\t%d\tunused\n" % (i, -i) for i in range(COUNT)))
    batches = mx.image.ImageIter(
        4, (3, 4, 5), path_imgrec=folder + "/a.rec", path_imgidx=folder + "/a.idx",
        path_imglist=str(listed),
    )
    assert batches.next().label[0].asnumpy().tolist() == [0, -1, -2, -3]


def test_a_list_that_lacks_a_record_is_refused(folder, tmp_path):
    listed = tmp_path / "c.lst"
    listed.write_text("0\t5\tunused\n")
    batches = mx.image.ImageIter(
        2, (3, 4, 5), path_imgrec=folder + "/a.rec", path_imgidx=folder + "/a.idx",
        path_imglist=str(listed),
    )
    with pytest.raises(KeyError, match="the image list has no number 1"):
        batches.next()


def test_records_with_several_labels(tmp_path):
    path = str(tmp_path / "a.rec")
    with recordio.MXRecordIO(path, "w") as writer:
        for i in range(2):
            content = mx.image.imencode(flat(i), img_fmt=".png")
            writer.write(recordio.pack((0, [i, 2 * i, 3 * i], i, 0), content))
    batches = mx.image.ImageIter(2, (3, 4, 5), 3, path_imgrec=path)
    assert batches.next().label[0].asnumpy().tolist() == [[0, 0, 0], [1, 2, 3]]


def test_augmenters(folder):
    batches = make(folder, mean=np.array([5.0, 5, 5]), std=np.array([10.0, 10, 10]))
    assert np.allclose(batches.next().data[0].asnumpy()[:, 0, 0, 0], [0, 1, 2])
    own = make(folder, aug_list=[mx.image.CenterCropAug((5, 4)), lambda image: image + 1])
    assert own.next().data[0].asnumpy()[:, 1, 2, 3].tolist() == [6, 16, 26]


def test_augmenters_of_the_first_releases_give_lists(folder):
    def crop(image):
        return [image[0:4, 0:5]]

    assert epoch(make(folder, aug_list=[crop, mx.image.CastAug()]))[0][0] == [0, 1, 2]
    twice = make(folder, aug_list=[crop, lambda image: [image, image]], batch_size=4)
    assert epoch(twice)[0] == [[0, 0, 1, 1], [2, 2, 3, 3], [4, 4, 5, 5], [6, 6, 0, 0]]
    odd = make(folder, aug_list=[crop, lambda image: [image, image]])
    with pytest.raises(ValueError, match="make 2 images of one; batch_size, 3, must be a multiple"):
        odd.next()
    assert len(twice.augmentation_transform([flat(1)])) == 2


def test_methods_can_be_overridden(folder, caplog):
    class Odd(mx.image.ImageIter):
        """Only images with an odd number."""

        def check_valid_image(self, data):
            super().check_valid_image(data)
            if int(data[0, 0, 0].asscalar()) // 10 % 2 == 0:
                raise RuntimeError("an even one")

    with caplog.at_level(logging.DEBUG):
        batches = Odd(3, (3, 4, 5), imglist=IMAGES, path_root=folder)
        assert epoch(batches)[0] == [[1, 3, 5]]
    assert "Invalid image, skipping: an even one" in caplog.text

    class Nothing(Odd):
        """No image at all."""

        def check_valid_image(self, data):
            raise RuntimeError("never")

    for how in ("pad", "roll_over"):
        empty = Nothing(3, (3, 4, 5), imglist=IMAGES, path_root=folder, last_batch_handle=how)
        for _ in range(2):
            with pytest.raises(mx.MXNetError, match="no image can be used; .* refused: never"):
                empty.next()
            empty.reset()

    class Early(Odd):
        """Nothing of the last batch."""

        def check_valid_image(self, data):
            if int(data[0, 0, 0].asscalar()) // 10 == 6:
                raise RuntimeError("the last one")

    assert epoch(Early(3, (3, 4, 5), imglist=IMAGES, path_root=folder))[0] == [[0, 1, 2], [3, 4, 5]]


def test_errors_of_augmenters_are_not_skipped(folder):
    with pytest.raises(mx.MXNetError, match="to be brought to 0 x"):
        make(folder, aug_list=[lambda image: mx.image.imresize(image, 4, 0)]).next()


def test_bad_files_are_refused_with_their_name(folder, tmp_path):
    good = mx.image.imencode(flat(1), img_fmt=".png")
    for name, content in (("text.png", b"no image"), ("cut.png", good[: len(good) // 2])):
        (tmp_path / name).write_bytes(content)
        batches = mx.image.ImageIter(1, (3, 4, 5), imglist=[[0, name]], path_root=str(tmp_path))
        with pytest.raises(RuntimeError, match="Broken image, " + name):
            batches.next()
    with pytest.raises(FileNotFoundError, match="gone.png"):
        mx.image.ImageIter(1, (3, 4, 5), imglist=[[0, "gone.png"]], path_root=folder).next()
    path = str(tmp_path / "bad.rec")
    with recordio.MXIndexedRecordIO(path + ".idx", path, "w") as writer:
        writer.write_idx(4, recordio.pack((0, 1.0, 4, 0), b"no image"))
    with pytest.raises(mx.MXNetError, match="Broken image, a record of .*bad.rec"):
        mx.image.ImageIter(1, (3, 4, 5), path_imgrec=path).next()
    with pytest.raises(mx.MXNetError, match="Broken image, record 4 of .*bad.rec"):
        mx.image.ImageIter(1, (3, 4, 5), path_imgrec=path, path_imgidx=path + ".idx").next()


def test_bad_lists_are_refused(folder, tmp_path):
    listed = tmp_path / "bad.lst"
    for line in ("a\t1\tx.png", "1\tone\tx.png", "1\tx.png", "1 2 x.png"):
        listed.write_text("0\t1\tx.png\n%s\n" % line)
        with pytest.raises(mx.MXNetError, match="bad.lst, line 2: .* is no number, labels and"):
            mx.image.ImageIter(1, (3, 4, 5), path_imglist=str(listed))


def test_wrong_arguments_are_refused(folder):
    for words, arguments in (
        ("path_imgrec, path_imglist or a list imglist is needed", {"imglist": None}),
        ("dtype is 'uint8'", {"dtype": "uint8"}),
        ("last_batch_handle is 'keep'", {"last_batch_handle": "keep"}),
        ("batch_size is 0", {"batch_size": 0}),
        (r"data_shape is \(1, 4, 5\)", {"data_shape": (1, 4, 5)}),
        (r"data_shape is \(4, 5\)", {"data_shape": (4, 5)}),
        ("part_index is 2; 0 to 1", {"num_parts": 2, "part_index": 2}),
        ("path_imgidx is needed", {"path_imgrec": folder + "/a.rec", "shuffle": True}),
        ("path_imgidx is needed", {"path_imgrec": folder + "/a.rec", "num_parts": 2}),
    ):
        given = {"batch_size": 1, "data_shape": (3, 4, 5), "imglist": IMAGES, **arguments}
        with pytest.raises(ValueError, match=words):
            mx.image.ImageIter(**given)
    with pytest.raises(TypeError, match="brightnes"):
        make(folder, brightnes=1)


def test_images_and_labels_that_do_not_fit_are_refused(folder):
    with pytest.raises(ValueError, match=r"of shape \(3, 6, 8\); data_shape is \(3, 4, 5\)"):
        make(folder, aug_list=[]).next()
    with pytest.raises(ValueError, match="an image has 1 labels; label_width is 2"):
        make(folder, label_width=2).next()


def test_a_prefetching_iterator_and_a_module_take_it(folder):
    fetched = mx.io.PrefetchingIter(make(folder))
    assert [batch.label[0].asnumpy().tolist() for batch in fetched] == [
        [0, 1, 2], [3, 4, 5], [6, 0, 1],
    ]
    data = mx.sym.Flatten(mx.sym.Variable("data"))
    net = mx.sym.LinearRegressionOutput(
        mx.sym.FullyConnected(data, num_hidden=1), mx.sym.Variable("softmax_label")
    )
    module = mx.mod.Module(net)
    batches = make(folder, batch_size=COUNT, mean=np.array([5.0]), std=np.array([10.0]))
    module.fit(
        batches, num_epoch=10, eval_metric="mse", optimizer_params={"learning_rate": 0.001},
        initializer=mx.init.Zero(),
    )
    assert dict(module.score(batches, "mse"))["mse"] < 0.05
