"""Recurrent cells: names, shapes, packing, and that fused and single cells agree."""

import numpy as np
import pytest

import treadle as mx

rnn = mx.rnn
needs_tensor_operators = pytest.mark.skipif(
    not mx._treadle.has_operator("_zeros"), reason="the build lacks _zeros, a cell's first state"
)


def unrolled(cell, length=3, size=5, batch=2, **options):
    inputs = [mx.sym.Variable("t%d" % i) for i in range(length)]
    outputs, states = cell.unroll(length, inputs, input_prefix="x_", **options)
    if isinstance(outputs, list):
        outputs = mx.sym.Group(outputs)
    shapes = {"t%d" % i: (batch, size) for i in range(length)}
    return outputs, shapes, states


@needs_tensor_operators
@pytest.mark.parametrize(
    "cell, gates",
    [(rnn.RNNCell(4, prefix="c_"), 1), (rnn.LSTMCell(4, prefix="c_"), 4), (rnn.GRUCell(4, prefix="c_"), 3)],
)
def test_cells_have_weights_for_each_gate(cell, gates):
    outputs, shapes, states = unrolled(cell)
    assert sorted(cell.params._params) == [
        "c_h2h_bias",
        "c_h2h_weight",
        "c_i2h_bias",
        "c_i2h_weight",
    ]
    assert outputs.list_outputs()[0] == "c_t0_out_output"
    args, outs, _ = outputs.infer_shape(**shapes)
    assert outs == [(2, 4)] * 3
    known = dict(zip(outputs.list_arguments(), args))
    assert known["c_i2h_weight"] == (4 * gates, 5) and known["c_h2h_weight"] == (4 * gates, 4)
    assert len(states) == (2 if gates == 4 else 1)


def test_weights_are_unpacked_and_packed():
    cell = rnn.LSTMCell(3, prefix="c_")
    weights = {
        "c_i2h_weight": mx.nd.array(np.arange(24).reshape(12, 2)),
        "c_i2h_bias": mx.nd.array(np.arange(12)),
        "c_h2h_weight": mx.nd.array(np.arange(36).reshape(12, 3)),
        "c_h2h_bias": mx.nd.array(np.arange(12)),
    }
    apart = cell.unpack_weights(weights)
    assert apart["c_i2h_f_bias"].asnumpy().tolist() == [3, 4, 5]
    together = cell.pack_weights(apart)
    assert all(np.array_equal(together[k].asnumpy(), v.asnumpy()) for k, v in weights.items())


@needs_tensor_operators
def test_the_forget_bias_is_initialised():
    cell = rnn.LSTMCell(2, prefix="c_", forget_bias=3.0)
    outputs, shapes, _ = unrolled(cell, 1)
    bias = mx.nd.zeros((8,))
    attributes = outputs.attr_dict()["c_i2h_bias"]
    mx.init.Uniform()(mx.init.InitDesc("c_i2h_bias", attributes), bias)
    assert bias.asnumpy().tolist() == [0, 0, 3, 3, 0, 0, 0, 0]


@needs_tensor_operators
def test_cells_are_stacked_and_modified():
    stack = rnn.SequentialRNNCell()
    stack.add(rnn.ResidualCell(rnn.RNNCell(5, prefix="a_")))
    stack.add(rnn.DropoutCell(0.5))
    stack.add(rnn.ZoneoutCell(rnn.GRUCell(4, prefix="b_"), 0.3, 0.3))
    outputs, shapes, states = unrolled(stack)
    assert outputs.infer_shape(**shapes)[1] == [(2, 4)] * 3 and len(states) == 2
    both = rnn.BidirectionalCell(rnn.LSTMCell(4, prefix="l_"), rnn.LSTMCell(4, prefix="r_"))
    outputs, shapes, states = unrolled(both)
    assert outputs.infer_shape(**shapes)[1] == [(2, 8)] * 3 and len(states) == 4
    with pytest.raises(NotImplementedError, match="all steps at once"):
        both(None, None)


