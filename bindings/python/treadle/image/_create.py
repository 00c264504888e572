"""The usual rows of augmenters."""

import numpy as np

from .. import ndarray as nd
from ._augment import (
    CastAug,
    CenterCropAug,
    HorizontalFlipAug,
    RandomCropAug,
    RandomSizedCropAug,
    ResizeAug,
)
from ._colour import ColorJitterAug, ColorNormalizeAug, HueJitterAug, LightingAug, RandomGrayAug

__all__ = ["CreateAugmenter"]

MEAN, STD = np.array([123.68, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])  # of ImageNet


def _per_channel(value, usual, name):
    """A mean or a deviation that a user gave; True means the usual one."""
    if value is None or value is False:
        return None
    if value is True:
        return nd.array(usual)
    if not isinstance(value, nd.NDArray):
        value = np.asarray(value)
    if value.shape not in ((1,), (3,)):
        raise ValueError(
            "%s has shape %s; True, or one number for each of 3 channels or for all, is expected."
            % (name, value.shape)
        )
    return value


def colour_augmenters(brightness, contrast, saturation, hue, pca_noise, rand_gray, mean, std):
    """The float32 images' augmenters, from the cast to the normalisation."""
    made = [CastAug()]
    if brightness or contrast or saturation:
        made.append(ColorJitterAug(brightness, contrast, saturation))
    if hue:
        made.append(HueJitterAug(hue))
    if pca_noise > 0:
        # The principal colours of ImageNet.
        values = np.array([55.46, 4.794, 1.148])
        vectors = np.array(
            [
                [-0.5675, 0.7192, 0.4009],
                [-0.5808, -0.0045, -0.8140],
                [-0.5836, -0.6948, 0.4203],
            ]
        )
        made.append(LightingAug(pca_noise, values, vectors))
    if rand_gray > 0:
        made.append(RandomGrayAug(rand_gray))
    mean, std = _per_channel(mean, MEAN, "mean"), _per_channel(std, STD, "std")
    if mean is not None or std is not None:
        made.append(ColorNormalizeAug(mean, std))
    return made


def CreateAugmenter(  # noqa: N802
    data_shape,
    resize=0,
    rand_crop=False,
    rand_resize=False,
    rand_mirror=False,
    mean=None,
    std=None,
    brightness=0,
    contrast=0,
    saturation=0,
    hue=0,
    pca_noise=0,
    rand_gray=0,
    inter_method=2,
):
    """A list of augmenters that make of any image one of `data_shape` (channels, height, width),
    still with the channels last.

    `resize` is the length of the shorter side before a part is cut: from the middle, from anywhere
    with rand_crop, of any size with rand_resize too. `mean` and `std` have a number for each
    channel; True means those of ImageNet. `rand_gray` is a probability, `brightness`, `contrast`,
    `saturation`, `hue` and `pca_noise` how far an image may go, `inter_method` the `interp` of
    imresize.

    >>> augmenters = mx.image.CreateAugmenter((3, 8, 8), rand_mirror=True, brightness=0.1)
    >>> [type(augmenter).__name__ for augmenter in augmenters]
    ['CenterCropAug', 'HorizontalFlipAug', 'CastAug', 'ColorJitterAug']
    """
    made = [ResizeAug(resize, inter_method)] if resize > 0 else []
    size = (data_shape[2], data_shape[1])
    if rand_resize:
        if not rand_crop:
            raise ValueError("CreateAugmenter: rand_resize needs rand_crop=True.")
        made.append(RandomSizedCropAug(size, 0.08, (3.0 / 4.0, 4.0 / 3.0), inter_method))
    else:
        made.append((RandomCropAug if rand_crop else CenterCropAug)(size, inter_method))
    if rand_mirror:
        made.append(HorizontalFlipAug(0.5))
    return made + colour_augmenters(
        brightness, contrast, saturation, hue, pca_noise, rand_gray, mean, std
    )
