"""Arrays: making, reading, indexing, arithmetic, files."""

import copy
import itertools
import pickle
import struct

import numpy as np
import pytest

import treadle as mx

TYPES = ['float32', 'float64', 'float16', 'uint8', 'int32', 'int8', 'int64', 'bool']


def numbers(*shape):
    return mx.nd.array(np.arange(np.prod(shape)).reshape(shape))


@pytest.mark.parametrize('dtype', TYPES)
def test_to_and_from_numpy(dtype):
    host = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
    array = mx.nd.array(host, dtype=dtype)
    assert array.dtype == np.dtype(dtype).type and array.shape == (2, 3) and array.size == 6
    assert array.asnumpy().dtype == host.dtype and (array.asnumpy() == host).all()
    assert (np.asarray(array) == host).all()


def test_bfloat16_is_read_as_float32():
    array = mx.nd.array([1.0, 1.00390625, 3.0], dtype='bfloat16')  # the second lies between two
    assert array.dtype == 'bfloat16' and array.asnumpy().dtype == np.float32
    assert array.asnumpy().tolist() == [1, 1, 3]
    array[1:] = np.array([2, 5])
    assert array.astype('float64').asnumpy().tolist() == [1, 2, 5]


def test_default_type_is_float32_and_that_of_an_array_is_kept():
    assert mx.nd.array(np.zeros(2, 'int64')).dtype == np.float32
    assert mx.nd.array(mx.nd.zeros((2,), dtype='int64')).dtype == np.int64


def test_makers():
    assert mx.nd.zeros((2, 3)).asnumpy().tolist() == [[0] * 3] * 2
    assert mx.nd.full(3, 2.5).asnumpy().tolist() == [2.5] * 3
    assert mx.nd.ones((2,), dtype='int32').asnumpy().dtype == np.int32
    assert mx.nd.arange(2, 8, 2, repeat=2).asnumpy().tolist() == [2, 2, 4, 4, 6, 6]
    assert mx.nd.empty((4, 0)).asnumpy().shape == (4, 0)


def test_not_contiguous_and_read_only_sources():
    host = np.arange(12.0).reshape(3, 4).T
    host.flags.writeable = False
    assert (mx.nd.array(host).asnumpy() == host).all()


def test_slices_are_views():
    array = numbers(4, 3)
    array[1] = 7
    array[2:4][1][:] = mx.nd.full((3,), 9)
    array[-2:, 0] = 5
    assert array.asnumpy().tolist() == [[0, 1, 2], [7, 7, 7], [5, 7, 8], [5, 9, 9]]
    assert array[1][2].shape == (1,) and array[1, 2].asscalar() == 7
    array.reshape((2, 6))[0][:] = 0
    assert array.asnumpy()[:2].sum() == 0


@pytest.mark.parametrize(
    'key',
    [
        1,
        -1,
        slice(1, 3),
        slice(None, None, 2),
        (slice(None), 1),
        (0, slice(1, 2)),
        (Ellipsis, 0),
        ([0, 2],),
        (1, 2),
        np.array([2, 0]),
    ],
)
def test_reading_follows_numpy(key):
    array, host = numbers(3, 4), np.arange(12.0).reshape(3, 4)
    assert (array[key].asnumpy() == host[key]).all()
    array[key] = -1
    host[key] = -1
    assert (array.asnumpy() == host).all()


@pytest.mark.parametrize(
    'key',
    [
        (slice(0, 1), slice(1, 3)),
        (1, slice(2, 3), slice(None)),
        (slice(None, None, 20), slice(None)),
        (slice(2, None, -5), 1, slice(1, 3)),
        (None, slice(1, 3)),
        (Ellipsis, slice(None)),
        (2, None, 1),
        (slice(3, 3), slice(1, 2)),
        (),
    ],
)
def test_what_is_one_piece_of_memory_is_a_view(key):
    array, host = numbers(3, 4, 5), np.arange(60.0).reshape(3, 4, 5)
    assert array[key].shape == host[key].shape
    assert (array[key].asnumpy() == host[key]).all()
    array[key][:] = -1
    host[key] = -1
    assert (array.asnumpy() == host).all()


def test_which_parts_are_one_piece():
    is_one = mx.nd.NDArray._basic_indexing_slice_is_contiguous
    some = [slice(None), slice(1, 3), slice(0, 1), slice(None, None, 2), slice(None, None, -1), 1]
    host = np.zeros((3, 4, 1, 3))
    for key in itertools.product(some, some, [slice(None), 0], some):
        assert is_one(key, host.shape) == host[key].flags.c_contiguous, key
    empty = mx.nd.full((0, 3), 0)
    assert empty[:, 1:2].shape == (0, 1) and empty[0:0].shape == (0, 3)


