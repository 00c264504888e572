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
    (gradient,) = autograd.grad(y, x)
    assert gradient.asnumpy().tolist() == [6]
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


# Of each operator: numbers where it is smooth, and how it is called.
SMOOTH = {
    "sin": (-1, 1), "cos": (-1, 1), "tan": (-1, 1), "sinh": (-1, 1), "cosh": (-1, 1),
    "tanh": (-1, 1), "arcsin": (-0.6, 0.6), "arccos": (-0.6, 0.6), "arctan": (-1, 1),
    "arcsinh": (-1, 1), "arccosh": (1.5, 3), "arctanh": (-0.6, 0.6), "exp": (-1, 1),
    "expm1": (-1, 1), "log": (0.5, 2), "log2": (0.5, 2), "log10": (0.5, 2), "log1p": (-0.4, 1),
    "sqrt": (0.5, 2), "rsqrt": (0.5, 2), "cbrt": (0.5, 2), "rcbrt": (0.5, 2),
    "reciprocal": (0.5, 2), "square": (-1, 1), "sigmoid": (-2, 2), "softsign": (0.1, 2),
    "erf": (-1, 1), "erfinv": (-0.6, 0.6), "degrees": (-1, 1), "relu": (0.1, 1), "abs": (0.1, 1),
}  # fmt: skip
TWICE = {name: (getattr(mx.nd, name), span) for name, span in SMOOTH.items()}
TWICE.update(
    {
        "power": (lambda x: x**2.5, (0.5, 2)),
        "rpower": (lambda x: 3**x, (-1, 1)),
        "rdiv": (lambda x: 2 / x, (0.5, 2)),
        "hypot": (lambda x: mx.nd._internal._hypot_scalar(x, scalar=2), (-1, 1)),
        "quotient": (lambda x: mx.nd.sin(x) / (x + 3), (-1, 1)),
        "two powers": (lambda x: x ** (x * 2), (0.5, 2)),
        "clip": (lambda x: mx.nd.clip(x, -0.5, 0.5) * x, (-0.4, 0.4)),
        "where": (lambda x: mx.nd.where(x > 0, x * x, x * x * x), (0.1, 1)),
        "repeated product": (lambda x: x * x.sum(axis=1, keepdims=True), (-1, 1)),
        "repeated quotient": (lambda x: x / mx.nd.mean(x, axis=0, keepdims=True), (0.5, 2)),
        "repeated power": (lambda x: x ** x.sum(axis=1, keepdims=True), (0.5, 1)),
        "mean of all": (lambda x: mx.nd.mean(x * x) * x[0, 0], (-1, 1)),
        "moved": (lambda x: mx.nd.transpose(x * x).reshape((-1,)).tile(2) ** 2, (-1, 1)),
        "parts": (lambda x: mx.nd.concat(x[0:1] ** 2, x[1:2] * x[0:1], dim=0).slice_axis(
            axis=1, begin=0, end=2) ** 2, (-1, 1)),
        "dot": (lambda x: mx.nd.dot(x, mx.nd.dot(x, x, transpose_a=True)), (-1, 1)),
        "batch_dot": (lambda x: mx.nd.batch_dot(*[x.expand_dims(0)] * 2, transpose_b=True) ** 2,
                      (-1, 1)),
        "fully connected": (lambda x: mx.nd.FullyConnected(x * x, x, num_hidden=2, no_bias=True),
                            (-1, 1)),
        "softmax": (mx.nd.softmax, (-1, 1)),
        "log_softmax": (mx.nd.log_softmax, (-1, 1)),
        **{
            act: (lambda x, act=act: mx.nd.Activation(x * x, act_type=act), (0.2, 1))
            for act in ("relu", "sigmoid", "tanh", "softrelu", "softsign")
        },
    }
)  # fmt: skip


