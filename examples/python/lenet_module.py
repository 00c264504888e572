"""LeNet on handwritten digits with Module: train, test, save, load."""

import os
import tempfile

import numpy as np
from common import Bar, digits, table

import treadle as mx

mx.random.seed(0)
np.random.seed(0)

net = mx.sym.Variable("data")
for number, filters in enumerate((8, 16), 1):
    net = mx.sym.Convolution(
        net, kernel=(3, 3), pad=(1, 1), num_filter=filters, name="conv%d" % number
    )
    net = mx.sym.Activation(net, act_type="tanh")
    net = mx.sym.Pooling(net, kernel=(2, 2), stride=(2, 2), pool_type="max")
net = mx.sym.FullyConnected(mx.sym.Flatten(net), num_hidden=64, name="fc1")
net = mx.sym.Activation(net, act_type="tanh")
net = mx.sym.FullyConnected(net, num_hidden=10, name="fc2")
net = mx.sym.SoftmaxOutput(net, name="softmax")

images, labels, test_images, test_labels = digits()
train = mx.io.NDArrayIter(images, labels, 50, shuffle=True)
test = mx.io.NDArrayIter(test_images, test_labels, 50)

model = mx.mod.Module(net)
model.fit(
    train,
    num_epoch=6,
    optimizer_params={"learning_rate": 0.1, "momentum": 0.9},
    initializer=mx.init.Xavier(),
    batch_end_callback=Bar(30),
)
accuracy = dict(model.score(test, "acc"))["accuracy"]

with tempfile.TemporaryDirectory() as folder:
    prefix = os.path.join(folder, "lenet")
    model.save_checkpoint(prefix, 6)
    loaded = mx.mod.Module.load(prefix, 6)
    loaded.bind(test.provide_data, test.provide_label, for_training=False)
    again = dict(loaded.score(test, "acc"))["accuracy"]

table([("model", "accuracy"), ("trained", "%.3f" % accuracy), ("loaded", "%.3f" % again)])
assert accuracy > 0.9 and again == accuracy
