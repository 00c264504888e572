"""mx.test_utils: what it accepts and what it refuses."""

import bz2
import gzip
import inspect
import math
import os
import struct
import zipfile

import numpy as np
import pytest

import treadle as mx
from treadle import test_utils as utils

# ---------------------------------------------------------------- tolerances and comparisons


def test_tolerances_go_by_type():
    assert utils.default_rtols()[np.dtype("float32")] == 1e-4
    assert utils.default_atols()[np.dtype("float16")] == 1e-1
    assert utils.get_rtol() == 1e-5 and utils.get_atol() == 1e-20 and utils.get_etol() == 0
    single, double = np.ones(2, np.float32), np.ones(2)
    assert utils.get_tols(double, double, None, None) == (1e-5, 1e-20)
    assert utils.get_tols(single, double, None, None) == (1e-4, 1e-3)
    assert utils.get_tols(3, single, {np.float32: 0.5}, 0.25) == (0.5, 0.25)
    assert utils.get_tols(np.ones(2, np.int16), np.ones(2, bool), None, None) == (0, 0)
    half = mx.nd.ones((2,), dtype="bfloat16")
    assert utils.effective_dtype(half) == np.float16
    assert utils.default_numeric_eps()[np.dtype("float32")] == 1 / 512
    with pytest.raises(TypeError, match="no tolerance for arrays of complex64"):
        utils.get_tols(np.ones(2, np.complex64), single, None, None)


def test_differences_are_told_with_their_places():
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    utils.assert_almost_equal(a, mx.nd.array(a))
    with pytest.raises(AssertionError, match=r"left and right differ in 1 of 4.*\n.*\(1, 0\)"):
        utils.assert_almost_equal(
            a, a + np.array([[0, 0], [1, 0]]), 1e-3, 1e-3, names=("left", "right")
        )
    with pytest.raises(AssertionError, match="differ in 4 of 4"):
        utils.assert_almost_equal(a, a + 1, mismatches=(1, 1))
    with pytest.raises(AssertionError, match=r"shape \(2, 2\) and b of shape \(3,\)"):
        utils.assert_almost_equal(a, np.ones(3))
    with pytest.raises(AssertionError, match="equal ones are expected"):
        utils.assert_almost_equal(a, np.ones(2), 9, 9, use_broadcast=False)
    with pytest.raises(AssertionError):
        utils.assert_almost_equal(np.array([True, False]), np.array([True, True]))


def test_infinity_and_nan():
    infinite = np.array([np.inf, np.nan])
    utils.assert_almost_equal(infinite, infinite, equal_nan=True)
    utils.assert_allclose(infinite, infinite)
    with pytest.raises(AssertionError, match=r"differ in 1 of 2.*\n.*\(1,\)"):
        utils.assert_almost_equal(infinite, infinite)
    utils.assert_almost_equal_ignore_nan(infinite, np.array([np.inf, 3]))
    with pytest.raises(AssertionError):
        utils.assert_almost_equal_ignore_nan(infinite, np.array([1, 3.0]))
    assert utils.find_max_violation(np.array([1.0, np.inf]), np.array([1.0, np.inf]))[1] == 0


def test_a_part_of_the_elements_may_differ():
    a, b = np.zeros(100), np.zeros(100)
    b[:5] = 1
    utils.assert_almost_equal_with_err(a, b, 0, 0.5, etol=0.05)
    with pytest.raises(AssertionError, match="No more than etol=0.04"):
        utils.assert_almost_equal_with_err(a, b, 0, 0.5, etol=0.04)
    with pytest.raises(AssertionError, match="differ in 5 of 100"):
        utils.assert_almost_equal_with_err(a, b, 0, 0.5)


def test_comparisons_of_old():
    a, b = np.array([1.0, 1.0]), np.array([1.0, 3.0])
    assert utils.reldiff(a, b) == pytest.approx(2 / 6) and utils.reldiff(a, a) == 0
    assert utils.almost_equal(a, a + 1e-7) and not utils.almost_equal(a, b)
    assert utils.same(mx.nd.array(a), a) and not utils.same(a, b)
    whole = mx.nd.zeros((4, 2))
    assert utils.same_array(whole, whole.reshape((8,)).reshape((4, 2)))
    assert not utils.same_array(whole, whole.copy())
    assert utils.locationError(a, b, (1,), ("x", "y"), True) == (
        "Most at (1,): x=1.00000000, y=3.00000000"
    )


