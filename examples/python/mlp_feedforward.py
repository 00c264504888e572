"""Two hidden layers on handwritten digits with FeedForward, the first way of training."""

import numpy as np
from common import Bar, digits, table

import treadle as mx

mx.random.seed(0)
np.random.seed(0)
net = mx.sym.Variable("data")
for number, hidden in enumerate((64, 32), 1):
    net = mx.sym.FullyConnected(net, num_hidden=hidden, name="fc%d" % number)
    net = mx.sym.Activation(net, act_type="relu", name="relu%d" % number)
net = mx.sym.SoftmaxOutput(mx.sym.FullyConnected(net, num_hidden=10, name="fc3"), name="softmax")

images, labels, test_images, test_labels = digits()
flat, test_flat = images.reshape(-1, 64), test_images.reshape(-1, 64)
model = mx.model.FeedForward.create(
    net,
    flat,
    labels,
    num_epoch=10,
    learning_rate=0.2,
    momentum=0.9,
    initializer=mx.init.Xavier(),
    numpy_batch_size=50,
    batch_end_callback=Bar(30),
)
guesses = model.predict(test_flat).argmax(axis=1)
confused = np.zeros((10, 10), int)
np.add.at(confused, (test_labels.astype(int), guesses), 1)
table([("digit", *range(10))] + [(digit, *row) for digit, row in enumerate(confused)])
accuracy = (guesses == test_labels).mean()
print("accuracy %.3f" % accuracy)
assert accuracy > 0.85
