"""A language model of words: lines of different lengths go to networks of their lengths, which share
one set of weights."""

import re

import numpy as np
from common import Bar, table, text

import treadle as mx

mx.random.seed(0)
np.random.seed(0)
BATCH, HIDDEN, UNUSED = 16, 64, 0
lines = [re.findall("[a-z]+", line.lower()) for line in text().splitlines()]
sentences, words = mx.rnn.encode_sentences(
    [line for line in lines if len(line) > 2], invalid_label=UNUSED, start_label=1
)
train = mx.rnn.BucketSentenceIter(
    sentences, BATCH, buckets=[6, 10, 12, 14], invalid_label=UNUSED
)


def unrolled(steps):
    """The network for lines of one length."""
    net = mx.sym.Variable("data")
    net = mx.sym.Embedding(net, input_dim=len(words), output_dim=HIDDEN, name="word")
    net, _ = mx.rnn.LSTMCell(HIDDEN, prefix="lstm_").unroll(steps, net, merge_outputs=True)
    net = mx.sym.FullyConnected(
        mx.sym.Reshape(net, shape=(-1, HIDDEN)), num_hidden=len(words), name="scores"
    )
    label = mx.sym.Reshape(mx.sym.Variable("softmax_label"), shape=(-1,))
    net = mx.sym.SoftmaxOutput(
        net, label, use_ignore=True, ignore_label=UNUSED, name="softmax"
    )
    return net, ("data",), ("softmax_label",)


model = mx.mod.BucketingModule(unrolled, default_bucket_key=train.default_bucket_key)
model.fit(
    train,
    eval_metric=mx.metric.Perplexity(UNUSED),
    num_epoch=10,
    optimizer="adam",
    optimizer_params={"learning_rate": 0.01},
    initializer=mx.init.Xavier(),
    batch_end_callback=Bar(len(train.idx)),
)

rows = [("words in a line", "batches", "perplexity")]
values = {}
train.reset()
for batch in train:
    model.forward(batch, is_train=False)
    metric = values.setdefault(batch.bucket_key, [0, mx.metric.Perplexity(UNUSED)])
    model.update_metric(metric[1], batch.label)
    metric[0] += 1
for steps, (batches, metric) in sorted(values.items()):
    rows.append(("to %d" % steps, batches, "%.1f" % metric.get()[1]))
table(rows)
print("of %d words" % len(words))
assert len(values) > 2 and all(metric.get()[1] < len(words) / 10 for _, metric in values.values())