def test_tuples_of_arrays():
    one, two = mx.nd.ones((2,)), mx.nd.ones((2,)) * 2
    utils.compare_ndarray_tuple((one, (two, None)), [one.copy(), (two.copy(), None)])
    utils.compare_ndarray_tuple(None, one)
    with pytest.raises(AssertionError, match="a and b differ"):
        utils.compare_ndarray_tuple((one, two), (one, one))
    with pytest.raises(AssertionError, match="2 arrays are compared"):
        utils.compare_ndarray_tuple((one, two), (one,))


def test_exceptions_and_retries():
    utils.assert_exception(int, ValueError, "x")
    with pytest.raises(AssertionError, match="ValueError was expected"):
        utils.assert_exception(int, ValueError, "1")
    calls = []

    @utils.retry(3)
    def fails(times):
        """Its words."""
        calls.append(times)
        assert len(calls) > times
        return "done"

    assert fails(2) == "done" and len(calls) == 3 and fails.__doc__ == "Its words."
    calls.clear()
    with pytest.raises(AssertionError):
        fails(3)
    assert len(calls) == 3
    with pytest.raises(ValueError, match="at least once"):
        utils.retry(0)


def test_structure_of_symbols():
    a, b = mx.sym.Variable("a"), mx.sym.Variable("b")
    assert utils.same_symbol_structure(a * b + 1, b * a + 2)
    assert not utils.same_symbol_structure(a * b, a + b)
    assert not utils.same_symbol_structure(a * b, a * b + 1)


# ---------------------------------------------------------------- arrays


def test_random_arrays_and_shapes():
    np.random.seed(1)
    one, (two, none) = utils.random_arrays((2, 3)), utils.random_arrays((4,), ())
    assert one.shape == (2, 3) and two.dtype == np.float32 and none.shape == ()
    (uniform,) = utils.random_uniform_arrays((1000,), low=2, high=3, dtype=np.float64)
    assert uniform.dtype == np.float64 and 2 <= uniform.min() < 2.1 < 2.9 < uniform.max() <= 3
    assert sorted(utils.random_sample(list("abc"), 3)) == list("abc")
    with pytest.raises(ValueError, match="4 of 3"):
        utils.random_sample([1, 2, 3], 4)
    for shape in (
        utils.rand_shape_nd(3, 4),
        utils.rand_shape_nd(3, (4, 4, 4)),
        utils.rand_shape_3d(4, 4, 4),
    ):
        assert len(shape) == 3 and all(type(n) is int and 1 <= n <= 4 for n in shape)
    assert any(0 in utils.rand_shape_2d(1, 1, allow_zero_size=True) for _ in range(50))
    x, y = utils.rand_coord_2d(1, 2, 5, 6)
    assert (x, y) == (1, 5)
    array = utils.rand_ndarray((200,), dtype="float64", ctx=mx.cpu(1))
    assert array.dtype == np.float64 and array.context == mx.cpu(1)
    assert abs(array.asnumpy()).max() > 1.5  # normal numbers, not uniform ones


@pytest.mark.parametrize(
    "call",
    [
        lambda: utils.rand_ndarray((2, 2), "csr"),
        lambda: utils.rand_sparse_ndarray((2, 2), "row_sparse"),
        lambda: utils.create_sparse_array((2, 2), "csr", density=0.5),
        lambda: utils.create_sparse_array_zd((2, 2), "csr", 0.5),
        lambda: utils.shuffle_csr_column_indices(None),
    ],
)
def test_sparse_arrays_are_refused(call):
    with pytest.raises(mx.MXNetError, match="no sparse arrays"):
        call()


