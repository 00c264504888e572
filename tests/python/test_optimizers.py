"""Optimizers: each goes downhill, its states travel, its rules hold."""

import pickle

import numpy as np
import pytest

import treadle as mx

RATES = {
    "sgd": 0.1,
    "ccsgd": 0.1,
    "nag": 0.1,
    "dcasgd": 0.1,
    "lbsgd": 0.1,
    "lars": 30.0,
    "signum": 0.05,
    "adam": 0.1,
    "adagrad": 0.5,
    "adadelta": 1.0,
    "adamax": 0.1,
    "nadam": 0.1,
    "rmsprop": 0.05,
    "ftrl": 1.0,
    "ftml": 0.5,
    "lamb": 0.05,
}


# Those that are put together from array operations need the build to have these.
_COMPOSED = {"adagrad", "adadelta", "adamax", "nadam", "lamb"}
_HAS_MATHS = all(map(mx._treadle.has_operator, ("sqrt", "abs", "clip", "_random_normal")))


def optimizers(names):
    """Names as cases, without those that this build cannot run."""
    return [name for name in sorted(names) if _HAS_MATHS or name not in _COMPOSED]


def descend(name, steps, weight=None, updater=None, **options):
    """Steps on half the square of the distance to (1, -2)."""
    target = np.array([1.0, -2.0], np.float32)
    weight = mx.nd.array([3.0, 3.0]) if weight is None else weight
    if updater is None:
        options.setdefault("learning_rate", RATES[name])
        updater = mx.optimizer.get_updater(mx.optimizer.create(name, **options))
    for _ in range(steps):
        updater(0, mx.nd.array(weight.asnumpy() - target), weight)
    return weight, updater, np.abs(weight.asnumpy() - target).max()


@pytest.mark.parametrize("name", optimizers(set(RATES) - {"adadelta"}))
def test_each_goes_downhill(name):
    _, _, distance = descend(name, 150)
    assert distance < 0.7, distance


@pytest.mark.skipif(not _HAS_MATHS, reason="the build lacks sqrt")
def test_adadelta_goes_downhill_slowly():
    assert descend("adadelta", 300)[2] < 5 - 0.3


@pytest.mark.parametrize("name", optimizers(["sgd", "adam", "rmsprop", "nadam"]))
def test_states_travel(name):
    options = {"momentum": 0.9} if name == "sgd" else {}
    weight, updater, _ = descend(name, 5, **options)
    copy = weight.copy()
    other = mx.optimizer.get_updater(mx.optimizer.create(name, learning_rate=9.0))
    other.set_states(updater.get_states(dump_optimizer=True))
    descend(name, 5, weight, updater)
    descend(name, 5, copy, other)
    assert np.array_equal(weight.asnumpy(), copy.asnumpy())


def test_half_precision_weights_have_a_copy_in_float():
    weight = mx.nd.array([1.0], dtype="float16")
    updater = mx.optimizer.get_updater(
        mx.optimizer.SGD(learning_rate=1e-4, multi_precision=True)
    )
    for _ in range(100):
        updater(0, mx.nd.array([1.0], dtype="float16"), weight)
    assert weight.dtype == np.float16
    assert weight.asnumpy()[0] == pytest.approx(0.99, abs=1e-3)


def test_the_copy_stands_where_programs_look_for_it():
    weight = mx.nd.array([1.0, 2.0], dtype="float16")
    for name in ("sgd", "nag", "lars"):
        made = mx.optimizer.create(name, momentum=0.9, multi_precision=True)
        momentum, copy = made.create_state_multi_precision(0, weight)
        assert copy.dtype == momentum.dtype == np.float32
        assert copy.asnumpy().tolist() == [1, 2] and momentum.asnumpy().tolist() == [0, 0]
        made.update_multi_precision(0, weight, weight, (momentum, copy))
        assert (momentum.asnumpy() != 0).all()
        assert np.array_equal(copy.asnumpy().astype("float16"), weight.asnumpy())
        weight[:] = mx.nd.array([1, 2])
    copy, _ = mx.optimizer.Adam(multi_precision=True).create_state_multi_precision(0, weight)
    assert copy.asnumpy().tolist() == [1, 2]
    made = mx.optimizer.SGD(multi_precision=True)
    assert made.create_state_multi_precision(0, mx.nd.ones((1,))) is None


