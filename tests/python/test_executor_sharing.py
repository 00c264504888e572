"""Monitors, and executors on the same memory."""

import ctypes

import numpy as np
import pytest

import treadle as mx


def net():
    x = mx.sym.FullyConnected(mx.sym.Variable("x"), num_hidden=4, no_bias=True, name="fc")
    return mx.sym.Activation(x, act_type="relu", name="relu")


def test_a_monitor_callback_gets_every_output():
    exe = net().simple_bind(mx.cpu(), x=(2, 3))
    for array in exe.arg_arrays:
        array[:] = 1
    seen = {}
    exe.set_monitor_callback(lambda name, array: seen.update({name: array.asnumpy()}))
    exe.forward(is_train=True)
    assert set(seen) == {"fc_output", "relu_output"}
    assert (seen["fc_output"] == 3).all() and (exe.outputs[0].asnumpy() == 3).all()
    exe.backward(mx.nd.ones((2, 4)))
    assert (exe.grad_dict["x"].asnumpy() == 4).all()
    seen.clear()
    exe.set_monitor_callback(lambda name, array: seen.update({name: array}), monitor_all=True)
    exe.forward(x=np.zeros((2, 3)))
    assert {"x", "fc_weight", "fc_output"} <= set(seen)
    assert (exe.outputs[0].asnumpy() == 0).all()
    exe.set_monitor_callback(None)
    seen.clear()
    exe.forward()
    assert not seen


def test_a_monitor_of_all_sees_inputs_before_outputs():
    exe = net().simple_bind(mx.cpu(), x=(2, 3))
    exe.arg_dict["x"][:] = -2
    exe.arg_dict["fc_weight"][:] = 1
    seen = []
    exe.set_monitor_callback(lambda name, array: seen.append((name, array.asnumpy().min())), True)
    exe.forward()
    assert seen == [
        ("x", -2), ("fc_data", -2), ("fc_weight", 1), ("fc_weight", 1), ("fc_output", -6),
        ("relu_input0", -6), ("relu_output", 0),
    ]  # fmt: skip


def test_a_monitor_stays_when_shapes_change():
    exe = net().simple_bind(mx.cpu(), x=(2, 3))
    handles = []

    def callback(name, array):  # as monitors for MXNet's C functions are written
        handle = ctypes.cast(array, mx.base.NDArrayHandle)
        handles.append((mx.base.py_str(name), mx.nd.NDArray(handle, writable=False).shape))

    exe.set_monitor_callback(callback)
    exe.reshape(allow_up_sizing=True, x=(5, 3)).forward()
    assert handles == [("fc_output", (5, 4)), ("relu_output", (5, 4))]


@pytest.mark.parametrize("request_", ["write", "add"])
def test_gradients_may_be_of_another_type(request_):
    gradient = mx.nd.ones((2, 3), dtype="float64")
    x = mx.sym.Variable("x")
    arrays = {"x": mx.nd.ones((2, 3), dtype="float16")}
    exe = (x * x).bind(mx.cpu(), arrays, {"x": gradient}, request_)
    exe.forward(is_train=True)
    for _ in range(2):
        exe.backward(mx.nd.full((2, 3), 4))
    assert gradient.dtype == np.float64
    assert (gradient.asnumpy() == (8 if request_ == "write" else 17)).all()
    with pytest.raises(mx.MXNetError, match="shape"):
        (x * x).bind(mx.cpu(), arrays, {"x": mx.nd.ones((3,), dtype="float64")})