def test_made_arrays():
    assert utils.create_vector(3).asnumpy().tolist() == [0, 1, 2]
    assert utils.create_vector(3).dtype == np.int64
    assert utils.create_2d_tensor(2, 3).asnumpy().tolist() == [[0, 0, 0], [1, 1, 1]]
    assert utils.same(utils.get_identity_mat(3), np.eye(3))
    assert utils.same(utils.get_identity_mat_batch(2), np.array([np.eye(2)] * 2))
    values = np.array([[1, 2], [3, 4]], np.float32)
    assert utils.assign_each(values, lambda v: v * v).tolist() == [[1, 4], [9, 16]]
    assert utils.assign_each2(values, values, lambda v, w: v - w).tolist() == [[0, 0], [0, 0]]
    kept = utils.assign_each(values, None)
    assert kept is not values and utils.same(kept, values)
    with pytest.raises(ValueError, match="equal ones are expected"):
        utils.assign_each2(values, values[0], max)
    assert utils.np_reduce(values, (0, 1), True, np.max).tolist() == [[4]]
    assert utils.collapse_sum_like(np.ones((2, 3, 4)), (3, 1)).tolist() == [[8]] * 3
    with pytest.raises(ValueError, match="does not broadcast"):
        utils.collapse_sum_like(np.ones((2, 3)), (2,))


def test_matrices_with_real_eigenvalues():
    made = utils.new_matrix_with_real_eigvals_nd((2, 3, 5, 5))
    values, vectors = np.linalg.eig(made)
    assert made.shape == (2, 3, 5, 5) and abs(values.imag).max() < 1e-8 and abs(values).max() <= 10
    symmetric = utils.new_sym_matrix_with_real_eigvals_nd((4, 4))
    assert utils.same(symmetric, symmetric.T) and abs(np.linalg.eigvalsh(symmetric)).max() <= 10.001
    orthogonal = utils.new_orthonormal_matrix_2d(6)
    utils.assert_almost_equal(orthogonal @ orthogonal.T, np.eye(6), 0, 1e-12)


# ---------------------------------------------------------------- distributions


def uniform_of(high):
    return lambda n: np.random.uniform(0, high, n)


def test_p_values_are_those_of_the_chi_square_distribution():
    # One degree of freedom: erfc, by the fraction and by the series; two: exp.
    for counts, wanted in (
        ([40, 60], math.erfc(math.sqrt(4 / 2))),
        ([49, 51], math.erfc(math.sqrt(0.04 / 2))),
        ([20, 30, 70], math.exp(-35 / 2)),
    ):
        samples = np.repeat(np.arange(len(counts)), counts)
        values, probs = list(range(len(counts))), [1 / len(counts)] * len(counts)
        p, observed, expected = utils.chi_square_check(
            lambda _: samples, values, probs, sum(counts)
        )
        assert p == pytest.approx(wanted, rel=1e-9) and observed.tolist() == counts
        assert expected.tolist() == [sum(counts) // len(counts)] * len(counts)


def test_generators_are_told_apart():
    np.random.seed(3)
    buckets, probs = utils.gen_buckets_probs_with_ppf(lambda q: 2 * q, 4)
    assert buckets == [(0, 0.5), (0.5, 1), (1, 1.5), (1.5, 2)] and probs == [0.25] * 4
    good = utils.verify_generator(uniform_of(2), buckets, probs, nsamples=10000)
    assert len(good) == 5 and max(good) > 0.05
    with pytest.raises(AssertionError, match="0 of 5 chi-square tests give more than 0.05"):
        utils.verify_generator(uniform_of(1.9), buckets, probs, nsamples=10000)
    with pytest.raises(AssertionError):  # what is below the first bucket is in none
        utils.verify_generator(lambda n: uniform_of(2)(n) - 0.1, buckets, probs, nsamples=10000)
    coin = lambda n: mx.nd.array(np.random.randint(0, 2, n))  # noqa: E731
    assert max(utils.verify_generator(coin, [0, 1], [0.5, 0.5], nsamples=1000)) > 0.05


def test_what_cannot_be_tested_is_refused():
    with pytest.raises(ValueError, match="two lists of one length"):
        utils.chi_square_check(uniform_of(1), [(0, 1)], [1.0])
    with pytest.raises(ValueError, match="no whole one is expected in bucket 1"):
        utils.chi_square_check(uniform_of(1), [(0, 1), (1, 2)], [1.0, 0.0], 100)
    with pytest.raises(ValueError, match="ascending"):
        utils.chi_square_check(uniform_of(1), [(0, 1), (0.5, 2)], [0.5, 0.5], 100)
    with pytest.raises(ValueError, match="at least 1"):
        utils.gen_buckets_probs_with_ppf(lambda q: q, 0)


def test_means_and_variances():
    np.random.seed(4)
    normal = lambda n: np.random.normal(1, 2, n)  # noqa: E731
    assert utils.mean_check(normal, 1, 2, 10000) and not utils.mean_check(normal, 1.2, 2, 10000)
    assert utils.var_check(normal, 2, 10000) and not utils.var_check(normal, 2.2, 10000)


# ---------------------------------------------------------------- symbols

A, B = mx.sym.Variable("a"), mx.sym.Variable("b")
X, Y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]])


