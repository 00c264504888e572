"""What once was an operator of arrays alone is a function of mx.nd._internal."""

import numpy as np
import pytest
import treadle as mx


def test_values_and_copies():
    x = mx.nd.zeros((2, 3))
    mx.nd._internal._set_value(0.5, out=x)
    y = mx.nd.ones((2, 3))
    assert mx.nd._internal._copyto(x, out=y) is y
    assert (y.asnumpy() == 0.5).all()
    rows = mx.nd.zeros((3, 4))
    mx.nd._internal._onehot_encode(mx.nd.array([1, 3, 0]), rows, out=rows)
    assert rows.asnumpy().argmax(axis=1).tolist() == [1, 3, 0]
    assert rows.asnumpy().sum() == 3


def test_broadcasting():
    x = mx.nd.array([[1], [2]])
    assert mx.nd._internal._broadcast(x, axis=1, size=3).asnumpy().tolist() == [[1] * 3, [2] * 3]


def test_random_numbers_have_the_moments_asked_for():
    x = mx.nd.zeros((10000,))
    mx.nd._internal._random_gaussian(3, 0.5, out=x)
    assert abs(x.asnumpy().mean() - 3) < 0.03
    assert abs(x.asnumpy().std() - 0.5) < 0.03


def test_images():
    image = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    coded = mx.image.imencode(mx.nd.array(image, dtype="uint8"), img_fmt=".png")
    bytes_of = mx.nd.array(np.frombuffer(bytes(coded), dtype=np.uint8), dtype="uint8")
    shown = image[:, :, ::-1]  # imencode takes blue, green, red
    assert (mx.nd._internal._cvimdecode(bytes_of).asnumpy() == shown).all()
    assert mx.nd._internal._cvimresize(mx.nd.array(image, dtype="uint8"), 14, 10).shape == (10, 14, 3)
    decoded = mx.nd._internal._imdecode(
        None, 0, 1, 2, 4, 5, 3, len(bytes(coded)),
        str_img=bytes(coded),
    )
    assert (decoded.asnumpy()[0] == shown[2:5, 1:4].transpose(2, 0, 1)).all()


@pytest.mark.parametrize(
    "kind, mode", [(0, "constant"), (1, "edge"), (2, "symmetric"), (3, "wrap"), (4, "reflect")]
)
def test_borders(kind, mode):
    image = np.random.RandomState(1).randint(0, 255, (4, 5, 3)).astype(np.uint8)
    expected = np.pad(image, ((1, 2), (3, 1), (0, 0)), mode)
    made = mx.nd._internal._cvcopyMakeBorder(
        mx.nd.array(image, dtype="uint8"), 1, 2, 3, 1, type=kind
    )
    assert made.dtype == np.uint8
    assert (made.asnumpy() == expected).all()


def test_refusals():
    image = mx.nd.zeros((4, 5, 3))
    with pytest.raises(ValueError, match="type is 9; 0 to 4"):
        mx.nd._internal._cvcopyMakeBorder(image, 1, 1, 1, 1, type=9)
    with pytest.raises(ValueError, match="none may be negative"):
        mx.nd._internal._cvcopyMakeBorder(image, -1, 1, 1, 1)
    with pytest.raises(AttributeError, match="no operator '_no_such'"):
        mx.nd._internal._no_such