@pytest.mark.parametrize("name", optimizers(["sgd", "adam", "lamb"]))
def test_lists_of_weights_are_updated_one_by_one(name):
    def run(at_once):
        made = mx.optimizer.create(name, learning_rate=0.1)
        weights = [mx.nd.array([1.0, -2.0]), mx.nd.array([3.0])]
        grads = [mx.nd.array([0.5, 0.25]), mx.nd.array([-1.0])]
        states = [made.create_state_multi_precision(i, w) for i, w in enumerate(weights)]
        for _ in range(3):
            if at_once:
                made.update_multi_precision([0, 1], weights, grads, states)
            else:
                for each in zip([0, 1], weights, grads, states):
                    made.update_multi_precision(*each)
        return np.concatenate([w.asnumpy() for w in weights])

    assert np.array_equal(run(True), run(False))


def lamb_by_hand(weight, grad, steps, bias_correction, lower=None, upper=None, lr=0.1, wd=0.02):
    mean, square = np.zeros_like(weight), np.zeros_like(weight)
    for t in range(1, steps + 1):
        g = np.clip(grad * 0.5, -0.3, 0.3)
        mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g * g
        m, v = mean, square
        if bias_correction:
            m, v = mean / (1 - 0.9**t), square / (1 - 0.999**t)
        step = m / (np.sqrt(v) + 1e-6) + wd * weight
        length = np.linalg.norm(weight)
        length = max(length, lower) if lower else length
        length = min(length, upper) if upper else length
        weight = weight - lr * length / np.linalg.norm(step) * step
    return weight


@pytest.mark.parametrize("bias_correction", [True, False])
@pytest.mark.parametrize("bounds", [(None, None), (5.0, None), (None, 0.5)])
def test_lamb_follows_its_formula(bias_correction, bounds):
    weight, grad = np.array([1.0, -2.0, 0.5]), np.array([0.2, -1.0, 0.7])
    made = mx.optimizer.LAMB(
        learning_rate=0.1,
        wd=0.02,
        rescale_grad=0.5,
        clip_gradient=0.3,
        bias_correction=bias_correction,
        lower_bound=bounds[0],
        upper_bound=bounds[1],
    )
    array = mx.nd.array(weight)
    updater = mx.optimizer.get_updater(made)
    for _ in range(3):
        updater(0, mx.nd.array(grad), array)
    expected = lamb_by_hand(weight, grad, 3, bias_correction, *bounds)
    assert array.asnumpy() == pytest.approx(expected, rel=1e-4)


@pytest.mark.skipif(not _HAS_MATHS, reason="the build lacks _random_normal")
def test_noise_has_the_variance_of_the_rate():
    mx.random.seed(5)
    weight = mx.nd.zeros((10000,))
    updater = mx.optimizer.get_updater(mx.optimizer.SGLD(learning_rate=0.04))
    updater(0, mx.nd.zeros((10000,)), weight)
    assert weight.asnumpy().std() == pytest.approx(0.2, rel=0.05)


def test_an_optimizer_of_ones_own():
    @mx.optimizer.register
    class Halving(mx.optimizer.Optimizer):
        def update(self, index, weight, grad, state):
            weight *= 0.5

    made = mx.optimizer.create("halving")
    assert isinstance(made, Halving)
    weight = mx.nd.array([8.0])
    mx.optimizer.get_updater(made)(0, weight, weight)
    assert weight.asnumpy().tolist() == [4]
    assert isinstance(pickle.loads(pickle.dumps(mx.optimizer.Adam())), mx.optimizer.Adam)


def test_multipliers_come_from_attributes_and_calls():
    net = mx.sym.FullyConnected(
        mx.sym.Variable("x"), mx.sym.Variable("w", lr_mult=0.5, wd_mult=3), num_hidden=1, name="fc"
    )
    sgd = mx.optimizer.SGD(
        learning_rate=1.0, wd=1.0, sym=net, param_idx2name={0: "w", 1: "fc_bias"}
    )
    assert (sgd._get_lr(0), sgd._get_wd(0), sgd._get_wd(1)) == (0.5, 3, 0)
    sgd.set_lr_mult({"w": 2})
    assert sgd._get_lr(0) == 2