class Doubled(mx.operator.CustomOp):
    """Its gradient is wrong: 3 in place of 2."""

    def forward(self, is_train, req, in_data, out_data, aux):
        self.assign(out_data[0], req[0], in_data[0] * 2)

    def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
        self.assign(in_grad[0], req[0], out_grad[0] * 3)


@mx.operator.register("utils_doubled")
class DoubledProp(mx.operator.CustomOpProp):
    def create_operator(self, ctx, shapes, dtypes):
        return Doubled()


def test_outputs_are_compared():
    for expected in ([X * Y], {"out_output": X * Y}):
        (out,) = utils.check_symbolic_forward(
            mx.sym.elemwise_mul(A, B, name="out"), {"a": X, "b": Y}, expected
        )
    assert out.shape == (2, 2)
    with pytest.raises(AssertionError, match="expected__mul.* and forward__mul.* differ"):
        utils.check_symbolic_forward(A * B, [X, Y], [X * Y + 1])
    with pytest.raises(ValueError, match="the symbol has the arguments"):
        utils.check_symbolic_forward(A * B, {"a": X}, [X])
    with pytest.raises(ValueError, match="1 arrays are given for the arguments a, b"):
        utils.check_symbolic_forward(A * B, [X], [X])
    with pytest.raises(ValueError, match="'asnumpy', each array's own, is expected"):
        utils.check_symbolic_forward(A * B, [X, Y], [X * Y], dtype=np.int32)
    (own,) = utils.check_symbolic_forward(A * B, [X, Y], [X * Y], dtype="asnumpy")
    assert own.dtype == np.float64
    assert utils.same(utils.simple_forward(A * B, a=X, b=Y), X * Y)


@pytest.mark.parametrize("request_", ["write", "add", "null"])
def test_gradients_are_compared(request_):
    ones = np.ones((2, 2))
    found = utils.check_symbolic_backward(A * B, [X, Y], [ones], [Y, X], grad_req=request_)
    assert set(found) == {"a", "b"}
    if request_ == "null":  # nothing is expected but what was there
        return
    with pytest.raises(AssertionError, match="expected_b and gradient_b differ"):
        utils.check_symbolic_backward(A * B, [X, Y], [ones], {"b": Y}, grad_req=request_)


def test_gradients_are_compared_by_name_and_type():
    product = mx.sym.elemwise_mul(A, B, name="out")
    found = utils.check_symbolic_backward(
        product, [X, Y], {"out_output": np.ones((2, 2))}, {"a": Y}, dtype="asnumpy",
        grad_req={"a": "write", "b": "null"}, grad_stypes={"a": "default"},
    )
    assert found["a"].dtype == np.float64
    with pytest.raises(mx.MXNetError, match="no sparse arrays"):
        utils.check_symbolic_backward(product, [X, Y], [X], [Y], grad_stypes={"a": "csr"})


@pytest.mark.parametrize("request_", ["write", "add"])
def test_numeric_gradients(request_):
    requests = dict.fromkeys("ab", request_)
    utils.check_numeric_gradient(mx.sym.sin(A) * B, [X, Y], grad_nodes=requests)
    with pytest.raises(AssertionError, match="expected_a and gradient_a differ"):
        utils.check_numeric_gradient(
            mx.sym.Custom(A, op_type="utils_doubled"), {"a": X}, grad_nodes={"a": request_}
        )


