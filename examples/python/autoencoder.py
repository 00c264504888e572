"""Digits through a layer of 12 numbers and back."""

import numpy as np
from common import Bar, digits

import treadle as mx

mx.random.seed(0)
np.random.seed(0)
net = mx.sym.Variable("data")
for number, hidden in enumerate((32, 12, 32), 1):
    net = mx.sym.FullyConnected(net, num_hidden=hidden, name="fc%d" % number)
    net = mx.sym.Activation(net, act_type="tanh")
net = mx.sym.FullyConnected(net, num_hidden=64, name="fc4")
net = mx.sym.LinearRegressionOutput(net, name="image")

images = digits()[0].reshape(-1, 64)
train = mx.io.NDArrayIter(images, images, 50, shuffle=True, label_name="image_label")
model = mx.mod.Module(net, label_names=["image_label"])
model.fit(
    train,
    eval_metric="mse",
    num_epoch=20,
    optimizer="adam",
    optimizer_params={"learning_rate": 0.005, "rescale_grad": 1.0},
    initializer=mx.init.Xavier(),
    batch_end_callback=Bar(30),
)
restored = model.predict(mx.io.NDArrayIter(images[:50], None, 50)).asnumpy()
for row in range(8):  # three digits and what came back, as characters
    line = ""
    for picture in (images, restored):
        for digit in range(3):
            pixels = picture[digit].reshape(8, 8)[row]
            line += "".join(" .:*#"[int(np.clip(5 * p, 0, 4))] * 2 for p in pixels) + " "
    print(line)
error = ((restored - images[:50]) ** 2).mean()
print("mean square error %.4f, of the mean image %.4f" % (error, images.var(axis=0).mean()))
assert error < 0.5 * images.var(axis=0).mean()
