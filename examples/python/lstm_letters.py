"""An LSTM, unrolled over 32 steps, learns to continue a text letter by letter."""

import numpy as np
from common import Bar, table, text

import treadle as mx

mx.random.seed(0)
np.random.seed(0)
STEPS, BATCH, HIDDEN = 32, 32, 96
letters = sorted(set(text()))
codes = np.array([letters.index(letter) for letter in text()], np.float32)

net = mx.sym.Embedding(
    mx.sym.Variable("data"), input_dim=len(letters), output_dim=24, name="letter"
)
net, _ = mx.rnn.LSTMCell(HIDDEN, prefix="lstm_").unroll(STEPS, net, merge_outputs=True)
net = mx.sym.Reshape(net, shape=(-1, HIDDEN))
net = mx.sym.FullyConnected(net, num_hidden=len(letters), name="scores")
label = mx.sym.Reshape(mx.sym.Variable("softmax_label"), shape=(-1,))
net = mx.sym.SoftmaxOutput(net, label, name="softmax")

count = (len(codes) - 1) // STEPS  # the label of a letter is the next one
rows = codes[: count * STEPS].reshape(count, STEPS)
following = codes[1 : count * STEPS + 1].reshape(count, STEPS)
seen = count - 3 * BATCH
train = mx.io.NDArrayIter(rows[:seen], following[:seen], BATCH, shuffle=True)
test = mx.io.NDArrayIter(rows[seen:], following[seen:], BATCH)

model = mx.mod.Module(net)
model.fit(
    train,
    eval_metric=mx.metric.Perplexity(None),
    num_epoch=8,
    optimizer="adam",
    optimizer_params={"learning_rate": 0.01},
    initializer=mx.init.Xavier(),
    batch_end_callback=Bar(-(-seen // BATCH)),
)
perplexity = dict(model.score(test, mx.metric.Perplexity(None)))["perplexity"]

written = "  This License "
window = [letters.index(letter) for letter in written.rjust(STEPS)]
for _ in range(60):  # each letter is drawn by the probabilities that the model gives
    batch = mx.io.DataBatch([mx.nd.array([window] * BATCH)], None)
    model.forward(batch, is_train=False)
    chances = model.get_outputs()[0].asnumpy().reshape(BATCH, STEPS, -1)[0, -1].astype(float)
    window = window[1:] + [np.random.choice(len(letters), p=chances / chances.sum())]
    written += letters[window[-1]]
print(repr(written))
table(
    [("each letter is as hard as a choice of", ""),
     ("without a model", len(letters)),
     ("after training, on unseen text", "%.1f" % perplexity)]
)  # fmt: skip
assert perplexity < 14