def test_scalars_of_numpy_stay_scalars():
    scalar = mx.nd.array(np.ones([]))
    assert scalar.shape == () and scalar.ndim == 0 and scalar.size == 1
    assert scalar.asnumpy() == np.ones([]) and scalar[...].shape == () and scalar[()].shape == ()
    scalar[:] = 4
    assert scalar.asscalar() == 4 and scalar.copy().shape == ()
    assert mx.nd.array(5).shape == (1,) == mx.nd.array(np.float64(5)).shape
    with pytest.raises(IndexError, match='1 indices are given'):
        scalar[0]


def test_assigning_where_gradients_are_recorded():
    x, y = mx.nd.ones((2, 2)), mx.nd.ones((2,))
    plain = mx.nd.zeros((2,))
    y.attach_grad()
    with mx.autograd.record():
        plain[:] = 3  # nothing is lost
        for assign in (
            lambda: x.__setitem__(0, y),
            lambda: x.__setitem__(slice(None), y),
            lambda: y.__setitem__(slice(None), 2),
            lambda: (y * 2).__setitem__(0, plain),
        ):
            with pytest.raises(mx.MXNetError, match='no gradient would come through'):
                assign()
        with mx.autograd.pause():
            x[0] = y * 5
    assert plain.asnumpy().tolist() == [3, 3] and x.asnumpy().tolist() == [[5, 5], [1, 1]]


def test_kinds_of_storage():
    data = mx.nd.zeros((2,), stype='default')
    assert data.stype == data.tostype('default').stype == mx.nd.empty((1,), stype='default').stype
    data.attach_grad(stype='default')
    assert data.grad.stype == 'default'
    for refused in (
        lambda: data.attach_grad(stype='row_sparse'),
        lambda: mx.nd.empty((1,), stype='csr'),
        lambda: mx.nd.cast_storage(data, 'csr'),
    ):
        with pytest.raises(mx.MXNetError, match='no sparse arrays'):
            refused()


def test_methods_that_are_functions_of_several():
    data = numbers(2, 6)
    for method, function in (
        (data.split_v2(3, axis=1), mx.nd.split_v2(data, 3, axis=1)),
        (data.split_v2((1, 4), axis=1), mx.nd.split_v2(data, (1, 4), axis=1)),
    ):
        assert len(method) == 3
        assert [m.asnumpy().tolist() for m in method] == [f.asnumpy().tolist() for f in function]


def test_no_number_stays_none():
    data = mx.nd.array([np.nan, -1, 2])
    data.attach_grad()
    with mx.autograd.record():
        made = mx.nd.relu(data)
    made.backward()
    for found in made, data.grad:
        assert np.isnan(found.asnumpy()).tolist() == [True, False, False]
    assert data.grad.asnumpy()[1:].tolist() == [0, 1]
    assert np.isnan(mx.nd.maximum(data, mx.nd.array([1, np.nan, 3])).asnumpy()).sum() == 2


def test_numbers_like_others_by_rate_and_by_mean():
    like = mx.nd.ones((40000,))
    for given in {'lam': 4}, {'scale': 0.25}:
        drawn = mx.nd.random.exponential_like(data=like, **given).asnumpy()
        assert drawn.mean() == pytest.approx(0.25, rel=0.05)
    x = mx.sym.Variable('x')
    total = mx.sym.random.randn(loc=10, scale=0.5, data=mx.sym.ones((3,))) + x
    assert total.eval(x=like)[0].asnumpy().mean() == pytest.approx(11, rel=0.01)


def test_samples_without_repetition():
    mx.random.seed(3)
    classes, tries = mx.nd._internal._sample_unique_zipfian(1000, shape=(3, 400))
    assert classes.dtype == tries.dtype == np.int64 and tries.shape == (3,)
    for row, drawn in zip(classes.asnumpy(), tries.asnumpy()):
        assert len(set(row.tolist())) == 400 < drawn
        assert 0 <= row.min() and row.max() < 1000 and (row < 100).sum() > 80
    counts = mx.nd.contrib.rand_zipfian(mx.nd.array([0, 9]), 10000, 20)
    expected = 10000 * np.log(np.array([2, 11 / 10])) / np.log(21)
    assert counts[1].asnumpy() == pytest.approx(expected)
    found = np.bincount(counts[0].asnumpy(), minlength=20)
    assert found[[0, 9]] == pytest.approx(expected, rel=0.1)
    assert counts[2].asnumpy()[counts[0].asnumpy() == 9] == pytest.approx(expected[1])
    symbols = mx.sym.contrib.rand_zipfian(mx.sym.Variable('true'), 50, 20)
    made = mx.sym.Group(symbols).eval(true=mx.nd.array([0, 9], dtype='int32'))
    assert [one.shape for one in made] == [(50,), (2,), (50,)]
    assert made[1].asnumpy() == pytest.approx(expected / 200)


