"""Functions of images, against formulas in numpy, and what mx.image holds."""

import doctest
import importlib
import random

import numpy as np
import pytest

import treadle as mx

I = mx.image  # noqa: E741


def pixels(height=11, width=17, channels=3, seed=0):
    return np.random.RandomState(seed).randint(0, 256, (height, width, channels)).astype(np.uint8)


def image(*shape, dtype="float32", **kwargs):
    return mx.nd.array(pixels(*shape, **kwargs), dtype=dtype)


def close(array, expected, tolerance=1e-3):
    assert array.shape == expected.shape
    np.testing.assert_allclose(array.asnumpy(), expected, rtol=1e-5, atol=tolerance)


MODULES = """_augment _codec _colour _create _detection_augment _detection_create
_detection_iterator _detection_region _image_list _iterator _resize _rotate _transform detection
image""".split()


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_the_docstrings(name):
    module = importlib.import_module("treadle.image." + name)
    assert doctest.testmod(module, extraglobs={"mx": mx}).failed == 0


def test_modules_have_the_names_of_mxnet():
    assert mx.image.image.ImageIter is mx.img.ImageIter is I.ImageIter
    assert mx.image.detection is mx.image.det and I.det.ImageDetIter is I.ImageDetIter
    for name in I.__all__:
        assert getattr(I, name).__doc__, name


# Resizing.


def test_nearest_and_linear_on_floats():
    source = image(4, 6)
    values = source.asnumpy()
    close(I.imresize(source, 3, 2, 0), values[::2, ::2])
    # Where the extent halves, a point lies in the middle of two.
    rows = (values[0::2] + values[1::2]) / 2
    close(I.imresize(source, 3, 2, 1), (rows[:, 0::2] + rows[:, 1::2]) / 2)
    out = mx.nd.zeros((2, 3, 3))
    assert I.imresize(source, 3, 2, 0, out=out) is out
    close(out, values[::2, ::2])


def test_the_mean_over_an_area():
    source = image(6, 10)
    close(I.imresize(source, 5, 2, 3), source.asnumpy().reshape(2, 3, 5, 2, 3).mean((1, 3)))
    # Three points become two: each has one and a half.
    row = mx.nd.array([[[3.0], [6.0], [12.0]]])
    close(I.imresize(row, 2, 1, 3), np.array([[[4.0], [10.0]]]))
    # Enlarged by a whole number, points are repeated.
    close(I.imresize(source, 20, 18, 3), source.asnumpy().repeat(3, 0).repeat(2, 1))


# A row of seven points as MXNet 1.9.1 with OpenCV makes it four and ten points long.
ROW = [0, 10, 40, 200, 255, 90, 30]
OF_MXNET = {
    0: ([0, 10, 200, 90], [0, 0, 10, 40, 40, 200, 255, 255, 90, 30]),
    1: (
        [3.75, 60, 248.12, 52.5],
        [0, 5.5, 17.5, 38.5, 144, 219.25, 246.75, 131.25, 63, 30],
    ),
    2: (
        [1.63, 58.31, 262.74, 40.74],
        [-0.81, 2.5, 12.23, 33.42, 142.42, 245.91, 250.48, 135.64, 46.53, 25.12],
    ),
    3: (
        [4.29, 81.43, 215.71, 55.71],
        [0, 5.71, 14.29, 40, 154.29, 215.71, 255, 113.57, 64.29, 30],
    ),
    4: (
        [6.55, 53.73, 264.28, 34.64],
        [-1.81, 8.83, 9.58, 35.28, 136.3, 249.39, 249.93, 132.02, 42.61, 30.39],
    ),
}


@pytest.mark.parametrize("interp", OF_MXNET)
def test_every_way_weighs_as_mxnet_does(interp):
    across = mx.nd.array(np.array(ROW, np.float32)[None, :, None])
    down = mx.nd.array(np.array(ROW, np.float32)[:, None, None])
    for expected in map(np.array, OF_MXNET[interp]):
        count = len(expected)  # figures are rounded to two digits
        close(I.imresize(across, count, 1, interp), expected[None, :, None], 0.006)
        close(I.imresize(down, 1, count, interp), expected[:, None, None], 0.006)


