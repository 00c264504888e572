"""A residual network of 20 layers on the digits, as PNG images in a RecordIO file."""

import os
import tempfile

import numpy as np
from common import Bar, digits, table

import treadle as mx

mx.random.seed(0)
np.random.seed(0)
FILTERS, UNITS, BATCH = (8, 16, 32), 3, 50


def convolved(net, name, filters, stride=1, kernel=3):
    net = mx.sym.Convolution(
        net,
        kernel=(kernel, kernel),
        stride=(stride, stride),
        pad=(kernel // 2, kernel // 2),
        num_filter=filters,
        no_bias=True,
        name=name,
    )
    return mx.sym.BatchNorm(net, fix_gamma=False, name=name + "_norm")


def unit(net, name, filters, stride):
    """Two convolutions, and a way around them."""
    inner = mx.sym.Activation(convolved(net, name + "_a", filters, stride), act_type="relu")
    inner = convolved(inner, name + "_b", filters)
    if stride > 1:
        net = convolved(net, name + "_around", filters, stride, kernel=1)
    return mx.sym.Activation(inner + net, act_type="relu")


def resnet():
    """1 + 3 stages * 3 units * 2 convolutions + 1 layer."""
    net = mx.sym.Activation(convolved(mx.sym.Variable("data"), "first", 8), act_type="relu")
    for stage, filters in enumerate(FILTERS):
        for number in range(UNITS):
            stride = 2 if stage and not number else 1
            net = unit(net, "stage%d_unit%d" % (stage, number), filters, stride)
    net = mx.sym.Pooling(net, global_pool=True, kernel=(4, 4), pool_type="avg")
    net = mx.sym.FullyConnected(mx.sym.Flatten(net), num_hidden=10, name="scores")
    return mx.sym.SoftmaxOutput(net, name="softmax")


def write(path, images, labels):
    """A RecordIO file of the images, twice as large, as PNG."""
    file = mx.recordio.MXRecordIO(path, "w")
    for number, (image, label) in enumerate(zip(images, labels)):
        pixels = np.uint8(255 * image[0]).repeat(2, axis=0).repeat(2, axis=1)
        header = mx.recordio.IRHeader(0, float(label), number, 0)
        file.write(mx.recordio.pack_img(header, np.dstack([pixels] * 3), 3, ".png"))
    file.close()


images, labels, test_images, test_labels = digits()
with tempfile.TemporaryDirectory() as folder:
    paths = os.path.join(folder, "train.rec"), os.path.join(folder, "test.rec")
    write(paths[0], images, labels)
    write(paths[1], test_images, test_labels)
    train, test = (
        mx.io.ImageRecordIter(
            path_imgrec=path,
            data_shape=(3, 16, 16),
            batch_size=BATCH,
            shuffle=path == paths[0],
            mean_r=128,
            mean_g=128,
            mean_b=128,
            scale=1 / 64,
        )
        for path in paths
    )
    model = mx.mod.Module(resnet())
    model.fit(
        train,
        num_epoch=4,
        optimizer_params={"learning_rate": 0.1, "momentum": 0.9, "wd": 1e-4},
        initializer=mx.init.Xavier(rnd_type="gaussian", factor_type="in", magnitude=2),
        batch_end_callback=Bar(len(images) // BATCH),
    )
    guesses = model.predict(test).asnumpy().argmax(axis=1)

layers = [name for name in model.symbol.list_arguments() if name.endswith("_weight")]
layers = [name for name in layers if "around" not in name]
rows = [("digit", "right", "of")]
for digit in range(10):
    of_digit = guesses[test_labels == digit]
    rows.append((digit, (of_digit == digit).sum(), len(of_digit)))
table(rows)
accuracy = (guesses == test_labels).mean()
print("accuracy %.3f with %d layers" % (accuracy, len(layers)))
assert accuracy > 0.8 and len(layers) == 20
