"""Monitors, and executors on the same memory."""

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