@pytest.mark.parametrize("interp", [0, 1, 2, 3, 4, 9, 10])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_every_way_keeps_flat_images_and_symmetry(interp, dtype):
    flat = mx.nd.full((10, 9, 3), 200, dtype=dtype)
    for size in ((21, 17), (4, 3), (21, 3), (9, 10)):
        made = I.imresize(flat, *size, interp)
        assert made.dtype == np.dtype(dtype) and made.shape == (size[1], size[0], 3)
        close(made, np.full(made.shape, 200.0))
    if interp in (1, 2, 4):
        source = image(10, 9, dtype=dtype)
        flipped = I.imresize(mx.nd.flip(source, axis=1), 13, 7, interp)
        # float32 may round a place to either side; then bytes differ by one.
        close(mx.nd.flip(flipped, axis=1), I.imresize(source, 13, 7, interp).asnumpy(), 1)


def test_bytes_are_rounded_and_kept_in_range():
    edge = mx.nd.array([[[0], [0], [255], [255]]], dtype="uint8")
    made = I.imresize(edge, 8, 1, 2).asnumpy().ravel()
    assert made[:3].tolist() == [0, 0, 0] and made[-3:].tolist() == [255, 255, 255]


def test_automatic_and_random_ways(monkeypatch):
    source = image(8, 8)
    for size, way in (((12, 12), 2), ((5, 5), 3), ((12, 5), 1)):
        close(I.imresize(source, *size, 9), I.imresize(source, *size, way).asnumpy())
    monkeypatch.setattr(random, "randint", lambda low, high: high if (low, high) == (0, 4) else 9)
    close(I.imresize(source, 12, 12, 10), I.imresize(source, 12, 12, 4).asnumpy())


def test_resize_refuses():
    with pytest.raises(ValueError, match="interp is 7; 0 to 4, 9 or 10"):
        I.imresize(image(), 3, 3, 7)
    with pytest.raises(mx.MXNetError, match="11 x 17 pixels is to be brought to 0 x 3"):
        I.imresize(image(), 3, 0)
    with pytest.raises(ValueError, match=r"shape \(2, 2\); an image"):
        I.imresize(mx.nd.zeros((2, 2)), 3, 3)
    with pytest.raises(TypeError, match="'ndarray'; an NDArray is expected"):
        I.resize_short(pixels(), 3)


# Parts, borders, turns.


def test_crops():
    source = image(20, 30)
    values = source.asnumpy()
    close(I.fixed_crop(source, 3, 2, 5, 4), values[2:6, 3:8])
    close(I.fixed_crop(source, 25, 15, 50, 40), values[15:, 25:])  # as a slice
    middle, place = I.center_crop(source, (10, 6))
    assert place == (10, 7, 10, 6)
    close(middle, values[7:13, 10:20])
    # A part that is larger than the image has its shape, and is resized.
    large, place = I.center_crop(source, (60, 60))
    assert place == (5, 0, 20, 20) and large.shape == (60, 60, 3)
    close(large, I.fixed_crop(source, 5, 0, 20, 20, (60, 60)).asnumpy())
    with pytest.raises(ValueError, match="nothing would be left"):
        I.fixed_crop(source, 30, 0, 4, 4)


def test_random_crops_draw_as_mxnet_does():
    source = image(20, 30)
    random.seed(7)
    part, place = I.random_crop(source, (10, 6))
    random.seed(7)
    x, y = random.randint(0, 20), random.randint(0, 14)
    assert place == (x, y, 10, 6)
    close(part, source.asnumpy()[y : y + 6, x : x + 10])
    random.seed(3)
    part, place = I.random_size_crop(source, (8, 8), (0.2, 0.4), (0.5, 2))
    random.seed(3)
    area = random.uniform(0.2, 0.4) * 600
    ratio = np.exp(random.uniform(np.log(0.5), np.log(2)))
    w, h = int(round(np.sqrt(area * ratio))), int(round(np.sqrt(area / ratio)))
    assert place == (random.randint(0, 30 - w), random.randint(0, 20 - h), w, h)
    assert part.shape == (8, 8, 3)


def test_random_size_crop_stays_within_its_ranges():
    source = image(40, 40)
    for seed in range(20):
        random.seed(seed)
        _, (x, y, w, h) = I.random_size_crop(source, (8, 8), 0.3, (0.8, 1.25))
        assert 0 <= x and x + w <= 40 and 0 <= y and y + h <= 40
        assert 0.28 < w * h / 1600 <= 1 and 0.75 < w / h < 1.33
    # No part of ten times the height fits: the middle is taken.
    assert I.random_size_crop(source, (8, 8), (0.9, 1), (10, 10))[1] == (16, 16, 8, 8)
    with pytest.warns(DeprecationWarning, match="now called area"):
        random.seed(1)
        old = I.random_size_crop(source, (8, 8), ratio=(1, 1), min_area=0.5)[1]
    random.seed(1)
    assert old == I.random_size_crop(source, (8, 8), 0.5, (1, 1))[1]
    with pytest.raises(TypeError, match="area is missing"):
        I.random_size_crop(source, (8, 8), ratio=(1, 1))