def test_arrays_as_index():
    assert numbers(3, 2)[mx.nd.array([2, 0])].asnumpy().tolist() == [[4, 5], [0, 1]]


@pytest.mark.parametrize('dtype', ['float32', 'float64', 'float16', 'int32'])
def test_arithmetic(dtype):
    a, b = np.array([[1, 2], [3, 4]], dtype), np.array([[5, 7], [9, 8]], dtype)
    x, y = mx.nd.array(a, dtype=dtype), mx.nd.array(b, dtype=dtype)
    for make in (
        lambda p, q: p + q,
        lambda p, q: p - q,
        lambda p, q: p * q,
        lambda p, q: p + 2,
        lambda p, q: 2 - q,
        lambda p, q: 3 * q,
        lambda p, q: p - 1,
        lambda p, q: -p,
    ):
        assert make(x, y).dtype == x.dtype
        assert (make(x, y).asnumpy() == make(a, b)).all()
    if dtype != 'int32':
        np.testing.assert_allclose((x / y).asnumpy(), a / b, rtol=1e-3)
        np.testing.assert_allclose((2 / x / 3).asnumpy(), 2 / a / 3, rtol=1e-3)


def test_in_place_keeps_the_memory():
    array = numbers(2, 2)
    view = array[1]
    array += 1
    array *= mx.nd.full((2, 2), 2)
    array -= np.ones((2, 2))
    array /= 2
    assert view.asnumpy().tolist() == [2.5, 3.5]


def test_numpy_on_the_left():
    made = np.ones((2, 2)) + numbers(2, 2)
    assert isinstance(made, mx.nd.NDArray) and made.asnumpy().tolist() == [[1, 2], [3, 4]]
    assert isinstance(np.float32(2) * numbers(2), mx.nd.NDArray)


def test_operators_on_arrays():
    weight = mx.nd.ones((3, 2))
    assert (
        mx.nd.FullyConnected(numbers(2, 2), weight=weight, num_hidden=3, no_bias=True).asnumpy()[
            1, 0
        ]
        == 5
    )
    out = mx.nd.empty((2, 2))
    assert mx.nd.Activation(numbers(2, 2) - 1, act_type='relu', out=out) is out
    assert out.asnumpy().tolist() == [[0, 0], [1, 2]]
    assert mx.nd.concat(numbers(2, 2), numbers(2, 1), dim=1).shape == (2, 3)


def test_an_array_after_the_inputs_is_where_the_result_goes():
    out = mx.nd.zeros((2,))
    assert mx.nd.sqrt(mx.nd.array([4, 9]), out) is out
    assert out.asnumpy().tolist() == [2, 3]
    assert mx.nd.clip(mx.nd.array([4, 9]), 5, 6, out) is out
    assert out.asnumpy().tolist() == [5, 6]
    with pytest.raises(TypeError, match='sqrt: 2 inputs are given by position; it takes 1'):
        mx.nd.sqrt(out, out, out)


def test_shapes_are_changed_in_copies_and_in_place():
    data = mx.nd.arange(6).reshape((1, 2, 3))
    for ask, shape in (
        (data.flatten, (1, 6)),
        (data.squeeze, (2, 3)),
        (lambda **options: data.expand_dims(1, **options), (1, 1, 2, 3)),
    ):
        copy, view = ask(), ask(inplace=True)
        data[:] = 9
        assert copy.shape == view.shape == shape
        assert (copy.asnumpy().ravel() == range(6)).all() and (view.asnumpy() == 9).all()
        data[:] = np.arange(6).reshape(1, 2, 3)
    for error in ValueError, mx.MXNetError:
        with pytest.raises(error, match='has 6 elements'):
            data.reshape((4,))


def test_makers_write_where_they_are_told():
    out = mx.nd.array([[5, 5], [5, 5]])
    assert mx.nd.ones((2, 2), out=out) is out and out.asnumpy().sum() == 4
    assert mx.nd.zeros((2, 2), out=out) is out and out.asnumpy().sum() == 0
    assert mx.nd.eye(2, out=out) is out and out.asnumpy().tolist() == [[1, 0], [0, 1]]
    with pytest.raises(ValueError, match='out has shape \\(2, 2\\); \\(3,\\) is asked for'):
        mx.nd.ones((3,), out=out)


