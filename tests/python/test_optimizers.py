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
