"""Operators written in Python."""

import json

import numpy as np
import pytest

import treadle as mx


@mx.operator.register("bindings_affine")
class AffineProp(mx.operator.CustomOpProp):
    def __init__(self, factor="1", fails="no"):
        super().__init__(need_top_grad=True)
        self.factor, self.fails = float(factor), fails

    def list_arguments(self):
        return ["data", "offset"]

    def list_auxiliary_states(self):
        return ["calls"]

    def infer_shape(self, in_shape):
        return [in_shape[0], in_shape[0]], [in_shape[0]], [[1]]

    def create_operator(self, ctx, in_shapes, in_dtypes):
        return Affine(self.factor, self.fails)


class Affine(mx.operator.CustomOp):
    def __init__(self, factor, fails):
        self.factor, self.fails = factor, fails

    def forward(self, is_train, req, in_data, out_data, aux):
        if self.fails == "forward":
            raise ValueError("the operator does not feel like it")
        aux[0][:] = aux[0] + 1
        self.assign(out_data[0], req[0], self.factor * in_data[0] + in_data[1])

    def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
        if self.fails == "backward":
            raise ValueError("nor backwards")
        self.assign(in_grad[0], req[0], self.factor * out_grad[0])
        self.assign(in_grad[1], req[1], out_grad[0])


def affine(**params):
    return mx.sym.Custom(
        mx.sym.Variable("data"), op_type="bindings_affine", name="affine", **params
    )


def test_lists_and_shapes_come_from_the_property_object():
    net = affine(factor=3)
    assert net.list_arguments() == ["data", "affine_offset"]
    assert net.list_auxiliary_states() == ["affine_calls"]
    assert net.infer_shape(data=(2, 3)) == ([(2, 3), (2, 3)], [(2, 3)], [(1,)])


def test_forward_backward_and_states():
    exe = affine(factor=3).simple_bind(mx.cpu(), data=(2,))
    exe.arg_dict["data"][:] = [1, 2]
    exe.arg_dict["affine_offset"][:] = 10
    for _ in range(2):
        out = exe.forward(is_train=True)[0]
        exe.backward(mx.nd.array([1, 100]))
    assert out.asnumpy().tolist() == [13, 16]
    assert exe.grad_dict["data"].asnumpy().tolist() == [3, 300]
    assert exe.aux_dict["affine_calls"].asnumpy().tolist() == [2]


def test_a_request_to_add_is_honoured():
    net, data = affine(factor=2), mx.nd.ones((2,))
    grads = {"data": mx.nd.array([5, 5])}
    exe = net.bind(
        mx.cpu(),
        {"data": data, "affine_offset": data},
        grads,
        {"data": "add"},
        {"affine_calls": mx.nd.zeros((1,))},
    )
    exe.forward(is_train=True)
    exe.backward(mx.nd.ones((2,)))
    assert grads["data"].asnumpy().tolist() == [7, 7]


def test_it_is_saved_and_loaded_with_its_parameters():
    loaded = mx.sym.load_json(affine(factor=4).tojson())
    exe = loaded.simple_bind(mx.cpu(), data=(1,))
    exe.arg_dict["data"][:] = 2
    assert exe.forward()[0].asnumpy().tolist() == [8]


def test_imperative_use_and_autograd():
    x, offset, calls = mx.nd.array([1.0]), mx.nd.array([2.0]), mx.nd.zeros((1,))
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.Custom(x, offset, calls, op_type="bindings_affine", factor=5)
    y.backward()
    assert y.asnumpy().tolist() == [7]
    assert x.grad.asnumpy().tolist() == [5]


@pytest.mark.parametrize("where", ["forward", "backward"])
def test_an_exception_arrives_at_the_wait_with_its_traceback(where):
    exe = affine(fails=where).simple_bind(mx.cpu(), data=(1,))
    exe.forward(is_train=True)
    exe.backward(mx.nd.ones((1,)))
    waits = exe.outputs[0] if where == "forward" else exe.grad_dict["data"]
    with pytest.raises(mx.MXNetError, match="(?s)Custom.affine.*Traceback.*test_custom_operator"):
        waits.asnumpy()


def test_refusals_are_sentences():
    with pytest.raises(mx.MXNetError, match="no custom operator 'bindings_afine' is registered"):
        mx.sym.Custom(mx.sym.Variable("x"), op_type="bindings_afine")
    with pytest.raises(mx.MXNetError, match="there is no parameter 'colour'"):
        affine(colour=1)


def test_a_property_with_a_wrong_count_is_named():
    @mx.operator.register("bindings_wrong")
    class Wrong(mx.operator.CustomOpProp):
        def infer_shape(self, in_shape):
            return [in_shape[0]] * 2, [in_shape[0]], []

    net = mx.sym.Custom(mx.sym.Variable("x"), op_type="bindings_wrong")
    with pytest.raises(mx.MXNetError, match="gives 2 shapes of arguments; the operator lists 1"):
        net.infer_shape(x=(2,))