def test_scale_down():
    assert I.scale_down((360, 1000), (480, 500)) == (360, 375)
    assert I.scale_down((300, 400), (0, 0)) == (0, 0)


@pytest.mark.parametrize(
    "kind, mode", [(1, "edge"), (2, "symmetric"), (3, "wrap"), (4, "reflect"), (16, "constant")]
)
def test_borders(kind, mode):
    source = image(5, 7, dtype="uint8")
    made = I.copyMakeBorder(source, 1, 2, 3, 4, kind)
    assert made.dtype == np.uint8
    close(made, np.pad(source.asnumpy(), ((1, 2), (3, 4), (0, 0)), mode))


def test_borders_have_a_colour():
    source = image(5, 7, dtype="uint8")
    made = I.copyMakeBorder(source, 1, 2, 3, 4, values=(10, 300, 30.5, 9)).asnumpy()
    assert made.shape == (8, 14, 3)
    assert made[0, 0].tolist() == made[-1, -1].tolist() == [10, 255, 30]
    assert (made[1:6, 3:10] == source.asnumpy()).all()
    assert (I.copyMakeBorder(source, 1, 0, 0, 0, value=9).asnumpy()[0] == 9).all()
    out = mx.nd.zeros((6, 7, 3), dtype="uint8")
    assert I.copyMakeBorder(source, 1, 0, 0, 0, values=4, out=out) is out
    assert (out.asnumpy()[0] == 4).all()
    with pytest.raises(ValueError, match="3 are expected, one for each channel"):
        I.copyMakeBorder(source, 1, 0, 0, 0, values=(1, 2))


def test_rotation_by_right_angles():
    source = np.random.RandomState(1).rand(2, 3, 5, 5).astype(np.float32)
    quarter = I.imrotate(mx.nd.array(source), 90)
    close(quarter, np.rot90(source, axes=(2, 3)), 1e-4)
    both = I.imrotate(mx.nd.array(source), mx.nd.array([0, 180]))
    close(both, np.stack([source[0], source[1, :, ::-1, ::-1]]), 1e-4)


def test_zooms():
    ones = mx.nd.ones((1, 20, 30))
    # Where a border shows, the image of ones is darker.
    assert I.imrotate(ones, 30).asnumpy().min() == 0
    inner = I.imrotate(ones, 30, zoom_in=True).asnumpy()
    assert inner.min() > 0.9 and (inner > 0.99).sum() >= 596  # only the corners touch the border
    corner = mx.nd.zeros((1, 20, 30))
    corner[0, 0:2, 0:2] = 1
    assert I.imrotate(corner, 30).asnumpy().max() == 0
    assert I.imrotate(corner, 30, zoom_out=True).asnumpy().sum() > 1


def test_random_rotation_draws_as_mxnet_does():
    source = mx.nd.array(np.random.RandomState(1).rand(2, 3, 6, 8))
    np.random.seed(4)
    made = I.random_rotate(source, (-30, 30))
    np.random.seed(4)
    close(made, I.imrotate(source, mx.nd.array(np.random.uniform(-30, 30, 2))).asnumpy())
    assert I.random_rotate(source[0], (-30, 30)).shape == (3, 6, 8)


def test_rotation_refuses():
    one, two = mx.nd.zeros((3, 4, 4)), mx.nd.zeros((2, 3, 4, 4))
    for error, words, arguments in (
        (ValueError, "both asked for", (one, 3, True, True)),
        (TypeError, "of uint8; float32", (one.astype("uint8"), 3)),
        (TypeError, "turned by one angle", (one, mx.nd.array([1.0]))),
        (ValueError, r"2 images and angles of shape \(3,\)", (two, mx.nd.array([1, 2, 3]))),
        (ValueError, r"has shape \(4, 4\)", (mx.nd.zeros((4, 4)), 3)),
        (ValueError, "1 x 4 pixels has no extent", (mx.nd.zeros((3, 1, 4)), 3)),
    ):
        with pytest.raises(error, match=words):
            I.imrotate(*arguments)


def test_decoding_refuses_text():
    for wrong in ("a.png", 5, None):
        with pytest.raises(ValueError, match="the bytes of an image are expected"):
            I.imdecode(wrong)
    with pytest.raises(mx.MXNetError, match="cannot be read: No such file"):
        I.imread("gone.png")
