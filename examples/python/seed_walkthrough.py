"""The page that describes MXNet's symbolic API in Python, statement by statement, on Treadle."""

import pickle
import sys
import tempfile

import treadle

treadle.install_as_mxnet()
import mxnet as mx  # noqa: E402

# How to compose symbols
net = mx.symbol.Variable("data")
net = mx.symbol.FullyConnected(data=net, name="fc1", num_hidden=128)
net = mx.symbol.Activation(data=net, name="relu1", act_type="relu")
net = mx.symbol.FullyConnected(data=net, name="fc2", num_hidden=64)
net = mx.symbol.SoftmaxOutput(data=net, name="out")
assert str(type(net)) == "<class 'mxnet.symbol.Symbol'>"
a = mx.symbol.Variable("a")
b = mx.symbol.Variable("b")
c = a + b
assert c.list_arguments() == ["a", "b"]

# Symbol attributes
data = mx.sym.Variable("data", attr={"mood": "angry"})
op = mx.sym.Convolution(
    data=data, name="conv", kernel=(1, 1), num_filter=1, attr={"mood": "so so"}
)
assert data.attr("mood") == "angry"
assert op.list_attr() == {"mood": "so so"}
assert op.list_attr(recursive=True) == {
    "data_mood": "angry",
    "conv_mood": "so so",
    "conv_weight_mood": "so so",
    "conv_bias_mood": "so so",
}
weight = mx.sym.Variable("crazy_weight", attr={"size": "5"})
data = mx.sym.Variable("data", attr={"mood": "angry"})
op = mx.sym.Convolution(
    data=data, weight=weight, name="conv", kernel=(1, 1), num_filter=1, attr={"mood": "so so"}
)
assert op.list_attr(recursive=True) == {
    "conv_mood": "so so",
    "conv_bias_mood": "so so",
    "crazy_weight_size": "5",
    "data_mood": "angry",
}
data = mx.symbol.Variable("data")
with mx.AttrScope(group="4", data="great"):
    fc1 = mx.symbol.Activation(data, act_type="relu")
    with mx.AttrScope(init_bias="0.0"):
        fc2 = mx.symbol.FullyConnected(fc1, num_hidden=10, name="fc2")
assert fc1.attr("data") == "great"
assert fc2.attr("data") == "great"
assert fc2.attr("init_bias") == "0.0"

# Serialization: to a bucket as on the page where an argument names one, s3://my-bucket
with tempfile.TemporaryDirectory() as folder:
    target = (sys.argv[1] if len(sys.argv) > 1 else folder) + "/symbol-c.json"
    c.save(target)
    c2 = mx.symbol.load(target)
assert c.tojson() == c2.tojson()
assert pickle.loads(pickle.dumps(c)).tojson() == c.tojson()

# Multiple outputs
net = mx.symbol.Variable("data")
fc1 = mx.symbol.FullyConnected(data=net, name="fc1", num_hidden=128)
net = mx.symbol.Activation(data=fc1, name="relu1", act_type="relu")
net = mx.symbol.FullyConnected(data=net, name="fc2", num_hidden=64)
out = mx.symbol.SoftmaxOutput(data=net, name="softmax")
group = mx.symbol.Group([fc1, out])
assert group.list_outputs() == ["fc1_output", "softmax_output"]

# Executing symbols
executor = group.simple_bind(mx.cpu(), data=(2, 16))
executor.forward()
assert [output.shape for output in executor.outputs] == [(2, 128), (2, 64)]
print("every statement of the page holds", file=sys.stdout)