def test_new_axes_do_not_count_as_indices():
    data = mx.nd.zeros((2, 3))
    data[None, 1, None, 2, None] = 4
    assert data.asnumpy().tolist() == [[0, 0, 0], [0, 0, 4]]
    assert data[None, 1].shape == (1, 3)
    with pytest.raises(IndexError, match='3 indices are given'):
        data[0, None, 0, 0]


def test_ranges_of_whole_numbers():
    assert mx.nd.arange(1.3, 6.6, 1.3, dtype='int32').asnumpy().tolist() == [1, 2, 3, 4, 5]
    assert mx.nd.arange(5, -5, -2, repeat=2, dtype='int8').asnumpy().tolist() == [
        5, 5, 3, 3, 1, 1, -1, -1, -3, -3
    ]
    assert mx.nd.arange(-2, 1, dtype='uint8').asnumpy().tolist() == [254, 255, 0]
    assert mx.nd.arange(1.3, 4).asnumpy() == pytest.approx([1.3, 2.3, 3.3])


def test_an_axis_moved_behind_the_last_one():
    data = mx.nd.zeros((2, 3, 4))
    assert mx.nd.moveaxis(data, 0, 3).shape == mx.nd.moveaxis(data, 0, 2).shape == (3, 4, 2)
    with pytest.raises(ValueError, match='out of bounds'):
        mx.nd.moveaxis(data, 0, 4)


def test_numbers_are_tested():
    data = mx.nd.array([1, np.nan, np.inf, -np.inf])
    contrib = mx.nd.contrib
    assert contrib.isnan(data).asnumpy().tolist() == [0, 1, 0, 0]
    assert contrib.isinf(data).asnumpy().tolist() == [0, 0, 1, 1]
    assert contrib.isfinite(data).asnumpy().tolist() == [1, 0, 0, 0]
    assert contrib.allclose(data, data + 0).asnumpy() == 1
    assert contrib.allclose(data, data + 0, equal_nan=False).asscalar() == 0
    assert contrib.allclose(data, data).shape == ()
    assert contrib.allclose(mx.nd.ones((3,)), mx.nd.array([1, 1, 1.1]), rtol=0.01).asscalar() == 0
    assert not mx.nd.array([]) and mx.nd.ones((1,))


def test_rows_of_no_elements():
    assert mx.nd.one_hot(mx.nd.ones((2, 3)), depth=0).shape == (2, 3, 0)
    with mx.np_shape():
        assert mx.nd.tile(mx.nd.ones((2, 3)), reps=(2, 0, 4)).asnumpy().shape == (2, 0, 12)


def test_exponential_numbers_by_mean_and_by_rate():
    drawn = []
    for option in {"scale": 0.25}, {"lam": 4}:
        mx.random.seed(3)
        drawn.append(mx.random.exponential(shape=(500,), **option).asnumpy())
    assert np.array_equal(*drawn) and 0.2 < drawn[0].mean() < 0.3


def test_reshape_codes():
    array = numbers(2, 3, 4)
    assert array.reshape((0, -1)).shape == (2, 12)
    assert array.reshape(-1).shape == (24,) and array.reshape(6, 4).shape == (6, 4)
    assert array.reshape(shape=(-3, 0)).shape == (6, 4)


def test_copies_and_contexts():
    array, other = numbers(2, 2), mx.nd.empty((2, 2), dtype='float64')
    assert array.copyto(other) is other and other.asnumpy().tolist() == [[0, 1], [2, 3]]
    for made in array.copy(), copy.deepcopy(array), array.copyto(mx.cpu(1)):
        made[:] = 0
    assert array.asnumpy().sum() == 6
    assert array.as_in_context(mx.cpu()) is array and array.context == mx.cpu(0)
    with mx.Context('cpu', 2):
        assert mx.nd.zeros((1,)).context == mx.cpu(2) == mx.current_context()


def test_scalars():
    assert (
        float(mx.nd.full((1,), 2.5)) == 2.5
        and int(mx.nd.full((1, 1), 3)) == 3
        and bool(mx.nd.ones((1,)))
    )
    assert repr(mx.nd.ones((1, 2))) == '\n[[1. 1.]]\n<NDArray 1x2 @cpu(0)>'
    assert len(numbers(3, 2)) == 3 and [row.shape for row in numbers(3, 2)] == [(2,)] * 3


