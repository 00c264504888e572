"""Metrics against their definitions."""

import copy
import json
import math
import pickle
import threading

import numpy as np
import pytest

import treadle as mx


def value(metric, *batches):
    metric = mx.metric.create(metric)
    for label, pred in batches:
        metric.update([mx.nd.array(label)], [mx.nd.array(pred)])
    return metric.get()[1]


PROBABILITIES = [[0.1, 0.7, 0.2], [0.5, 0.2, 0.3], [0.3, 0.3, 0.4]]
LABELS = [1, 2, 2]


def test_classes():
    assert value("acc", (LABELS, PROBABILITIES)) == pytest.approx(2 / 3)
    assert value(mx.metric.TopKAccuracy(2), (LABELS, PROBABILITIES)) == 1
    loss = -(math.log(0.7) + math.log(0.3) + math.log(0.4)) / 3
    assert value("ce", (LABELS, PROBABILITIES)) == pytest.approx(loss, rel=1e-6)
    assert value("nll_loss", (LABELS, PROBABILITIES)) == pytest.approx(loss, rel=1e-6)
    assert value(mx.metric.Perplexity(None), (LABELS, PROBABILITIES)) == pytest.approx(
        math.exp(loss), rel=1e-6
    )
    ignoring = mx.metric.Perplexity(ignore_label=1)
    assert value(ignoring, (LABELS, PROBABILITIES)) == pytest.approx(
        math.exp(-(math.log(0.3) + math.log(0.4)) / 2), rel=1e-6
    )


def test_regression():
    label, pred = [1, 2, 4], [[2], [2], [1]]
    assert value("mae", (label, pred)) == pytest.approx(4 / 3)
    assert value("mse", (label, pred)) == pytest.approx(10 / 3)
    assert value("rmse", (label, pred)) == pytest.approx(math.sqrt(10 / 3))
    x, y = np.random.RandomState(0).randn(2, 50)
    assert value("pearsonr", (x, y)) == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-6)
    pooled = mx.metric.PearsonCorrelation(average="micro")
    assert value(pooled, (x[:20], y[:20]), (x[20:], y[20:])) == pytest.approx(
        np.corrcoef(x, y)[0, 1], abs=1e-6
    )


def two_classes(label, pred):
    return label, np.eye(2)[pred]


def test_two_classes():
    batches = two_classes([1, 1, 0, 0, 1], [1, 0, 0, 1, 1]), two_classes([0, 1], [0, 1])
    first, second = 2 / 3, 1.0
    assert value("f1", *batches) == pytest.approx((first + second) / 2)
    assert value(mx.metric.F1(average="micro"), *batches) == pytest.approx(3 / 4)
    # Of all seven: 3 hits, 1 false, 2 rejected, 1 missed.
    expected = (3 * 2 - 1 * 1) / math.sqrt(4 * 4 * 3 * 3)
    assert value(mx.metric.MCC(average="micro"), *batches) == pytest.approx(expected)
    assert value("pcc", *batches) == pytest.approx(expected)
    with pytest.raises(ValueError, match="two classes"):
        value("f1", two_classes([0, 1, 2], [0, 1, 1]))


def test_losses_and_functions():
    assert value("loss", ([0], [1, 2, 3])) == 2
    assert value(lambda label, pred: float((label == pred).sum()), ([1, 2], [1, 3])) == 1
    named = mx.metric.np(lambda label, pred: (3.0, 2))
    assert value(named, ([1], [1])) == 1.5


def test_several_as_one():
    both = mx.metric.create(["acc", mx.metric.create("mae")])
    both.update([mx.nd.array([1, 0])], [mx.nd.array([1, 1])])
    assert both.get() == (["accuracy", "mae"], [0.5, 0.5])
    assert both.get_name_value() == [("accuracy", 0.5), ("mae", 0.5)]


def test_local_and_global_values():
    metric = mx.metric.create("acc")
    metric.update([mx.nd.array([1])], [mx.nd.array([1])])
    metric.reset_local()
    metric.update([mx.nd.array([1])], [mx.nd.array([0])])
    assert metric.get()[1] == 0 and metric.get_global()[1] == 0.5
    metric.reset()
    assert math.isnan(metric.get()[1])


def test_metrics_are_made_again_from_their_configuration():
    for metric in (
        mx.metric.create("acc", axis=0),
        mx.metric.create(["f1", "mse"]),
        mx.metric.Perplexity(-1),
    ):
        config = metric.get_config()
        for again in config, json.dumps(config):
            made = mx.metric.create(again)
            assert type(made) is type(metric) and made.get_config() == config


def test_correlation_over_all_batches():
    metric = mx.metric.create("pearsonr")
    for numbers in [1, 2, 4], [3, 1, 1]:
        metric.update([mx.nd.array([1, 2, 3])], [mx.nd.array(numbers)])
        if numbers[0] == 1:
            metric.reset_local()
    one, other = np.corrcoef([1, 2, 3], [1, 2, 4])[0, 1], np.corrcoef([1, 2, 3], [3, 1, 1])[0, 1]
    assert np.isclose(metric.get()[1], other)
    assert np.isclose(metric.get_global()[1], (one + other) / 2)


def test_choosing_by_name():
    metric = mx.metric.create("acc", output_names=["a"], label_names=["l"])
    metric.update_dict(
        {"l": mx.nd.array([1]), "m": mx.nd.array([0])}, {"a": mx.nd.array([1]), "b": None}
    )
    assert metric.get()[1] == 1


