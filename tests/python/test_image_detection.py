"""Images with objects: augmenters that move boxes, and batches."""

import json
import random

import numpy as np
import pytest

import treadle as mx
from treadle import recordio

I = mx.image  # noqa: E741


def scene(height=40, width=50):
    """An image that is dark but for a bright rectangle, and the label of that."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[10:30, 15:35] = 255
    label = np.array([[2, 15 / width, 10 / height, 35 / width, 30 / height]], np.float32)
    return mx.nd.array(pixels, dtype="uint8"), label


def brightest(image):
    """The box of what is bright, as a label has it."""
    bright = image.asnumpy()[:, :, 0] > 200
    rows, columns = np.flatnonzero(bright.any(1)), np.flatnonzero(bright.any(0))
    height, width = bright.shape
    return np.array(
        [columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height]
    )


def test_a_flip_mirrors_boxes():
    image, label = scene(width=60)
    before = label.copy()
    made, moved = I.DetHorizontalFlipAug(1)(image, label)
    np.testing.assert_allclose(moved[0, 1:], brightest(made), atol=1e-6)
    assert (label == before).all()  # what was given is left as it is
    assert I.DetHorizontalFlipAug(0)(image, label)[1] is label


def test_crops_keep_boxes_on_their_objects():
    image, label = scene()
    crop = I.DetRandomCropAug(0.4, (0.5, 2), (0.2, 0.9), 0.3, 50)
    shapes = set()
    for seed in range(30):
        random.seed(seed)
        made, moved = crop(image, label)
        assert moved.shape == (1, 5) and moved.min() >= 0 and moved[:, 1:].max() <= 1
        np.testing.assert_allclose(moved[0, 1:], brightest(made), atol=1e-6)
        height, width = made.shape[:2]
        assert 0.19 < height * width / 2000 < 0.91
        seen = (made.asnumpy()[:, :, 0] > 200).sum()
        assert seen > 0.39 * 400
        shapes.add((height, width))
    assert len(shapes) > 20


def test_crops_cover_enough_of_every_object_they_touch():
    image = mx.nd.zeros((40, 40, 3))
    label = np.array([[0, 0.1, 0.1, 0.4, 0.4], [1, 0.6, 0.6, 0.9, 0.9]], np.float32)
    crop = I.DetRandomCropAug(0.8, (0.5, 2), (0.2, 0.9), 0, 50)
    counts = set()
    for seed in range(30):
        random.seed(seed)
        made, moved = crop(image, label)
        areas = (moved[:, 3] - moved[:, 1]) * (moved[:, 4] - moved[:, 2])
        assert (areas * made.shape[0] * made.shape[1] > 0.79 * 144).all()
        counts.add(len(moved))
    assert counts == {1, 2}


def test_crops_drop_objects_of_which_little_is_left():
    image = mx.nd.zeros((40, 40, 3))
    label = np.array([[0, 0, 0, 0.5, 0.5], [1, 0.5, 0.5, 1, 1]], np.float32)
    crop = I.DetRandomCropAug(0, (1, 1), (0.25, 0.3), 0.5, 50)
    for seed in range(20):
        random.seed(seed)
        _, moved = crop(image, label)
        # A square of half the side holds more than half of one of the two at most.
        assert len(moved) in (1, 2)
        if len(moved) == 2:  # no attempt succeeded
            assert moved is label


def test_a_crop_that_cannot_be_leaves_the_image():
    image, label = scene()
    for impossible in (
        I.DetRandomCropAug(min_object_covered=1.5),
        I.DetRandomCropAug(aspect_ratio_range=(50, 60)),
        I.DetRandomCropAug(max_attempts=0),
    ):
        made, same = impossible(image, label)
        assert made is image and same is label


def test_pads_scale_boxes():
    image, label = scene()
    pad = I.DetRandomPadAug((0.5, 2), (1.2, 4), 50, (1, 2, 3))
    padded = 0
    for seed in range(30):
        random.seed(seed)
        made, moved = pad(image, label)
        np.testing.assert_allclose(moved[0, 1:], brightest(made), atol=1e-6)
        if made is not image:
            padded += 1
            height, width = made.shape[:2]
            assert height >= 42 and width >= 52 and height * width <= 4.2 * 2000
            values = made.asnumpy().reshape(-1, 3)
            assert (values == [1, 2, 3]).all(1).sum() == height * width - 2000
    assert padded > 15


def test_impossible_ranges_are_warned_of():
    image, label = scene()
    for kind, arguments, words in (
        (I.DetRandomCropAug, {"area_range": (0.9, 0.1)}, r"its area_range is \(0.9, 0.1\)"),
        (I.DetRandomCropAug, {"area_range": 0}, "its area_range is"),
        (I.DetRandomCropAug, {"aspect_ratio_range": (0, 1)}, "its aspect_ratio_range is"),
        (I.DetRandomPadAug, {"area_range": (0.5, 1.0)}, "its area_range is"),
        (I.DetRandomPadAug, {"aspect_ratio_range": (2, 1)}, "its aspect_ratio_range is"),
    ):
        with pytest.warns(UserWarning, match=words):
            augmenter = kind(**arguments)
        assert augmenter(image, label) == (image, label)
    with pytest.raises(TypeError, match="area_range is 'all'"):
        I.DetRandomCropAug(area_range="all")
    with pytest.raises(TypeError, match="pad_val is None"):
        I.DetRandomPadAug(pad_val=None)


def test_selection():
    image, label = scene()
    chosen = []

    class Note(I.DetAugmenter):
        """Notes that it was applied."""

        def __call__(self, src, label):
            chosen.append(self)
            return src, label

    three = [Note(), Note(), Note()]
    select = I.DetRandomSelectAug(three, 0.25)
    random.seed(1)
    for _ in range(200):
        select(image, label)
    assert 130 < len(chosen) < 170
    assert all(35 < chosen.count(one) < 65 for one in three) and len(set(chosen)) == 3
    chosen.clear()
    assert I.DetRandomSelectAug([])(image, label) == (image, label)
    I.DetRandomSelectAug(three[0])(image, label)
    assert chosen == [three[0]]
    with pytest.raises(ValueError, match="is given 'CastAug'; DetAugmenters are expected"):
        I.DetRandomSelectAug([I.CastAug()])
    with pytest.raises(TypeError, match="is given 'function'; an Augmenter is expected"):
        I.DetBorrowAug(lambda src: src)
    with pytest.raises(NotImplementedError, match="DetAugmenter has no __call__"):
        I.DetAugmenter()(image, label)


def test_dumps():
    crop = I.DetRandomCropAug(0.2, 1.5, (0.1, 0.9))
    assert json.loads(crop.dumps()) == [
        "detrandomcropaug",
        {
            "min_object_covered": 0.2, "aspect_ratio_range": [1.5, 1.5], "area_range": [0.1, 0.9],
            "min_eject_coverage": 0.3, "max_attempts": 50,
        },
    ]  # fmt: skip
    borrowed = I.DetBorrowAug(I.CastAug())
    assert borrowed.dumps() == ["detborrowaug", I.CastAug().dumps()]
    assert I.DetRandomSelectAug([crop]).dumps() == ["detrandomselectaug", [crop.dumps()]]


def test_several_crops():
    select = I.CreateMultiRandCropAugmenter(
        [0.1, 0.5, 0.9], area_range=[(0.1, 1.0), (0.2, 1.0), (0.3, 0.9)], skip_prob=0.5
    )
    assert select.skip_prob == 0.5
    made = [(one.min_object_covered, one.area_range) for one in select.aug_list]
    assert made == [(0.1, (0.1, 1.0)), (0.5, (0.2, 1.0)), (0.9, (0.3, 0.9))]
    with pytest.raises(ValueError, match="area_range has 2 values where another parameter has 3"):
        I.CreateMultiRandCropAugmenter([0.1, 0.5, 0.9], area_range=[(0.1, 1), (0.2, 1)])


def test_the_usual_row():
    made = I.CreateDetAugmenter(
        (3, 12, 16), resize=30, rand_crop=0.75, rand_pad=0.25, rand_gray=0.1, rand_mirror=True,
        mean=True, std=True, brightness=0.1, contrast=0.1, saturation=0.1, pca_noise=0.1, hue=0.1,
        inter_method=10,
    )
    names = [type(one).__name__ for one in made[:4]]
    assert names == [
        "DetBorrowAug", "DetRandomSelectAug", "DetHorizontalFlipAug", "DetRandomSelectAug",
    ]
    assert [type(one.augmenter).__name__ for one in made[4:]] == [
        "ForceResizeAug", "CastAug", "ColorJitterAug", "HueJitterAug", "LightingAug",
        "RandomGrayAug", "ColorNormalizeAug",
    ]
    assert (made[1].skip_prob, made[3].skip_prob) == (0.25, 0.75)
    assert made[3].aug_list[0].area_range == (1.0, 3.0)
    image, label = scene()
    for augmenter in made:
        image, label = augmenter(image, label)
    assert image.shape == (12, 16, 3) and label.shape == (1, 5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenes")
    for i in range(5):
        content = I.imencode(scene(height=40 + i)[0], img_fmt=".png")
        (path / ("%d.png" % i)).write_bytes(content)
    return str(path)


def labels(i, objects=1):
    """Labels of scene i, with a header of three numbers and objects of six."""
    box = scene(height=40 + i)[1][0].tolist()
    return [3, 6, 99] + ([i] + box[1:] + [7]) * objects


def listed(counts=(1, 3, 1, 2, 1)):
    return [labels(i, count) + ["%d.png" % i] for i, count in enumerate(counts)]


def make(folder, batch_size=2, counts=(1, 3, 1, 2, 1), **kwargs):
    return I.ImageDetIter(
        batch_size, (3, 20, 25), imglist=listed(counts), path_root=folder, **kwargs
    )


def test_batches(folder):
    batches = make(folder)
    assert batches.label_shape == (3, 6)
    assert batches.provide_data == [("data", (2, 3, 20, 25))]
    assert batches.provide_label == [("label", (2, 3, 6))]
    for _ in range(2):
        got = list(batches)
        assert [batch.pad for batch in got] == [0, 0, 1]
        label = np.concatenate([batch.label[0].asnumpy() for batch in got])
        assert label[:, 0, 0].tolist() == [0, 1, 2, 3, 4, 0]
        assert (label[:, :, 0] >= 0).sum(1).tolist() == [1, 3, 1, 2, 1, 1]
        assert (label[0, 1:] == -1).all() and label[0, 0, 5] == 7
        shown = mx.nd.transpose(got[0].data[0][0], axes=(1, 2, 0))
        np.testing.assert_allclose(label[0, 0, 1:5], brightest(shown), atol=0.03)
        batches.reset()


def test_the_last_batch(folder):
    def epoch(batches):
        made = [batch.label[0].asnumpy()[:, 0, 0].astype(int).tolist() for batch in batches]
        batches.reset()
        return made

    assert epoch(make(folder, last_batch_handle="discard")) == [[0, 1], [2, 3]]
    rolled = make(folder, last_batch_handle="roll_over")
    assert epoch(rolled) == [[0, 1], [2, 3]]
    assert epoch(rolled) == [[4, 0], [1, 2], [3, 4]]
    random.seed(2)
    order = sum(epoch(make(folder, 1, shuffle=True)), [])
    random.seed(2)
    expected = list(range(5))
    for _ in range(3):  # as often as MXNet resets before the first batch
        random.shuffle(expected)
    assert order == expected


def test_records(folder, tmp_path):
    path = str(tmp_path / "a.rec")
    with recordio.MXIndexedRecordIO(path + ".idx", path, "w") as writer:
        for i in range(5):
            with open("%s/%d.png" % (folder, i), "rb") as file:
                writer.write_idx(i, recordio.pack((0, labels(i), i, 0), file.read()))
    for more in ({}, {"path_imgidx": path + ".idx"}):
        batches = I.ImageDetIter(5, (3, 20, 25), path_imgrec=path, **more)
        assert batches.next().label[0].asnumpy()[:, 0, 0].tolist() == [0, 1, 2, 3, 4]
    part = I.ImageDetIter(
        1, (3, 20, 25), path_imgrec=path, path_imgidx=path + ".idx", num_parts=2, part_index=1
    )
    assert [batch.label[0].asnumpy()[0, 0, 0] for batch in part] == [2, 3]


def test_every_augmenter_in_an_iterator(folder):
    random.seed(4)
    np.random.seed(4)
    batches = make(
        folder, 3, resize=30, rand_crop=0.7, rand_pad=0.7, rand_mirror=True, inter_method=10,
        mean=True, std=True, brightness=0.1, hue=0.1, pca_noise=0.1, rand_gray=0.3,
        min_object_covered=[0.1, 0.5], shuffle=True,
    )
    for _ in range(6):
        for batch in batches:
            label = batch.label[0].asnumpy()
            boxes = label[label[:, :, 0] >= 0]
            assert len(boxes) >= 3 and boxes[:, 1:5].min() >= 0 and boxes[:, 1:5].max() <= 1
            assert (boxes[:, 3] > boxes[:, 1]).all() and (boxes[:, 4] > boxes[:, 2]).all()
        batches.reset()


def test_shapes_of_labels_change(folder):
    one, other = make(folder), make(folder, counts=(1, 1, 1, 4, 1))
    assert one.sync_label_shape(other) is other
    assert one.label_shape == other.label_shape == (4, 6)
    assert one.provide_label == [("label", (2, 4, 6))]
    assert one.next().label[0].shape == (2, 4, 6)
    one.reset()
    one.reshape(data_shape=(3, 20, 30), label_shape=(5, 6))
    one.auglist = I.CreateDetAugmenter((3, 20, 30))
    batch = one.next()
    assert batch.data[0].shape == (2, 3, 20, 30) and batch.label[0].shape == (2, 5, 6)
    for words, shape in (
        ("room for 4 objects; an image has 5", (4, 6)),
        ("gives an object 7 numbers; it has 6", (5, 7)),
        (r"label_shape is \(5,\)", (5,)),
    ):
        with pytest.raises(ValueError, match=words):
            one.reshape(label_shape=shape)
    with pytest.raises(ValueError, match=r"data_shape is \(1, 4, 4\)"):
        one.reshape(data_shape=(1, 4, 4))
    with pytest.raises(TypeError, match="is given 'NoneType'; an ImageDetIter"):
        one.sync_label_shape(None)
    with pytest.raises(ValueError, match="6 numbers in one iterator and 5 in the other"):
        one.sync_label_shape(
            I.ImageDetIter(1, (3, 4, 4), imglist=[[2, 5, 0, 0, 0, 1, 1, "0.png"]], path_root=folder)
        )


def test_bad_labels_are_refused(folder):
    for words, given in (
        ("has 4 labels; a header of 2", [[2, 5, 1, 1]]),
        ("no header of 2 and objects of 5", [[2, 5, 0, 0, 0, 1, 1, 9]]),
        ("no header of 1", [[1, 6, 0, 0, 0, 1, 1]]),
        ("no header of 3 and objects of 4", [[3, 4, 0, 0, 0, 1, 1]]),
        ("no object with an area", [[2, 5, 0, 0.5, 0, 0.5, 1]]),
        (r"objects have \[5, 6\] numbers", [[2, 5, 0, 0, 0, 1, 1], [2, 6, 0, 0, 0, 1, 1, 0]]),
        ("there are no images", []),
    ):
        images = [one + ["0.png"] for one in given]
        with pytest.raises(mx.MXNetError, match=words):
            I.ImageDetIter(1, (3, 4, 4), imglist=images, path_root=folder)


def test_objects_without_an_area_and_images_without_objects_are_left_out(folder):
    images = [
        [2, 5, 0, 0, 0, 1, 1, 1, 0.5, 0, 0.5, 1, "0.png"],
        [2, 5, 2, 0, 0, 1, 1, "1.png"],
    ]
    batches = I.ImageDetIter(1, (3, 4, 4), imglist=images, path_root=folder)
    assert batches.label_shape == (1, 5)

    class Lose(I.DetAugmenter):
        """Loses the objects of class 0."""

        def __call__(self, src, label):
            return src, label[label[:, 0] != 0]

    batches.auglist.insert(0, Lose())
    assert [batch.label[0].asnumpy()[0, 0, 0] for batch in batches] == [2]

    class Double(I.DetAugmenter):
        """Makes two objects of each."""

        def __call__(self, src, label):
            return src, np.concatenate([label, label])

    class Once(Lose):
        """Loses them after the first time."""

        def __call__(self, src, label):
            self.calls = getattr(self, "calls", 0) + 1
            return super().__call__(src, label) if self.calls > 1 else (src, label)

    padded = I.ImageDetIter(3, (3, 4, 4), imglist=images[:1], path_root=folder)
    padded.auglist.insert(0, Once())
    batch = padded.next()
    assert batch.pad == 2 and (batch.label[0].asnumpy()[1:] == -1).all()
    alone = I.ImageDetIter(1, (3, 4, 4), imglist=images[:1], path_root=folder, aug_list=[Lose()])
    with pytest.raises(mx.MXNetError, match="no image can be used; .*: Labels have no object"):
        alone.next()
    batches.auglist[0] = Double()
    batches.reset()
    with pytest.raises(ValueError, match=r"labels of shape \(2, 5\); label_shape is \(1, 5\)"):
        batches.next()


def test_drawing(folder, monkeypatch):
    drawn = list(make(folder, counts=(1,)).draw_next(color=(200, 100, 50), thickness=1))
    assert len(drawn) == 1 and drawn[0].shape == (20, 25, 3) and drawn[0].dtype == np.uint8
    # Blue comes first; the box of 10 ... 30 of 40 rows and 15 ... 35 of 50 columns, halved.
    for y, x in ((5, 7), (5, 17), (15, 7), (15, 17), (5, 12), (10, 7)):
        assert drawn[0][y, x].tolist() == [50, 100, 200]
    assert drawn[0][10, 12].tolist() == [255] * 3 and drawn[0][4, 12].tolist() == [0] * 3
    normal = make(folder, counts=(1,), mean=True, std=True).draw_next(mean=True, std=True)
    inside = next(normal)[8:13, 10:15]
    assert inside.min() >= 254
    monkeypatch.setitem(__import__("sys").modules, "cv2", None)
    with pytest.raises(mx.MXNetError, match="cv2 is needed for windows and names"):
        next(make(folder).draw_next(waitKey=1))