def test_numeric_gradients_of_a_network_with_states():
    net = mx.sym.BatchNorm(A, name="bn", fix_gamma=False)
    np.random.seed(5)
    states = [mx.nd.zeros((3,)), mx.nd.ones((3,))]
    utils.check_numeric_gradient(
        net, [np.random.randn(8, 3), np.ones(3), np.zeros(3)], states, 1e-2, 0.16, 1e-2
    )
    assert utils.same(states[0], np.zeros(3))  # the given ones are not written


def test_numeric_gradients_as_in_the_first_releases():
    utils.check_numeric_gradient(A * A, [X], numeric_eps=1e-3, check_eps=1e-2)
    wrong = mx.sym.Custom(A, op_type="utils_doubled")
    utils.check_numeric_gradient(wrong, [X], check_eps=0.21)
    with pytest.raises(AssertionError, match="by 0.199.* of their size; check_eps is 0.1"):
        utils.check_numeric_gradient(wrong, [X], check_eps=0.1)
    with pytest.raises(ValueError, match="rounding alone"):
        utils.check_numeric_gradient(A * A, [X], numeric_eps=1e-6)
    utils.check_numeric_gradient(A * A, [X], numeric_eps=1e-6, dtype=np.float64)


def test_numeric_grad_leaves_the_arguments_as_they_were():
    exe = mx.sym.make_loss(A * A * B).simple_bind(mx.cpu(), a=(2, 2), b=(2, 2))
    found = utils.numeric_grad(exe, {"a": X, "b": Y.astype(np.int64)}, eps=1e-3)
    utils.assert_almost_equal(found["a"], 2 * X * Y, 1e-2)
    assert utils.same(found["b"], np.zeros((2, 2)))  # whole numbers have no gradient
    assert utils.same(exe.arg_dict["a"], X)


# ---------------------------------------------------------------- runs


def contexts(*kinds):
    return [{"ctx": mx.cpu(), "a": (4, 4), "type_dict": {"a": kind}} for kind in kinds]


def test_consistency():
    net = mx.sym.FullyConnected(A, num_hidden=3, name="fc")
    truth = utils.check_consistency(net, contexts(np.float64, np.float32))
    assert {"fc_output", "a", "fc_weight", "fc_bias"} == set(truth)
    assert truth["fc_output"].dtype == np.float64
    utils.check_consistency(net, contexts(np.float16, np.float32), grad_req="add", tol=0.1)
    entries = contexts(np.float32, np.float32)
    utils.check_consistency(net, entries, grad_req="null", use_uniform=True)


def test_inconsistencies(capsys):
    pair = [A * 2, A * 2 + 1]
    entries = contexts(np.float32, np.float32)
    with pytest.raises(ValueError, match="2 symbols are given for 2 contexts"):
        utils.check_consistency(pair, entries)
    pair = [mx.sym.identity(one, name="out") for one in pair]
    with pytest.raises(AssertionError, match="Forward, run 1 of cpu.*out_output"):
        utils.check_consistency(pair, entries)
    utils.check_consistency(pair, entries, raise_on_err=False)
    assert "Forward" not in capsys.readouterr().out
    wrong = [A * 2, mx.sym.Custom(A, op_type="utils_doubled")]
    wrong = [mx.sym.identity(one, name="out") for one in wrong]
    with pytest.raises(AssertionError, match="Training, run 1.*a and expected"):
        utils.check_consistency(wrong, entries)
    truth = {"out_output": np.full((4, 4), 2.0)}
    given = dict(arg_params={"a": np.ones((4, 4))}, grad_req="null", ground_truth=truth)
    utils.check_consistency([pair[0]] * 2, entries, **given)
    truth["out_output"][0, 0] = 3
    with pytest.raises(AssertionError, match="Forward, run 1"):
        utils.check_consistency([pair[0]] * 2, entries, **given)
    with pytest.raises(ValueError, match="two runs at least"):
        utils.check_consistency(A, entries[:1])


def test_speed():
    for typ in ("whole", "forward"):
        assert 0 < utils.check_speed(A * 2, typ=typ, N=2, a=(3, 3)) < 10
    assert utils.check_speed(A * 2, {"a": X}, N=1) > 0
    with pytest.raises(ValueError, match="'whole' or 'forward'"):
        utils.check_speed(A, typ="backward", a=(1,))


