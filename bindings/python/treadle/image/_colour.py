"""Augmenters of colours. They take images of float32 (height, width, 3), red first; those that need
not make another image change the one they are given, as in MXNet."""

import random

import numpy as np

from .. import ndarray as nd
from ._augment import Augmenter, RandomOrderAug
from ._transform import color_normalize

__all__ = [
    "BrightnessJitterAug",
    "ContrastJitterAug",
    "SaturationJitterAug",
    "HueJitterAug",
    "ColorJitterAug",
    "LightingAug",
    "ColorNormalizeAug",
    "RandomGrayAug",
]

_LUMINANCE = (0.299, 0.587, 0.114)


def _factor(range_):
    return 1.0 + random.uniform(-range_, range_)


class BrightnessJitterAug(Augmenter):
    """Multiplies an image by 1 +- `brightness` at most."""

    def __init__(self, brightness):
        super().__init__(brightness=brightness)
        self.brightness = brightness

    def __call__(self, src):
        src *= _factor(self.brightness)
        return src


class ContrastJitterAug(Augmenter):
    """Moves an image away from its mean luminance or towards it, by a factor 1 +- `contrast` at
    most."""

    def __init__(self, contrast):
        super().__init__(contrast=contrast)
        self.contrast = contrast
        self.coef = nd.array([[_LUMINANCE]])

    def __call__(self, src):
        alpha = _factor(self.contrast)
        grey = nd.sum(src * self.coef) * (3.0 * (1.0 - alpha) / src.size)
        src *= alpha
        src += grey
        return src


class SaturationJitterAug(Augmenter):
    """Moves each pixel away from its luminance or towards it, by a factor 1 +- `saturation` at
    most."""

    def __init__(self, saturation):
        super().__init__(saturation=saturation)
        self.saturation = saturation
        self.coef = nd.array([[_LUMINANCE]])

    def __call__(self, src):
        alpha = _factor(self.saturation)
        grey = nd.sum(src * self.coef, axis=2, keepdims=True) * (1.0 - alpha)
        src *= alpha
        src += grey
        return src


class HueJitterAug(Augmenter):
    """Turns the colours about grey, by at most `hue` times half a turn."""

    def __init__(self, hue):
        super().__init__(hue=hue)
        self.hue = hue
        # To luminance and two coordinates of colour, and back: rounded, so no exact inverses.
        self.tyiq = np.array([_LUMINANCE, (0.596, -0.274, -0.321), (0.211, -0.523, 0.311)])
        self.ityiq = np.array([(1.0, 0.956, 0.621), (1.0, -0.272, -0.647), (1.0, -1.107, 1.705)])

    def __call__(self, src):
        turn = random.uniform(-self.hue, self.hue) * np.pi
        u, w = np.cos(turn), np.sin(turn)
        rotation = np.array([(1.0, 0.0, 0.0), (0.0, u, -w), (0.0, w, u)])
        return nd.dot(src, nd.array((self.ityiq @ rotation @ self.tyiq).T))


class ColorJitterAug(RandomOrderAug):
    """Those of brightness, contrast and saturation whose range is above 0, in random order."""

    def __init__(self, brightness, contrast, saturation):
        made = (
            (BrightnessJitterAug, brightness),
            (ContrastJitterAug, contrast),
            (SaturationJitterAug, saturation),
        )
        super().__init__([kind(range_) for kind, range_ in made if range_ > 0])


class LightingAug(Augmenter):
    """Adds a colour: the principal colours `eigvec` (3, 3), in its columns, by their weights
    `eigval` (3,) times numbers that `numpy.random` draws with deviation `alphastd`."""

    def __init__(self, alphastd, eigval, eigvec):
        super().__init__(alphastd=alphastd, eigval=eigval, eigvec=eigvec)
        self.alphastd = alphastd
        self.eigval, self.eigvec = np.asarray(eigval), np.asarray(eigvec)

    def __call__(self, src):
        alpha = np.random.normal(0, self.alphastd, size=(3,))
        src += nd.array(np.dot(self.eigvec * alpha, self.eigval))
        return src


class ColorNormalizeAug(Augmenter):
    """(src - mean) / std, each None or with a number for each channel: color_normalize."""

    def __init__(self, mean, std):
        super().__init__(mean=mean, std=std)
        self.mean, self.std = (
            one if one is None or isinstance(one, nd.NDArray) else nd.array(one)
            for one in (mean, std)
        )

    def __call__(self, src):
        return color_normalize(src, self.mean, self.std)


class RandomGrayAug(Augmenter):
    """Makes an image grey, with three channels still, with probability `p`."""

    def __init__(self, p):
        super().__init__(p=p)
        self.p = p
        self.mat = nd.array([[weight] * 3 for weight in (0.21, 0.72, 0.07)])

    def __call__(self, src):
        return nd.dot(src, self.mat) if random.random() < self.p else src
