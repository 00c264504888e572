"""Operators whose auxiliary states lie among their inputs, as updates of many weights have them."""

import json

import numpy as np
import pytest
import treadle as mx

PARAMS = dict(lrs=(0.5, 0.25), wds=(0.0, 0.0), momentum=0.5, num_weights=2)


def composed():
    variables = [mx.sym.Variable(name) for name in ("w0", "g0", "m0", "w1", "g1")]
    return mx.sym.multi_sgd_mom_update(*variables, name="step", **PARAMS)


def test_names_keep_the_order_of_the_call():
    step = composed()
    assert step.list_arguments() == ["w0", "g0", "w1", "g1"]
    assert step.list_auxiliary_states() == ["m0", "step_mom_1"]
    assert step.list_outputs() == ["step_output0", "step_output1"]
    assert step.get_internals().list_outputs()[:6] == ["w0", "g0", "m0", "w1", "g1", "step_mom_1"]


def test_files_keep_the_order_of_the_call():
    text = composed().tojson()
    nodes = json.loads(text)["nodes"]
    assert [nodes[i[0]]["name"] for i in nodes[-1]["inputs"]] == [
        "w0",
        "g0",
        "m0",
        "w1",
        "g1",
        "step_mom_1",
    ]
    assert mx.sym.load_json(text).tojson() == text


def test_a_graph_and_a_call_update_the_same_states():
    rng = np.random.RandomState(3)
    shapes = [(2, 3)] * 3 + [(4,)] * 3
    values = [rng.uniform(-1, 1, shape).astype("float32") for shape in shapes]
    arrays = [mx.nd.array(value) for value in values]
    called = mx.nd.multi_sgd_mom_update(*arrays, **PARAMS)
    for i, rate in enumerate(PARAMS["lrs"]):
        weight, gradient, momentum = values[3 * i : 3 * i + 3]
        kept = 0.5 * momentum - rate * gradient
        np.testing.assert_allclose(arrays[3 * i + 2].asnumpy(), kept, rtol=1e-5)
        np.testing.assert_allclose(called[i].asnumpy(), weight + kept, rtol=1e-5)

    step = composed()
    names = ["w0", "g0", "m0", "w1", "g1", "step_mom_1"]
    given = {name: mx.nd.array(value) for name, value in zip(names, values)}
    states = {name: given.pop(name) for name in ("m0", "step_mom_1")}
    exe = step.bind(mx.cpu(), given, grad_req="null", aux_states=states)
    for made, expected in zip(exe.forward(), called):
        np.testing.assert_array_equal(made.asnumpy(), expected.asnumpy())
    np.testing.assert_array_equal(states["m0"].asnumpy(), arrays[2].asnumpy())


def test_a_state_is_a_variable():
    x = mx.sym.Variable("x")
    with pytest.raises(mx.MXNetError, match="mom_0 is the output of .* must be a variable"):
        mx.sym.multi_sgd_mom_update(x, x, mx.sym.exp(x), lrs=(1,), wds=(0,))


def test_a_number_of_weights_in_a_file_is_bounded():
    text = composed().tojson().replace('"num_weights": "2"', '"num_weights": "2000000000"')
    with pytest.raises(mx.MXNetError, match="num_weights is 2000000000"):
        mx.sym.load_json(text)


def test_partial_inference_answers_as_mxnet_does():
    lhs, rhs = mx.sym.Variable("lhs"), mx.sym.Variable("rhs")
    joined = mx.sym.Concat(lhs, rhs, dim=1)
    assert joined.infer_shape_partial(lhs=(2, 3)) == ([(2, 3), (2, 0)], [(2, 3)], [])
    norm = mx.sym.BatchNorm(lhs, name="bn")
    arguments, _, _ = norm.infer_shape_partial(lhs=(2, 8, 4, 4), bn_gamma=(7,))
    assert arguments == [(2, 8, 4, 4), (8,), (8,)]
    with pytest.raises(mx.MXNetError, match=r"gamma has shape \(7,\)"):
        norm.simple_bind(mx.cpu(), lhs=(2, 8, 4, 4), bn_gamma=(7,))


def test_the_type_of_indices_is_asked_for():
    chosen = mx.sym.take(mx.sym.Variable("a"), mx.sym.Variable("i"))
    with pytest.raises(mx.MXNetError, match="the type of indices is not known"):
        chosen.infer_type(a="float16")
    assert chosen.infer_type(a="float16", i="int32")[1] == [np.float16]


def test_an_old_sample_without_inputs_draws_from_one_distribution():
    text = json.dumps(
        {
            "nodes": [
                {
                    "op": "_sample_uniform",
                    "name": "r",
                    "attr": {"low": "2", "high": "3", "shape": "(5,)"},
                    "inputs": [],
                }
            ],
            "arg_nodes": [],
            "heads": [[0, 0]],
            "attrs": {"mxnet_version": ["int", 905]},
        }
    )
    drawn = mx.sym.load_json(text).bind(mx.cpu(), {}).forward()[0].asnumpy()
    assert drawn.shape == (5,) and (drawn >= 2).all() and (drawn < 3).all()