@pytest.mark.parametrize("name", TWICE)
def test_gradients_can_be_differentiated(name):
    """The second derivative against the difference of first ones."""
    function, (low, high) = TWICE[name]
    random = np.random.RandomState(5)
    x = marked(mx.nd.array(random.uniform(low, high, (2, 3)), dtype="float64"))
    weights = mx.nd.array(random.uniform(-1, 1, (2, 3)), dtype="float64")

    def slope(at, create_graph):
        with autograd.record():
            y = function(at).sum()
            (dx,) = autograd.grad(y, [at], create_graph=create_graph)
            return (dx * weights).sum(), dx

    total, dx = slope(x, True)
    total.backward()
    step = 1e-5
    for i in np.ndindex(2, 3):
        moved = []
        for sign in (1, -1):
            at = x.asnumpy()
            at[i] += sign * step
            moved.append(slope(marked(mx.nd.array(at, dtype="float64")), False)[0].asscalar())
        assert x.grad[i].asscalar() == pytest.approx((moved[0] - moved[1]) / step / 2, 1e-4, 1e-6)


def test_the_third_derivative():
    x = marked([0.5])
    with autograd.record():
        y = mx.nd.sin(x) * x
        for _ in range(2):
            (y,) = autograd.grad(y, x, create_graph=True)
    y.backward()
    expected = -3 * np.sin(0.5) - 0.5 * np.cos(0.5)
    assert x.grad.asscalar() == pytest.approx(expected, 1e-5)


def test_a_gradient_made_by_a_kernel_says_that_it_ends_there():
    x, weight = marked(mx.nd.ones((1, 1, 4, 4))), mx.nd.ones((1, 1, 3, 3))
    with autograd.record():
        y = mx.nd.Convolution(x, weight, kernel=(3, 3), num_filter=1, no_bias=True)
        (dx,) = autograd.grad(y, x, create_graph=True)
        total = (dx * dx).sum()
    assert dx.asnumpy().sum() == 36
    with pytest.raises(mx.MXNetError, match="Convolution: the gradient of its gradient is asked"):
        total.backward()
    a, b = marked(mx.nd.ones((2, 3, 4))), mx.nd.ones((4, 3, 2))
    with autograd.record():
        y = mx.nd.dot(a, b)
        with pytest.raises(mx.MXNetError, match="dot: .* only matrices"):
            autograd.grad(y, a, create_graph=True)


def test_functions_of_the_program_are_differentiated_again_if_they_compute_with_arrays():
    class Cube(autograd.Function):
        def forward(self, x):
            self.save_for_backward(x)
            return x * x * x

        def backward(self, dy):
            (x,) = self.saved_tensors
            return 3 * x * x * dy

    x = marked([2.0])
    with autograd.record():
        y = Cube()(x)
        (dx,) = autograd.grad(y, x, create_graph=True)
    dx.backward()
    assert x.grad.asnumpy().tolist() == [12]


def test_recorded_work_as_a_symbol():
    x, y = marked(mx.nd.ones((2, 3))), mx.nd.ones((3,))
    with autograd.record():
        z = mx.nd.broadcast_add(x * x, y.reshape((1, 3))).reshape((3, 2))[1:].astype("float64")
    symbol = autograd.get_symbol(z)
    assert symbol.list_arguments() == ["var0", "var1"]
    values = {"var0": mx.nd.array(np.arange(6).reshape(2, 3)), "var1": mx.nd.ones((1, 3))}
    made = symbol.bind(mx.cpu(), values).forward()[0]
    assert made.dtype == np.float64 and made.asnumpy().tolist() == [[5, 10], [17, 26]]
    with pytest.raises(mx.MXNetError, match="not recorded"):
        autograd.get_symbol(mx.nd.ones(3))

    class Twice(autograd.Function):
        def forward(self, x):
            return x * 2

    with autograd.record():
        z = Twice()(x)
    with pytest.raises(mx.MXNetError, match="Twice: work of a program"):
        autograd.get_symbol(z)