@needs_tensor_operators
@pytest.mark.parametrize("mode", ["lstm", "gru", "rnn_tanh", "rnn_relu"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_fused_cell_computes_what_single_cells_do(mode, bidirectional):
    fused = rnn.FusedRNNCell(4, num_layers=2, mode=mode, bidirectional=bidirectional, prefix="f_")
    data = np.random.RandomState(0).randn(3, 5, 6).astype(np.float32)
    together, _ = fused.unroll(5, mx.sym.Variable("data"), layout="NTC", merge_outputs=True)
    apart, _ = fused.unfuse().unroll(5, mx.sym.Variable("data"), layout="NTC", merge_outputs=True)
    one = together.simple_bind(mx.cpu(), grad_req="null", data=data.shape)
    other = apart.simple_bind(mx.cpu(), grad_req="null", data=data.shape)
    packed = one.arg_dict["f_parameters"]
    packed[:] = np.random.RandomState(1).uniform(-0.5, 0.5, packed.shape)
    weights = fused.unfuse().pack_weights(fused.unpack_weights({"f_parameters": packed}))
    for name, value in weights.items():
        other.arg_dict[name][:] = value
    expected = one.forward(data=data)[0].asnumpy()
    np.testing.assert_allclose(other.forward(data=data)[0].asnumpy(), expected, 1e-4, 1e-5)
    back = fused.pack_weights(fused.unfuse().unpack_weights(weights))
    assert np.array_equal(back["f_parameters"].asnumpy(), packed.asnumpy())


@needs_tensor_operators
def test_unfused_layers_are_numbered():
    cell = mx.rnn.FusedRNNCell(4, num_layers=2, mode="lstm", prefix="a_", bidirectional=True)
    outputs, _ = cell.unfuse().unroll(2, [mx.sym.Variable("x%d" % step) for step in range(2)])
    assert mx.sym.Group(outputs).list_outputs() == ["a_bi_l1_t0_output", "a_bi_l1_t1_output"]


def test_cells_with_convolutions():
    for kind, states in ((rnn.ConvRNNCell, 1), (rnn.ConvLSTMCell, 2), (rnn.ConvGRUCell, 1)):
        cell = kind(input_shape=(1, 3, 8, 8), num_hidden=4, prefix="c_")
        inputs = [mx.sym.Variable("t%d" % i) for i in range(2)]
        outputs, after = cell.unroll(2, inputs)
        shapes = {"t%d" % i: (2, 3, 8, 8) for i in range(2)}
        assert mx.sym.Group(outputs).infer_shape(**shapes)[1] == [(2, 4, 8, 8)] * 2
        assert len(after) == states
        assert mx.sym.Group(outputs).list_outputs() == ["c_t0_out_output", "c_t1_out_output"]


def test_sentences_in_buckets():
    coded, words = rnn.encode_sentences([["a", "b"], ["b", "c", "a"]], start_label=1)
    assert coded == [[1, 2], [2, 3, 1]] and words["c"] == 3
    with pytest.raises(ValueError, match="lacks the word 'z'"):
        rnn.encode_sentences([["z"]], words)
    sentences = [[1, 2, 3]] * 4 + [[4, 5, 6, 7, 8]] * 2 + [[9] * 20]
    iterator = rnn.BucketSentenceIter(sentences, 2, buckets=[3, 6], invalid_label=0)
    batches = list(iterator)
    assert sorted(batch.bucket_key for batch in batches) == [3, 3, 6]
    long = next(batch for batch in batches if batch.bucket_key == 6)
    assert long.data[0].asnumpy()[0].tolist() == [4, 5, 6, 7, 8, 0]
    assert long.label[0].asnumpy()[0].tolist() == [5, 6, 7, 8, 0, 0]
    assert long.provide_data[0].shape == (2, 6)


@needs_tensor_operators
def test_checkpoints_hold_weights_apart(tmp_path):
    cell = rnn.RNNCell(2, prefix="c_")
    outputs, shapes, _ = unrolled(cell, 1, 2)
    weights = {
        name: mx.nd.ones(shape)
        for name, shape in (("c_i2h_weight", (2, 2)), ("c_h2h_weight", (2, 2)))
    }
    weights.update(c_i2h_bias=mx.nd.ones((2,)), c_h2h_bias=mx.nd.ones((2,)))
    prefix = str(tmp_path / "m")
    rnn.do_rnn_checkpoint(cell, prefix)(0, outputs, weights, {})
    symbol, loaded, _ = rnn.load_rnn_checkpoint(cell, prefix, 1)
    assert sorted(loaded) == sorted(weights)
    assert symbol.list_arguments() == outputs.list_arguments()