class Gate(mx.operator.CustomOp):
    opened = threading.Event()

    def forward(self, is_train, req, in_data, out_data, aux):
        self.opened.wait(30)
        self.assign(out_data[0], req[0], in_data[0])


@mx.operator.register("gate_of_metrics")
class GateProp(mx.operator.CustomOpProp):
    def create_operator(self, ctx, shapes, dtypes):
        return Gate()


@pytest.mark.parametrize("name", ["acc", "mse", "f1", "loss", "pcc", "pearsonr"])
def test_update_does_not_wait(name):
    Gate.opened.clear()
    late = mx.nd.Custom(mx.nd.array([1, 0, 1]), op_type="gate_of_metrics")
    metric = mx.metric.create(name)
    metric.update([mx.nd.array([1, 0, 1])], [late])
    Gate.opened.set()
    assert metric.num_inst > 0 and not math.isnan(metric.get()[1])


def test_hosts_arrays_and_other_types_are_measured():
    metric = mx.metric.create("acc")
    metric.update([np.array([1, 2, 0])], [np.array(PROBABILITIES)])
    metric.update([mx.nd.array([1, 1, 1], dtype="int64")], [mx.nd.array(PROBABILITIES, dtype="float16")])
    assert metric.get()[1] == pytest.approx(2 / 6)
    assert value("mse", (np.zeros((2, 1)), np.array([[1.0, 2, 3], [0, 0, 0]]))) == pytest.approx(14 / 6)
    with mx.autograd.record():
        assert value("mae", (np.zeros(2), np.ones((2, 1)))) == 1
    # As numpy counts: from the last class.
    assert value("ce", ([-1], [[0.25, 0.5]])) == pytest.approx(-math.log(0.5), rel=1e-6)


def test_sums_can_be_read_set_and_copied():
    metric = mx.metric.create("acc")
    metric.update([mx.nd.array([1, 0])], [mx.nd.array([1, 1])])
    copies = copy.deepcopy(metric), pickle.loads(pickle.dumps(metric))
    metric.sum_metric += 1
    metric.num_inst += 2
    assert metric.get()[1] == 0.5 and metric.get_global()[1] == 0.5
    for other in copies:
        assert (other.sum_metric, other.num_inst) == (1, 2)
        other.update([mx.nd.array([1])], [mx.nd.array([1])])
        assert other.get()[1] == pytest.approx(2 / 3)
    assert metric.num_inst == 4


def test_an_error_of_a_value_stays_until_reset():
    metric = mx.metric.create("ce")
    metric.update([mx.nd.array([3])], [mx.nd.array([[0.5, 0.5]])])
    for _ in range(2):
        with pytest.raises(IndexError, match="the label 3; the predictions have the classes 0 to 1"):
            metric.get()
    metric.reset()
    metric.update([mx.nd.array([1])], [mx.nd.array([[0.5, 0.5]])])
    assert metric.get()[1] == pytest.approx(math.log(2), rel=1e-6)


@pytest.mark.parametrize("name", ["ce", "mse", "f1", "loss"])
def test_totals_do_not_depend_on_when_they_are_read(name):
    random = np.random.RandomState(0)
    often, once = mx.metric.create(name), mx.metric.create(name)
    for i in range(40):
        label, pred = mx.nd.array(random.randint(0, 2, (7,))), mx.nd.array(random.rand(7, 2))
        if name == "mse":
            label = mx.nd.array(random.rand(7, 2))
        for metric in often, once:
            metric.update([label], [pred])
        if i % 7 == 3:
            often.get()
        if i % 11 == 5:
            often.reset_local()
    assert often.get_global() == once.get()  # to the last bit


def test_confusion_grows():
    metric = mx.metric.create("pcc")
    metric.update([mx.nd.array([0, 1, 1])], [mx.nd.array([0, 1, 0])])
    metric.reset_local()
    metric.update([mx.nd.array([2, 3, 0])], [mx.nd.array([2, 3, 3])])
    assert metric.k == 4 and metric.gcm.sum() == 6 and metric.lcm.sum() == 3
    assert metric.gcm[3, 0] == 1 and metric.gcm[0, 1] == 1


def test_refusals_are_sentences():
    with pytest.raises(ValueError, match="no metric 'accurracy'"):
        mx.metric.create("accurracy")
    with pytest.raises(ValueError, match="Number of labels 2 does not match number of predictions 1"):
        mx.metric.create("acc").update([mx.nd.ones((1,))] * 2, [mx.nd.ones((1,))])
    with pytest.raises(ValueError, match="more than 1 is expected"):
        mx.metric.TopKAccuracy(1)
    for bad in (
        lambda: value("acc", ([0, 1], PROBABILITIES)),
        lambda: value("acc", ([[0], [1], [2]], [0, 1, 2])),
        lambda: value(mx.metric.TopKAccuracy(2), ([0, 1], PROBABILITIES)),
        lambda: value("ce", ([0, 1], PROBABILITIES)),
        lambda: value("ce", ([0, 1], [0.5, 0.5])),
        lambda: value("mse", (np.zeros((2, 2)), np.zeros((2, 3)))),
        lambda: value(mx.metric.Perplexity(None), ([0, 1], PROBABILITIES)),
        lambda: value("pearsonr", ([0, 1], [0, 1, 2])),
    ):
        with pytest.raises(ValueError):
            bad()
