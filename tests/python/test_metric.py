"""Metrics against their definitions."""

import json
import math

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


def test_refusals_are_sentences():
    with pytest.raises(ValueError, match="no metric 'accurracy'"):
        mx.metric.create("accurracy")
    with pytest.raises(ValueError, match="Number of labels 2 does not match number of predictions 1"):
        mx.metric.create("acc").update([mx.nd.ones((1,))] * 2, [mx.nd.ones((1,))])
    with pytest.raises(ValueError, match="more than 1 is expected"):
        mx.metric.TopKAccuracy(1)