class Cube(mx.operator.NumpyOp):
    def forward(self, in_data, out_data):
        out_data[0][:] = in_data[0] ** 3

    def backward(self, out_grad, in_data, out_data, in_grad):
        in_grad[0][:] = 3 * in_data[0] ** 2 * out_grad[0]


class CubeOfArrays(mx.operator.NDArrayOp):
    def forward(self, in_data, out_data):
        out_data[0][:] = in_data[0] * in_data[0] * in_data[0]

    def backward(self, out_grad, in_data, out_data, in_grad):
        in_grad[0][:] = 3 * in_data[0] * in_data[0] * out_grad[0]


@pytest.mark.parametrize("kind", [Cube, CubeOfArrays])
def test_the_older_forms(kind):
    exe = kind()(mx.sym.Variable("x"), name="cube").simple_bind(mx.cpu(), x=(2,))
    exe.arg_dict["x"][:] = [1, 2]
    assert exe.forward(is_train=True)[0].asnumpy().tolist() == [1, 8]
    exe.backward(mx.nd.array([1, 10]))
    assert exe.grad_dict["x"].asnumpy().tolist() == [3, 120]


def test_many_executors_at_once():
    nets = [affine(factor=k).simple_bind(mx.cpu(), data=(4,)) for k in range(8)]
    for exe in nets:
        exe.arg_dict["data"][:] = 1
    for _ in range(20):
        for exe in nets:
            exe.forward()
    assert [exe.outputs[0].asnumpy()[0] for exe in nets] == list(range(8))
    assert np.all([exe.aux_dict["affine_calls"].asnumpy() == 20 for exe in nets])


@mx.operator.register("bindings_makes_arrays")
class MakesArraysProp(mx.operator.CustomOpProp):
    class MakesArrays(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            made = mx.nd.zeros((2,)) + mx.nd.ones((2,)) + mx.nd.full((2,), 2) + mx.nd.arange(2)
            assert mx.nd.zeros((2,)).asnumpy().tolist() == [0, 0]
            self.assign(out_data[0], req[0], in_data[0] + made + mx.nd.array([5, 5]))

    def create_operator(self, ctx, shapes, dtypes):
        return self.MakesArrays()


def test_arrays_may_be_made_inside():
    made = mx.nd.Custom(mx.nd.zeros((2,)), op_type="bindings_makes_arrays")
    assert made.asnumpy().tolist() == [8, 9]


class Keeps(mx.operator.CustomOp):
    kept = []

    def forward(self, is_train, req, in_data, out_data, aux):
        self.kept.append(in_data[0])
        self.assign(out_data[0], req[0], in_data[0] + 1)


@mx.operator.register("bindings_keeps")
class KeepsProp(mx.operator.CustomOpProp):
    def create_operator(self, ctx, in_shapes, in_dtypes):
        return Keeps()


def test_an_array_that_is_kept_holds_what_it_held():
    for value in 3, 4:
        x = mx.nd.full((2,), value)
        y = mx.nd.Custom(x, op_type="bindings_keeps")
        assert y.asnumpy().tolist() == [value + 1] * 2
        x[:] = 0
        mx.nd.waitall()
    assert [each.asnumpy().tolist() for each in Keeps.kept] == [[3, 3], [4, 4]]


def test_the_profiler_names_what_an_operator_calls(tmp_path):
    class AddOne(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            self.assign(out_data[0], req[0], in_data[0] + 1)

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            self.assign(in_grad[0], req[0], out_grad[0] * 1)

    @mx.operator.register("profiled_add_one")
    class AddOneProp(mx.operator.CustomOpProp):
        def create_operator(self, ctx, shapes, types):
            return AddOne()

    mx.profiler.set_config(filename=str(tmp_path / "trace.json"), aggregate_stats=True)
    mx.profiler.set_state("run")
    try:
        mx.profiler.dumps(reset=True)
        x = mx.nd.ones((3,))
        x.attach_grad()
        with mx.autograd.record():
            y = mx.nd.Custom(x, op_type="profiled_add_one") + 1
        y.backward()
        mx.nd.waitall()
        table = json.loads(mx.profiler.dumps(reset=True, format="json"))["Time"]
    finally:
        mx.profiler.set_state("stop")
    assert set(table["Custom Operator"]) >= {
        "profiled_add_one::pure_python",
        "profiled_add_one::_plus_scalar",
        "_backward_profiled_add_one::pure_python",
        "_backward_profiled_add_one::_mul_scalar",
    }
    assert table["operator"]["_plus_scalar"]["Count"] == 1  # the one outside
