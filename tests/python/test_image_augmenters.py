"""Augmenters of images, against formulas in numpy."""

import json
import random

import numpy as np
import pytest

import treadle as mx
from test_image import close, image, pixels

I = mx.image  # noqa: E741


LUMINANCE = np.array([0.299, 0.587, 0.114])


def drawn(augmenter, source, seed=5):
    """What an augmenter makes of a copy; the next number of `random` is again the one it drew."""
    random.seed(seed)
    made = augmenter(source.copy())
    random.seed(seed)
    return made


def test_brightness():
    source = image()
    made = drawn(I.BrightnessJitterAug(0.4), source)
    close(made, source.asnumpy() * (1 + random.uniform(-0.4, 0.4)))


def test_contrast():
    source = image()
    made = drawn(I.ContrastJitterAug(0.4), source)
    alpha, values = 1 + random.uniform(-0.4, 0.4), source.asnumpy()
    close(made, values * alpha + (1 - alpha) * (values @ LUMINANCE).mean())


def test_saturation():
    source = image()
    made = drawn(I.SaturationJitterAug(0.4), source)
    alpha, values = 1 + random.uniform(-0.4, 0.4), source.asnumpy()
    close(made, values * alpha + (1 - alpha) * (values @ LUMINANCE)[:, :, None])


def test_hue_turns_colours_and_leaves_grey():
    grey = mx.nd.array(np.repeat(pixels(channels=1), 3, axis=2))
    # The matrices to and from luminance are rounded to three digits.
    close(drawn(I.HueJitterAug(0.5), grey), grey.asnumpy(), 1)
    source = image()
    close(drawn(I.HueJitterAug(0), source), source.asnumpy(), 2)
    made = drawn(I.HueJitterAug(0.5), source).asnumpy()
    assert np.abs(made - source.asnumpy()).mean() > 5
    np.testing.assert_allclose(made @ LUMINANCE, source.asnumpy() @ LUMINANCE, atol=1)


def test_lighting():
    values, vectors = np.array([3.0, 2, 1]), np.arange(9.0).reshape(3, 3)
    np.random.seed(8)
    made = I.LightingAug(0.5, values, vectors)(image())
    np.random.seed(8)
    colour = vectors @ (values * np.random.normal(0, 0.5, 3))
    close(made, image().asnumpy() + colour)


def test_normalisation():
    source, mean, std = image(), np.array([1.0, 2, 3]), np.array([2.0, 4, 8])
    values = source.asnumpy()
    made = I.color_normalize(source.copy(), mx.nd.array(mean), mx.nd.array(std))
    close(made, (values - mean) / std)
    close(I.ColorNormalizeAug(mean, None)(source.copy()), values - mean)
    close(I.ColorNormalizeAug(None, mx.nd.array(std))(source.copy()), values / std)


def test_grey():
    source = image()
    made = I.RandomGrayAug(1)(source).asnumpy()
    np.testing.assert_allclose(made[:, :, 1], source.asnumpy() @ [0.21, 0.72, 0.07], rtol=1e-5)
    assert (made[:, :, 0] == made[:, :, 2]).all()
    assert I.RandomGrayAug(0)(source) is source


def test_flip_and_cast():
    source = image(dtype="uint8")
    close(I.HorizontalFlipAug(1)(source), source.asnumpy()[:, ::-1])
    assert I.HorizontalFlipAug(0)(source) is source
    random.seed(2)
    expected = [random.random() < 0.5 for _ in range(20)]
    random.seed(2)
    flip = I.HorizontalFlipAug(0.5)
    assert [flip(source) is not source for _ in range(20)] == expected
    assert I.CastAug()(source).dtype == np.float32
    assert I.CastAug("float16")(source).dtype == np.float16


