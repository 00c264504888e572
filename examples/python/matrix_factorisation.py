"""The pixels of digits as ratings: each image and each place gets a few numbers, whose product is the
pixel. A tenth of the pixels is hidden and guessed; a metric of our own says how well."""

import numpy as np
from common import Bar, digits, table

import treadle as mx

mx.random.seed(0)
np.random.seed(0)
RANK, BATCH = 12, 1000
pixels = digits()[0].reshape(-1, 64)
images, places = np.indices(pixels.shape).reshape(2, -1)
values = pixels.reshape(-1)
order = np.random.permutation(len(values))
hidden, known = order[: len(order) // 10], order[len(order) // 10 :]


def numbers(name, count):
    """The numbers of whatever the variable of that name says."""
    return mx.sym.Embedding(
        mx.sym.Variable(name), input_dim=count, output_dim=RANK, name=name + "_numbers"
    )


net = mx.sym.sum(numbers("image", pixels.shape[0]) * numbers("place", 64), axis=1)
net = mx.sym.LinearRegressionOutput(net, mx.sym.Variable("value"), name="pixel")


def batches(which, **options):
    data = {"image": images[which], "place": places[which]}
    return mx.io.NDArrayIter(data, values[which], BATCH, label_name="value", **options)


def off_by_a_tenth(label, guess):
    """The share of pixels that are wrong by more than 0.1 of the whole range."""
    return float((np.abs(label - guess.reshape(-1)) > 0.1).mean())


model = mx.mod.Module(net, data_names=["image", "place"], label_names=["value"])
model.fit(
    batches(known, shuffle=True),
    eval_metric=mx.metric.CustomMetric(off_by_a_tenth),
    num_epoch=12,
    optimizer="adam",
    optimizer_params={"learning_rate": 0.02, "rescale_grad": 1 / BATCH},
    initializer=mx.init.Normal(0.3),
    batch_end_callback=Bar(-(-len(known) // BATCH)),
)
test = batches(hidden)
wrong, error = model.score(test, mx.metric.create([off_by_a_tenth, "rmse"]))
mean = np.array([pixels[:, place].mean() for place in places[hidden]])
rows = [("hidden pixels", "off by a tenth", "root mean square error")]
rows.append(("from the numbers", "%.3f" % wrong[1], "%.3f" % error[1]))
plain = np.sqrt(((values[hidden] - mean) ** 2).mean())
rows.append(("the mean of the place", "%.3f" % off_by_a_tenth(values[hidden], mean), "%.3f" % plain))
table(rows)
assert error[1] < 0.8 * plain
