"""Model parallelism: two layers of an LSTM, each on a device of its own. The numbers are those of one
device."""

import numpy as np
from common import Bar, table, text

import treadle as mx

STEPS, BATCH, HIDDEN = 16, 32, 48
letters = sorted(set(text()))
codes = np.array([letters.index(letter) for letter in text()], np.float32)
used = (len(codes) - 1) // (BATCH * STEPS) * BATCH * STEPS
rows = codes[:used].reshape(-1, BATCH, STEPS)
following = codes[1 : used + 1].reshape(-1, BATCH, STEPS)

with mx.AttrScope(ctx_group="lower"):
    net = mx.sym.Variable("data")
    net = mx.sym.Embedding(net, input_dim=len(letters), output_dim=16, name="letter")
    net, _ = mx.rnn.LSTMCell(HIDDEN, prefix="lower_").unroll(STEPS, net)
with mx.AttrScope(ctx_group="upper"):
    net, _ = mx.rnn.LSTMCell(HIDDEN, prefix="upper_").unroll(STEPS, net, merge_outputs=True)
    net = mx.sym.FullyConnected(
        mx.sym.Reshape(net, shape=(-1, HIDDEN)), num_hidden=len(letters), name="scores"
    )
    label = mx.sym.Reshape(mx.sym.Variable("softmax_label"), shape=(-1,))
    net = mx.sym.SoftmaxOutput(net, label, normalization="batch", name="softmax")


def train(group2ctx):
    """The executor and the perplexity of each epoch."""
    mx.random.seed(0)
    exe = net.simple_bind(
        mx.cpu(0), data=(BATCH, STEPS), softmax_label=(BATCH, STEPS), group2ctx=group2ctx
    )
    weights = [name for name in exe.arg_dict if name not in ("data", "softmax_label")]
    for name in weights:
        mx.init.Xavier()(mx.init.InitDesc(name), exe.arg_dict[name])
    update = mx.optimizer.get_updater(mx.optimizer.create("adam", learning_rate=0.01))
    bar, found = Bar(len(rows)), []
    for epoch in range(2):
        metric = mx.metric.Perplexity(None)
        for number, (row, label) in enumerate(zip(rows, following)):
            exe.forward(is_train=True, data=row, softmax_label=label)
            exe.backward()
            for index, name in enumerate(weights):
                update(index, exe.grad_dict[name], exe.arg_dict[name])
            metric.update([mx.nd.array(label.reshape(-1))], exe.outputs)
            bar(mx.model.BatchEndParam(epoch, number, metric, None))
        found.append(metric.get()[1])
    return exe, found


exe, split = train({"lower": mx.cpu(0), "upper": mx.cpu(1)})
_, alone = train(None)
table([("device", "arrays")] + [
    (place, ", ".join(sorted(name for name, array in exe.arg_dict.items() if array.context == place)))
    for place in (mx.cpu(0), mx.cpu(1))
])  # fmt: skip
table([("epoch", "two devices", "one device")] + [
    (epoch + 1, "%.3f" % one, "%.3f" % other) for epoch, (one, other) in enumerate(zip(split, alone))
])  # fmt: skip
assert exe.arg_dict["upper_i2h_weight"].context == mx.cpu(1)
assert np.allclose(split, alone, rtol=1e-4) and split[-1] < 25