def test_sizes():
    source = image(20, 30)
    assert I.ResizeAug(10)(source).shape == (10, 15, 3)
    assert I.ForceResizeAug((7, 9), 9)(source).shape == (9, 7, 3)
    assert I.RandomCropAug((7, 9))(source).shape == (9, 7, 3)
    assert I.RandomSizedCropAug((7, 9), 0.3, (0.5, 2))(source).shape == (9, 7, 3)
    close(I.CenterCropAug((10, 10))(source), source.asnumpy()[5:15, 10:20])
    with pytest.raises(TypeError, match="area and ratio are both needed"):
        I.RandomSizedCropAug((7, 9), 0.3)
    with pytest.warns(DeprecationWarning, match="now called area"):
        assert I.RandomSizedCropAug((7, 9), ratio=(1, 1), min_area=0.3).area == 0.3


def test_order():
    trace = []
    steps = [lambda src, i=i: trace.append(i) or src for i in range(4)]
    I.SequentialAug(steps)(image())
    assert trace == [0, 1, 2, 3]
    trace.clear()
    shuffled = list(range(4))
    random.seed(1)
    random.shuffle(shuffled)
    assert shuffled != [0, 1, 2, 3]
    random.seed(1)
    I.RandomOrderAug(steps)(image())
    assert trace == shuffled
    kinds = [type(one) for one in I.ColorJitterAug(0.1, 0, 0.2).ts]
    assert kinds == [I.BrightnessJitterAug, I.SaturationJitterAug]


def test_functions_that_give_lists_are_augmenters():
    source = image()
    double = I.SequentialAug([lambda src: [src + 1], I.CastAug()])
    close(double(source), source.asnumpy() + 1)
    several = I.SequentialAug([lambda src: [src, src * 2], lambda src: [src + 1]])(source)
    assert len(several) == 2
    close(several[1], source.asnumpy() * 2 + 1)


def test_dumps():
    assert json.loads(I.BrightnessJitterAug(0.25).dumps()) == [
        "brightnessjitteraug", {"brightness": 0.25},
    ]
    normal = json.loads(I.ColorNormalizeAug(mx.nd.array([1, 2, 3]), np.array([4.5])).dumps())
    assert normal == ["colornormalizeaug", {"mean": [1, 2, 3], "std": [4.5]}]
    assert json.loads(I.CastAug().dumps()) == ["castaug", {"type": "float32"}]
    sequence = I.SequentialAug([I.CastAug(), I.HorizontalFlipAug(0.5)])
    assert sequence.dumps() == ["sequentialaug", [one.dumps() for one in sequence.ts]]

    class Mine(I.Augmenter):
        """One of a user's own."""

        def __init__(self, level):
            super().__init__(level=level)

    assert json.loads(Mine(np.float32(2)).dumps()) == ["mine", {"level": 2}]
    with pytest.raises(NotImplementedError, match="Mine has no __call__"):
        Mine(1)(image())


def test_the_usual_row():
    made = I.CreateAugmenter(
        (3, 8, 10), resize=12, rand_crop=True, rand_resize=True, rand_mirror=True, mean=True,
        std=np.array([2.0, 3, 4]), brightness=0.1, contrast=0.1, saturation=0.1, hue=0.1,
        pca_noise=0.1, rand_gray=0.2, inter_method=10,
    )
    assert [type(one).__name__ for one in made] == [
        "ResizeAug", "RandomSizedCropAug", "HorizontalFlipAug", "CastAug", "ColorJitterAug",
        "HueJitterAug", "LightingAug", "RandomGrayAug", "ColorNormalizeAug",
    ]
    assert (made[1].size, made[1].area, made[1].ratio) == ((10, 8), 0.08, (0.75, 4 / 3))
    assert I.SequentialAug(made)(image(20, 30, dtype="uint8")).shape == (8, 10, 3)
    assert type(I.CreateAugmenter((3, 8, 10), rand_crop=True)[0]) is I.RandomCropAug
    with pytest.raises(ValueError, match="rand_resize needs rand_crop"):
        I.CreateAugmenter((3, 8, 8), rand_resize=True)
    with pytest.raises(ValueError, match=r"mean has shape \(2,\)"):
        I.CreateAugmenter((3, 8, 8), mean=np.zeros(2))