def test_a_monitor_callback_gets_the_gradients_of_inputs():
    x = mx.sym.Variable("x")
    squares = mx.sym.elemwise_mul(x, x, name="squares")
    scores = mx.sym.FullyConnected(squares, num_hidden=2, name="fc")
    best = mx.sym.argmax(mx.sym.BlockGrad(scores, name="stopped"), axis=1, name="best")
    net = mx.sym.Group([scores, best])
    exe = net.simple_bind(mx.cpu(), x=(1, 2), grad_req={"fc_weight": "write", "x": "add"})
    exe.arg_dict["x"][:] = mx.nd.array([[2, 3]])
    exe.arg_dict["fc_weight"][:] = mx.nd.array([[1, 2], [3, 4]])
    seen = []
    exe.set_monitor_callback(lambda name, array: seen.append((name, array.asnumpy().tolist())))
    exe.forward(is_train=True)
    assert [name for name, _ in seen] == [
        "squares_output", "fc_output", "stopped_output", "best_output"
    ]
    seen.clear()
    exe.backward([mx.nd.array([[1, 10]]), mx.nd.ones((1,))])
    assert dict(seen) == {
        "fc_backward_data": [[31, 42]],
        "fc_backward_weight": [[4, 9], [40, 90]],
        "fc_backward_bias": [1, 10],
        "squares_backward_lhs": [[62, 126]],
        "squares_backward_rhs": [[62, 126]],
    }
    assert exe.grad_dict["x"].asnumpy().tolist() == [[124, 252]]


def test_a_monitor_sees_states_and_leaves_them_right():
    net = mx.sym.BatchNorm(mx.sym.Variable("x"), fix_gamma=False, momentum=0.5, name="bn")
    plain, watched = (net.simple_bind(mx.cpu(), x=(3, 2)) for _ in range(2))
    names = []
    watched.set_monitor_callback(lambda name, _: names.append(name))
    for exe in plain, watched:
        exe.arg_dict["x"][:] = mx.nd.array([[1, 2], [3, 5], [6, 7]])
        exe.arg_dict["bn_gamma"][:] = 2
        exe.aux_dict["bn_moving_var"][:] = 1
        exe.forward(is_train=True)
        exe.backward(mx.nd.array([[1, 2], [0, 1], [3, 1]]))
    assert names == [
        "bn_output", "bn_backward_beta", "bn_backward_gamma", "bn_backward_data"
    ]
    for one, other in zip(
        plain.grad_arrays + plain.aux_arrays, watched.grad_arrays + watched.aux_arrays
    ):
        assert np.array_equal(one.asnumpy(), other.asnumpy())


def test_a_reshaped_executor_takes_turns_with_the_first():
    big = net().simple_bind(mx.cpu(), x=(4, 3))
    for array in big.arg_arrays:
        array[:] = 1
    small = big.reshape(x=(2, 3))
    for _ in range(50):
        big.forward(is_train=True, x=np.ones((4, 3)))
        small.forward(is_train=True, x=2 * np.ones((2, 3)))
        assert (small.outputs[0].asnumpy() == 6).all()
        small.backward(mx.nd.ones((2, 4)))
    assert (small.grad_dict["fc_weight"].asnumpy() == 4).all()
    with pytest.raises(mx.MXNetError, match="another executor on the same memory has run"):
        big.backward(mx.nd.ones((4, 4)))
    big.forward(is_train=True)
    big.backward(mx.nd.ones((4, 4)))
    assert big.grad_dict["fc_weight"].shape == (4, 3)


def test_an_error_in_one_does_not_stay_with_the_other():
    @mx.operator.register("bindings_fails")
    class Prop(mx.operator.CustomOpProp):
        def create_operator(self, ctx, shapes, dtypes):
            return Op()

    class Op(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            if in_data[0].asnumpy()[0] < 0:
                raise ValueError("negative")
            self.assign(out_data[0], req[0], in_data[0])

    first = mx.sym.Custom(mx.sym.Variable("x"), op_type="bindings_fails")
    first = first.simple_bind(mx.cpu(), grad_req="null", x=(3,))
    second = first.reshape(x=(2,))
    first.forward(x=mx.nd.array([-1, 0, 0]))
    with pytest.raises(mx.MXNetError, match="negative"):
        first.outputs[0].asnumpy()
    second.forward(x=mx.nd.array([1, 2]))
    assert second.outputs[0].asnumpy().tolist() == [1, 2]