def test_optimizers_are_compared():
    sgd = mx.optimizer.SGD
    for dtype in ("float32", "float16"):
        pair = [sgd(learning_rate=0.1, momentum=0.9, multi_precision=True) for _ in range(2)]
        utils.compare_optimizer(*pair, (3, 4), dtype)
        utils.compare_optimizer(*pair, [(3, 4), (5,)], dtype, ntensors=2)
    for shape, count in (((3, 4), 1), ([(3, 4), (5,)], 2)):
        with pytest.raises(AssertionError):
            utils.compare_optimizer(
                sgd(learning_rate=0.1), sgd(learning_rate=0.2), shape, "float32", ntensors=count
            )
    # Their weights are the same, their states are not.
    pair = sgd(momentum=0.9, learning_rate=0.0), sgd(momentum=0.9, learning_rate=0.0, wd=9)
    pair[1].rescale_grad = 2
    utils.compare_optimizer(*pair, (3, 4), "float32")
    with pytest.raises(mx.MXNetError, match="compare_optimizer.w_stype='row_sparse'"):
        utils.compare_optimizer(*pair, (3, 4), "float32", w_stype="row_sparse")
    with pytest.raises(ValueError, match="1 shapes are given for ntensors=2"):
        utils.compare_optimizer(*pair, (3, 4), "float32", ntensors=2)


# ---------------------------------------------------------------- surroundings


def test_environment_is_put_back(monkeypatch):
    monkeypatch.setenv("TREADLE_TEST_A", "1")
    with pytest.raises(KeyError):
        with utils.environment({"TREADLE_TEST_A": None, "TREADLE_TEST_B": "2"}):
            assert utils.getenv("TREADLE_TEST_A") is None and utils.getenv("TREADLE_TEST_B") == "2"
            raise KeyError
    assert utils.getenv("TREADLE_TEST_A") == "1" and utils.getenv("TREADLE_TEST_B") is None
    with utils.EnvManager("TREADLE_TEST_A", "3"):
        assert os.environ["TREADLE_TEST_A"] == "3"
    assert utils.set_env_var("TREADLE_TEST_A", "4") == "1" and utils.getenv("TREADLE_TEST_A") == "4"
    with pytest.raises(TypeError, match="a name and a value, or a dict"):
        with utils.environment("TREADLE_TEST_A"):
            pass


def test_where_tests_run(monkeypatch):
    with mx.cpu(1):
        assert utils.default_context() == mx.cpu(1)
    utils.set_default_context(mx.cpu(2))
    assert utils.default_context() == mx.cpu(2)
    utils.set_default_context(mx.cpu(0))
    assert list(utils.list_gpus()) == list(range(mx.num_gpus()))
    monkeypatch.setenv("CD_JOB", "1")
    assert utils.is_cd_run() and utils.is_op_runnable() and not utils.has_tvm_ops()
    with pytest.raises(mx.MXNetError, match="Gluon is not part of it"):
        utils.check_gluon_hybridize_consistency(None, [])


def test_stderr_is_discarded(capfd):
    with utils.discard_stderr():
        os.write(2, b"not seen")
    os.write(2, b"seen")
    assert capfd.readouterr().err == "seen"


# ---------------------------------------------------------------- files


def idx(array):
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(">%di" % array.ndim, *array.shape)
    return head + array.astype(np.uint8).tobytes()


MNIST = {
    "train-images-idx3-ubyte": np.arange(3 * 784).reshape(3, 28, 28) % 256,
    "train-labels-idx1-ubyte": np.array([3, 1, 2]),
    "t10k-images-idx3-ubyte": np.full((2, 28, 28), 255),
    "t10k-labels-idx1-ubyte": np.array([9, 8]),
}


@pytest.mark.parametrize("packed", [False, True])
def test_mnist_from_files(tmp_path, monkeypatch, packed):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"data/train-images.* or .*\.gz.*expected"):
        utils.get_mnist()
    os.mkdir("data")
    for name, array in MNIST.items():
        if packed:
            with gzip.open(name + ".gz", "wb") as file:
                file.write(idx(array))
        else:
            with open("data/" + name, "wb") as file:
                file.write(idx(array))
    made = utils.get_mnist()
    assert made["train_data"].shape == (3, 1, 28, 28) and made["train_data"].dtype == np.float32
    assert made["train_data"][0, 0, 0, 2] == np.float32(2) / 255 and made["test_data"].min() == 1
    assert made["train_label"].tolist() == [3, 1, 2] and made["test_label"].dtype == np.int8


