"""Digits changed a little along the gradient with respect to the image, until a model that was right
is wrong."""

import numpy as np
from common import Bar, digits, table

import treadle as mx

mx.random.seed(0)
np.random.seed(0)
net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=64, name="fc1")
net = mx.sym.Activation(net, act_type="relu")
net = mx.sym.SoftmaxOutput(mx.sym.FullyConnected(net, num_hidden=10, name="fc2"), name="softmax")
images, labels, test_images, test_labels = digits()
model = mx.mod.Module(net)
model.fit(
    mx.io.NDArrayIter(images.reshape(-1, 64), labels, 50, shuffle=True),
    num_epoch=8,
    optimizer_params={"learning_rate": 0.2, "momentum": 0.9},
    initializer=mx.init.Xavier(),
    batch_end_callback=Bar(30),
)

data = test_images[:100].reshape(-1, 64)
label = test_labels[:100]
arguments = {**model.get_params()[0], "data": mx.nd.array(data), "softmax_label": mx.nd.array(label)}
gradient = mx.nd.zeros(data.shape)
exe = net.bind(mx.cpu(), arguments, args_grad={"data": gradient})
rows, accuracies = [("change of a pixel", "accuracy")], []
for step in (0, 0.05, 0.1, 0.2):
    exe.arg_dict["data"][:] = data
    exe.forward(is_train=True)
    exe.backward()
    exe.arg_dict["data"][:] = data + step * np.sign(gradient.asnumpy())
    guesses = exe.forward(is_train=False)[0].asnumpy().argmax(axis=1)
    accuracies.append((guesses == label).mean())
    rows.append((step, "%.2f" % accuracies[-1]))
table(rows)
assert accuracies[0] > 0.85 and accuracies[-1] < accuracies[0] - 0.2
