"""Arrays to and from other libraries."""

import numpy as np
import pytest

import treadle as mx


def test_numpy_reads_an_array_without_a_copy():
    array = mx.nd.array([[1, 2], [3, 4]])
    shared = np.from_dlpack(array)
    array[0, 0] = 9
    array.wait_to_read()
    assert shared.tolist() == [[9, 2], [3, 4]]


def test_an_array_on_numpys_memory():
    host = np.arange(4, dtype=np.float32)
    array = mx.nd.from_numpy(host)
    assert not host.flags["WRITEABLE"]
    array += 1
    array.wait_to_read()
    assert host.tolist() == [1, 2, 3, 4]
    copy = mx.nd.from_numpy(np.ones(3, np.int64), zero_copy=False)
    assert copy.dtype == np.int64
    del host
    assert array.asnumpy().tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("dtype", ["float64", "float16", "uint8", "int8", "int32", "int64"])
def test_types_survive_the_way(dtype):
    array = mx.nd.ones((2, 3), dtype=dtype)
    back = mx.nd.from_dlpack(array)
    assert back.dtype == np.dtype(dtype) and back.shape == (2, 3)
    back[:] = 5
    back.wait_to_read()
    assert (array.asnumpy() == 5).all()


def test_capsules_are_taken_once():
    array = mx.nd.array([[1, 2], [3, 4]])
    for give in (
        array.to_dlpack_for_read,
        array.to_dlpack_for_write,
        lambda: mx.nd.to_dlpack_for_read(array),
        lambda: mx.nd.to_dlpack_for_write(array),
    ):
        assert mx.nd.from_dlpack(give()).asnumpy().tolist() == [[1, 2], [3, 4]]
    capsule = array.to_dlpack_for_write()
    back = mx.nd.from_dlpack(capsule)
    back += 1
    back.wait_to_read()
    assert array.asnumpy().tolist() == [[2, 3], [4, 5]]
    with pytest.raises(TypeError, match="that nobody has taken, is expected"):
        mx.nd.from_dlpack(capsule)
    del array, capsule
    assert back.asnumpy().tolist() == [[2, 3], [4, 5]]


def test_refusals_are_sentences():
    for given in 3, np.ones((4, 4))[:, ::2]:
        with pytest.raises(TypeError, match="whose elements lie in order"):
            mx.nd.from_dlpack(given)
    with pytest.raises(TypeError, match="a numpy array is expected"):
        mx.nd.from_numpy([1])
    with pytest.raises(ValueError, match="lie in order"):
        mx.nd.from_numpy(np.ones((4, 4))[:, ::2])


def test_numpy_takes_an_array_where_it_takes_one():
    array = mx.nd.array([1, 4, 9])
    assert np.asarray(array).tolist() == [1, 4, 9]
    assert np.asarray(array, dtype=np.int32).dtype == np.int32
    assert [5, 6, 7, 8][mx.nd.array([2])] == 7
