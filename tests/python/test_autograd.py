"""Recorded work and its gradients."""

import numpy as np
import pytest

import treadle as mx
from treadle import autograd


def marked(values):
    array = mx.nd.array(values)
    array.attach_grad()
    return array


def test_gradients_are_those_of_calculus():
    x, y = marked([1, 2, 3]), marked([4, 5, 6])
    with autograd.record():
        z = x * y + 2 * x
    z.backward()
    assert x.grad.asnumpy().tolist() == [6, 7, 8]
    assert y.grad.asnumpy().tolist() == [1, 2, 3]


def test_head_gradients_weigh_the_outputs():
    x = marked([1, 2])
    with autograd.record():
        y = x * x
    y.backward(mx.nd.array([10, 100]))
    assert x.grad.asnumpy().tolist() == [20, 400]


def test_a_gradient_is_added_where_that_is_asked():
    x, gradient = mx.nd.array([3.0]), mx.nd.array([1.0])
    autograd.mark_variables([x], [gradient], "add")
    for _ in range(2):
        with autograd.record():
            y = x * 2
        y.backward()
    assert gradient.asnumpy().tolist() == [5]


def test_states_nest_and_are_given_back():
    assert not autograd.is_recording() and not autograd.is_training()
    with autograd.record():
        assert autograd.is_recording() and autograd.is_training()
        with autograd.pause():
            assert not autograd.is_recording() and not autograd.is_training()
        with autograd.predict_mode():
            assert autograd.is_recording() and not autograd.is_training()
    with autograd.train_mode():
        assert not autograd.is_recording() and autograd.is_training()
    assert not autograd.is_recording() and not autograd.is_training()


def test_dropout_learns_under_record_alone():
    x = mx.nd.ones((1000,))
    assert (mx.nd.Dropout(x).asnumpy() == 1).all()
    with autograd.record():
        assert (mx.nd.Dropout(x).asnumpy() == 0).any()


def test_parts_of_an_array_have_gradients():
    x = marked(np.arange(6).reshape(2, 3))
    with autograd.record():
        y = x[1] * 2 + x.reshape((3, 2))[:, 0]
    y.backward()
    assert x.grad.asnumpy().tolist() == [[1, 0, 1], [2, 3, 2]]


def test_detached_arrays_stop_gradients():
    x = marked([2])
    with autograd.record():
        y = x * (x * x).detach()
    y.backward()
    assert x.grad.asnumpy().tolist() == [4]


def test_grad_gives_gradients_and_writes_none():
    x = marked([3])
    with autograd.record():
        y = x * x
    assert autograd.grad(y, x).asnumpy().tolist() == [6]
    assert x.grad.asnumpy().tolist() == [0]


class Clipped(autograd.Function):
    def forward(self, x):
        self.save_for_backward(x)
        return mx.nd.array(np.minimum(x.asnumpy(), 1))

    def backward(self, dy):
        (x,) = self.saved_tensors
        return dy * mx.nd.array(x.asnumpy() < 1)


def test_a_function_of_ones_own():
    x = marked([0.5, 2])
    with autograd.record():
        y = Clipped()(x) * 3
    y.backward()
    assert x.grad.asnumpy().tolist() == [3, 0]


class Failing(autograd.Function):
    def forward(self, x):
        return x * 1

    def backward(self, dy):
        raise KeyError("no gradient today")


def test_an_exception_of_a_function_has_its_traceback():
    x = marked([1])
    with autograd.record():
        y = Failing()(x)
    with pytest.raises(mx.MXNetError, match="(?s)test_autograd.py.*no gradient today"):
        y.backward()


def test_what_a_tape_made_that_was_given_up_is_a_constant():
    x, weight = marked([3]), marked([2])
    with autograd.record():
        state = x * x
    state.backward()
    for _ in range(2):
        with autograd.record():
            y = state.reshape((1, 1))[0] * weight
        y.backward()
        state = y
    assert weight.grad.asnumpy().tolist() == [18] and x.grad.asnumpy().tolist() == [6]


def test_fresh_gradients_are_those_that_backward_has_reached():
    x, y = marked([1]), marked([1])
    assert not x._fresh_grad and not y._fresh_grad
    with autograd.record():
        z = (x * 2).detach() + y
    z.backward()
    assert y._fresh_grad and not x._fresh_grad
    y._fresh_grad = False
    assert not y._fresh_grad and not mx.nd.ones((1,))._fresh_grad
    with pytest.raises(mx.MXNetError, match="not marked has no gradient"):
        mx.nd.ones((1,))._fresh_grad = True


def test_refusals_are_sentences():
    x = marked([1])
    with pytest.raises(mx.MXNetError, match="was not recorded"):
        (mx.nd.ones((2,)) * 2).backward()
    with autograd.record():
        y = x * 2
    y.backward()
    with pytest.raises(mx.MXNetError, match="retain_graph"):
        y.backward()
    with pytest.raises(mx.MXNetError, match="create_graph"):
        autograd.grad(y, x, create_graph=True)
    with pytest.raises(ValueError, match="grad_req is 'sum'"):
        autograd.mark_variables([x], [x], "sum")
    with pytest.raises(ValueError, match="numbers must be equal"):
        autograd.mark_variables([x], [])


def test_the_first_form_gives_gradient_and_loss():
    both = mx.contrib.autograd.grad_and_loss(lambda a, b: a * a + b)
    gradients, loss = both(mx.nd.array([3.0]), mx.nd.array([1.0]))
    assert [one.asnumpy().tolist() for one in gradients] == [[6], [1]]
    assert loss.asnumpy().tolist() == [10]
    first = mx.contrib.autograd.grad(lambda a, b: a * b, argnum=0)
    assert first(mx.nd.array([3.0]), mx.nd.array([7.0]))[0].asnumpy().tolist() == [7]
