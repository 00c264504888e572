"""The usual rows of augmenters for detection."""

from ._augment import ForceResizeAug, ResizeAug
from ._create import MEAN, STD, colour_augmenters
from ._detection_augment import DetBorrowAug, DetHorizontalFlipAug, DetRandomSelectAug
from ._detection_region import DetRandomCropAug, DetRandomPadAug

__all__ = ["CreateMultiRandCropAugmenter", "CreateDetAugmenter"]


def CreateMultiRandCropAugmenter(  # noqa: N802
    min_object_covered=0.1,
    aspect_ratio_range=(0.75, 1.33),
    area_range=(0.05, 1.0),
    min_eject_coverage=0.3,
    max_attempts=50,
    skip_prob=0,
):
    """A DetRandomSelectAug of several DetRandomCropAug: each parameter is one value for all, or a
    list with one for each.

    >>> crops = mx.image.CreateMultiRandCropAugmenter([0.1, 0.5, 0.9], area_range=(0.2, 1.0))
    >>> [crop.min_object_covered for crop in crops.aug_list]
    [0.1, 0.5, 0.9]
    """
    given = {
        "min_object_covered": min_object_covered,
        "aspect_ratio_range": aspect_ratio_range,
        "area_range": area_range,
        "min_eject_coverage": min_eject_coverage,
        "max_attempts": max_attempts,
    }
    lists = {name: value if isinstance(value, list) else [value] for name, value in given.items()}
    count = max(map(len, lists.values()))
    for name, values in lists.items():
        if len(values) not in (1, count):
            raise ValueError(
                "CreateMultiRandCropAugmenter: %s has %d values where another parameter has %d; "
                "lists are of the same length." % (name, len(values), count)
            )
    crops = [
        DetRandomCropAug(**{name: values[i % len(values)] for name, values in lists.items()})
        for i in range(count)
    ]
    return DetRandomSelectAug(crops, skip_prob)


def CreateDetAugmenter(  # noqa: N802
    data_shape,
    resize=0,
    rand_crop=0,
    rand_pad=0,
    rand_gray=0,
    rand_mirror=False,
    mean=None,
    std=None,
    brightness=0,
    contrast=0,
    saturation=0,
    pca_noise=0,
    hue=0,
    inter_method=2,
    min_object_covered=0.1,
    aspect_ratio_range=(0.75, 1.33),
    area_range=(0.05, 3.0),
    min_eject_coverage=0.3,
    max_attempts=50,
    pad_val=(127, 127, 127),
):
    """A list of augmenters that make of any image with objects one of `data_shape` (channels,
    height, width), still with the channels last, and move the boxes.

    `rand_crop` and `rand_pad` are probabilities: of the crops of CreateMultiRandCropAugmenter, to
    which the parameters from min_object_covered on go, and of a border of colour `pad_val`, with
    which the image has up to area_range[1] times its area. The others are those of
    CreateAugmenter.

    >>> augmenters = mx.image.CreateDetAugmenter((3, 8, 8), rand_crop=0.5, rand_mirror=True)
    >>> [type(augmenter).__name__ for augmenter in augmenters[:3]]
    ['DetRandomSelectAug', 'DetHorizontalFlipAug', 'DetBorrowAug']
    """
    made = [DetBorrowAug(ResizeAug(resize, inter_method))] if resize > 0 else []
    if rand_crop > 0:
        made.append(
            CreateMultiRandCropAugmenter(
                min_object_covered,
                aspect_ratio_range,
                area_range,
                min_eject_coverage,
                max_attempts,
                1 - rand_crop,
            )
        )
    if rand_mirror > 0:
        made.append(DetHorizontalFlipAug(0.5))
    if rand_pad > 0:
        pad = DetRandomPadAug(aspect_ratio_range, (1.0, area_range[1]), max_attempts, pad_val)
        made.append(DetRandomSelectAug([pad], 1 - rand_pad))
    size = (data_shape[2], data_shape[1])
    images = [ForceResizeAug(size, inter_method)]
    images += colour_augmenters(
        brightness,
        contrast,
        saturation,
        hue,
        pca_noise,
        rand_gray,
        MEAN if mean is True else mean,
        STD if std is True else std,
    )
    return made + [DetBorrowAug(augmenter) for augmenter in images]