@pytest.mark.parametrize('dtype', TYPES[:7])
def test_pickle_and_files(dtype, tmp_path):
    array = mx.nd.array([[1, 2, 3]], dtype=dtype)
    path = str(tmp_path / 'x.params')
    mx.nd.save(path, {'arg:w': array})
    mx.nd.save(path + '.list', [array, array * 2])
    for made in (
        pickle.loads(pickle.dumps(array)),
        mx.nd.load(path)['arg:w'],
        mx.nd.load(path + '.list')[0],
    ):
        assert made.dtype == array.dtype and (made.asnumpy() == array.asnumpy()).all()
    with open(path, 'rb') as file:
        assert list(mx.nd.load_frombuffer(file.read())) == ['arg:w']


def test_states_of_pickles_that_mxnet_wrote():
    gpu = struct.pack('<IiIqiii', 0xF993FAC9, 0, 1, 1, 2, 0, 0) + struct.pack('<f', 2.5)
    array = mx.nd.zeros((3,))
    array.__setstate__({'handle': bytearray(gpu)})
    assert array.shape == (1,) and array.asscalar() == 2.5 and array.context == mx.cpu()
    array.__setstate__({'handle': None})
    with pytest.raises(AttributeError):
        array.shape


def test_numbers_become_bytes_and_come_back():
    ends = mx.nd.array([-1]), mx.nd.array([3])
    data = mx.nd.array([-5, -1, 0, 3, 4, np.nan])
    made, low, high = mx.nd.contrib.quantize(data, *ends)
    assert made.dtype == np.uint8 and made.asnumpy().tolist() == [0, 0, 64, 255, 255, 0]
    assert (low.asscalar(), high.asscalar()) == (-1, 3)
    back = mx.nd.contrib.dequantize(made, low, high, out_type='float32').asnumpy()
    assert np.allclose(back, [-1, -1, 1 / 255, 3, 3, -1], atol=4e-3)
    with pytest.raises(mx.MXNetError, match='from 3 to -1; its lower end must be below'):
        mx.nd.contrib.quantize(data, *reversed(ends))[0].asnumpy()


def test_a_symbol_called_with_arrays():
    net = mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=2, name='fc') + 2
    call = mx.nd.CachedOp(net)
    data, weight, bias = mx.nd.ones((3, 4)), mx.nd.ones((2, 4)), mx.nd.array([0, 1])
    assert call(data, weight, bias).asnumpy().tolist() == [[6, 7]] * 3
    weight.attach_grad()
    with mx.autograd.record():
        made = call(data, weight, bias) * 2
    made.backward()
    assert (weight.grad.asnumpy() == 6).all()
    out = mx.nd.zeros((3, 2))
    assert call(data, weight, bias, out=out) is out and out.asnumpy()[0].tolist() == [6, 7]
    halves = mx.nd.CachedOp(mx.sym.SliceChannel(mx.sym.Variable('x'), num_outputs=2))
    assert [half.shape for half in halves(data)] == [(3, 2), (3, 2)]
    with pytest.raises(TypeError, match='1 arrays are given; the symbol has 3 inputs .data, fc_w'):
        call(data)
    with pytest.raises(TypeError, match='fc_bias is 3; an NDArray is expected'):
        call(data, weight, 3)


def test_states_of_a_symbol_called_with_arrays():
    net = mx.sym.BatchNorm(mx.sym.Variable('x'), fix_gamma=False, momentum=0.5, name='bn')
    arrays = [mx.nd.array([[1, 2], [3, 6]])] + [mx.nd.ones((2,)) for _ in range(4)]
    arrays[1].attach_grad()
    with mx.autograd.record():
        made = mx.nd.CachedOp(net)(*arrays)
    made.backward()
    assert made.asnumpy().mean(axis=0) == pytest.approx([1, 1], abs=1e-3)
    assert arrays[3].asnumpy() == pytest.approx([1.5, 2.5])


def test_parts_are_assigned_by_method():
    array = mx.nd.ones((2, 2, 2))
    part = ((0, 0, None), (1, 1, None), (None, None, None))
    assert array.slice_assign(mx.nd.zeros((1, 1, 2)), *part) is array and array.writable
    assert array.asnumpy().ravel().tolist() == [0, 0, 1, 1, 1, 1, 1, 1]
    assert array.slice_assign_scalar(5, *part) is array
    assert array.asnumpy().ravel().tolist() == [5, 5, 1, 1, 1, 1, 1, 1]


def test_the_numpy_mode_is_refused():
    for one in (mx.nd.ones((1,)), mx.sym.Variable("a")):
        with pytest.raises(mx.MXNetError, match="as_np_ndarray is asked for.*no numpy mode"):
            one.as_np_ndarray()