def test_mnist_iterators_from_an_archive(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="mnist.zip is expected.*Nothing is downloaded"):
        utils.get_mnist_iterator(1, (784,))
    with pytest.raises(FileNotFoundError, match="mnist.pkl.gz"):
        utils.get_mnist_pkl()
    os.mkdir("data")
    with zipfile.ZipFile("data/mnist.zip", "w") as archive:
        for name, array in MNIST.items():
            archive.writestr(name, idx(array))
    for shape in ((784,), (1, 28, 28)):
        train, test = utils.get_mnist_iterator(1, shape)
        assert train.provide_data[0][1] == (1, *shape)
        assert sorted(int(batch.label[0].asnumpy()[0]) for batch in test) == [8, 9]
    test.reset()
    dummy = utils.DummyIter(test)
    assert isinstance(dummy, mx.io.DataIter) and dummy.batch_size == 1
    assert next(dummy) is dummy.next() is dummy.the_batch and dummy.real_iter is test


def test_other_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="data/cifar/train.rec or data/cifar10.zip"):
        utils.get_cifar10()
    os.mkdir("data")
    names = ["cifar/%s" % name for name in ("train.rec", "test.rec", "train.lst", "test.lst")]
    with zipfile.ZipFile("data/cifar10.zip", "w") as archive:
        for name in names:
            archive.writestr(name, name)
    utils.get_cifar10()
    assert all(os.path.exists("data/" + name) for name in names)
    os.remove("data/cifar/test.lst")
    utils.get_zip_data("data", "http://nowhere.invalid/x.zip", "cifar10.zip")
    assert os.path.exists("data/cifar/test.lst")
    with bz2.open("data/x.bz2", "wb") as file:
        file.write(b"text")
    utils.get_bz2_data("data", "x", "http://nowhere.invalid/x.bz2", "x.bz2")
    with open("data/x", "rb") as file:
        assert file.read() == b"text"
    url = "http://nowhere.invalid/folder/x"
    assert utils.download(url, dirname="data") == "data/x"
    for call in (
        lambda: utils.download(url),
        lambda: utils.get_zip_data("data", url, "y.zip"),
        lambda: utils.get_bz2_data("data", "y", url, "y.bz2"),
    ):
        with pytest.raises(FileNotFoundError, match="get it from http://nowhere.invalid/folder/x"):
            call()
    with pytest.raises(OSError, match="overwrite=True.*nothing is downloaded"):
        utils.download(url, dirname="data", overwrite=True)


def test_models_and_tools(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="small-symbol.json"):
        utils.download_model("small", tmp_path)
    mx.model.save_checkpoint(str(tmp_path / "small"), 0, A * 2, {}, {})
    prefix, epoch = utils.download_model("small", tmp_path)
    assert mx.model.load_checkpoint(prefix, epoch)[0].list_arguments() == ["a"]
    monkeypatch.delenv("MXNET_HOME", raising=False)
    with pytest.raises(FileNotFoundError, match="MXNET_HOME is None"):
        utils.get_im2rec_path()
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "im2rec.py").write_text("")
    monkeypatch.setenv("MXNET_HOME", str(tmp_path))
    assert utils.get_im2rec_path() == str(tmp_path / "tools" / "im2rec.py")


def test_every_name_has_a_sentence():
    own = [
        name
        for name, found in vars(utils).items()
        if getattr(found, "__module__", "").startswith("treadle.test_utils")
    ]
    assert len(own) >= 85
    for name in own:
        assert inspect.getdoc(getattr(utils, name)), name


def test_importing_all_of_it_gives_what_tests_of_mxnet_have_from_it():
    names = {}
    exec("from treadle.test_utils import *", names)
    assert names["mx"] is mx and names["np"] is np and names["os"] is os
    assert {"assert_almost_equal", "array", "sys", "NDArray", "Context", "rnd"} <= set(names)
    assert not any(name.startswith("_") for name in set(names) - {"__builtins__"})
