"""Metrics: what is said of predictions, batch by batch."""

import json
import math

import numpy

from ._treadle import Tally
from .base import TYPE_FLAGS, _as_list
from .ndarray import NDArray, array

__all__ = [
    "EvalMetric",
    "CompositeEvalMetric",
    "Accuracy",
    "TopKAccuracy",
    "F1",
    "MCC",
    "Perplexity",
    "MAE",
    "MSE",
    "RMSE",
    "CrossEntropy",
    "NegativeLogLikelihood",
    "PearsonCorrelation",
    "PCC",
    "Loss",
    "Torch",
    "Caffe",
    "CustomMetric",
    "alias",
    "check_label_shapes",
    "create",
    "np",
    "register",
]

_registry = {}


def register(klass, *aliases):
    """Makes a class known to `create`, by its lower-case name and aliases."""
    for name in (klass.__name__, *aliases):
        _registry[name.lower()] = klass
    return klass


def alias(*names):
    """Decorator: makes a class known to `create`, by its lower-case name and these."""
    return lambda klass: register(klass, *names)


def create(metric, *args, **kwargs):
    """A metric from its name, a function of labels and predictions, what `get_config` gave, also as
    JSON, or a list of these."""
    if isinstance(metric, EvalMetric):
        return metric
    if isinstance(metric, str) and metric.startswith(("{", "[")):
        metric = json.loads(metric)
    if isinstance(metric, dict):
        kwargs = {**metric, **kwargs}
        metric = kwargs.pop("metric", None)
    if callable(metric):
        return CustomMetric(metric, *args, **kwargs)
    if isinstance(metric, (list, tuple)):
        made = CompositeEvalMetric()
        for one in metric:
            made.add(create(one, *args, **kwargs))
        return made
    if not isinstance(metric, str) or metric.lower() not in _registry:
        raise ValueError(
            "There is no metric %r; there are %s." % (metric, ", ".join(sorted(_registry)))
        )
    return _registry[metric.lower()](*args, **kwargs)


def _host(value):
    return value.asnumpy() if isinstance(value, NDArray) else numpy.asarray(value)


def _array(value):
    if isinstance(value, NDArray):
        return value
    value = numpy.asarray(value)
    return array(value, dtype=value.dtype if value.dtype.name in TYPE_FLAGS else numpy.float64)


def _check_match(what, labels, preds):
    if labels != preds:
        raise ValueError(
            "%s of labels %s does not match %s of predictions %s."
            % (what, labels, what.lower(), preds)
        )


def check_label_shapes(labels, preds, wrap=False, shape=False):
    """Checks that there are as many labels as predictions; with `shape`, that they are alike."""
    if shape:
        _check_match("Shape", labels.shape, preds.shape)
    else:
        _check_match("Number", len(labels), len(preds))
    return ((labels,), (preds,)) if wrap and not isinstance(labels, list) else (labels, preds)


class EvalMetric:
    """A number per epoch: override `update`, which adds to `sum_metric` and `num_inst`.

    `output_names` and `label_names` choose among what is given by name. `get_global` gives the
    value since `reset`, also where `reset_local` was called in between."""

    def __init__(self, name, output_names=None, label_names=None, **kwargs):
        self.name = str(name)
        self.output_names, self.label_names = output_names, label_names
        self._has_global_stats = kwargs.pop("has_global_stats", False)
        self._kwargs = kwargs
        self.num = kwargs.pop("num", None)
        self.reset()

    def __str__(self):
        return "EvalMetric: %s" % dict(self.get_name_value())

    def get_config(self):
        """What `create` needs to make the metric again."""
        config = dict(self._kwargs)
        config.update(
            metric=type(self).__name__,
            name=self.name,
            output_names=self.output_names,
            label_names=self.label_names,
        )
        return config

    def update_dict(self, label, pred):
        """As `update`, with labels and predictions by name."""

        def choose(given, names):
            if names is None:
                return list(given.values())
            return [given[name] for name in names if name in given]

        self.update(choose(label, self.label_names), choose(pred, self.output_names))

    def update(self, labels, preds):
        raise NotImplementedError("A metric overrides update(labels, preds).")

    def reset(self):
        if self.num is None:
            self.num_inst, self.sum_metric = 0, 0.0
            self.global_num_inst, self.global_sum_metric = 0, 0.0
        else:
            self.num_inst, self.sum_metric = [0] * self.num, [0.0] * self.num

    def reset_local(self):
        """Starts anew, but keeps what get_global gives."""
        self.num_inst, self.sum_metric = 0, 0.0

    def _add(self, value, count):
        if self.num is None and not hasattr(self, "global_num_inst"):
            self.global_num_inst, self.global_sum_metric = 0, 0.0
        self.sum_metric += value
        self.num_inst += count
        self.global_sum_metric += value
        self.global_num_inst += count

    def _value(self, total, count):
        return total / count if count else float("nan")

    def get(self):
        """Name and value; lists of both for several."""
        if self.num is not None:
            names = ["%s_%d" % (self.name, i) for i in range(self.num)]
            return names, [
                self._value(total, count) for total, count in zip(self.sum_metric, self.num_inst)
            ]
        return self.name, self._value(self.sum_metric, self.num_inst)

    def get_global(self):
        if not self._has_global_stats or self.num is not None:
            return self.get()
        return self.name, self._value(self.global_sum_metric, self.global_num_inst)

    def _pairs(self, names_and_values):
        return list(zip(*map(_as_list, names_and_values)))

    def get_name_value(self):
        """Pairs of name and value."""
        return self._pairs(self.get())

    def get_global_name_value(self):
        return self._pairs(self.get_global())


def _settled(name):
    """An attribute whose value includes the batches that are still to be measured."""
    own = "_" + name

    def read(self):
        self._settle()
        return getattr(self, own)

    def write(self, value):
        self._settle()
        setattr(self, own, value)

    return property(read, write)


class _Measured(EvalMetric):
    """One whose batches are measured by tasks of the engine: `update` does not wait for the
    predictions, reading the sums does. Override `_make_tally` and `_class_axis`."""

    sum_metric, num_inst = _settled("sum_metric"), _settled("num_inst")
    global_sum_metric, global_num_inst = _settled("global_sum_metric"), _settled("global_num_inst")
    _tally, _is_pending = None, False

    def __init__(self, name, output_names=None, label_names=None, **kwargs):
        super().__init__(name, output_names, label_names, has_global_stats=True, **kwargs)

    def __getstate__(self):
        self._settle()
        return {**self.__dict__, "_tally": None}

    def _class_axis(self, label, pred):
        """The axis of a prediction's classes, None without one; ValueError where label and
        prediction do not belong together."""
        _check_match("Number", label.size, pred.size)

    def update(self, labels, preds):
        labels, preds = check_label_shapes(_as_list(labels), _as_list(preds))
        self._measure([_array(label) for label in labels], [_array(pred) for pred in preds])

    def _measure(self, labels, preds):
        axes = [self._class_axis(label, pred) for label, pred in zip(labels, preds)]
        self._queue(labels, preds, axes)

    def _queue(self, labels, preds, axes):
        if self._tally is None:
            self._tally = self._make_tally()
        self._is_pending = True
        self._tally.add(
            [label.handle for label in labels], [pred.handle for pred in preds], axes
        )

    def _settle(self):
        if self._is_pending:
            found = self._tally.take()
            self._is_pending = False
            self._accept(found)

    def _accept(self, found):
        self.sum_metric = found.onto(self.sum_metric)
        self.num_inst += found.count
        self.global_sum_metric = found.onto(self.global_sum_metric)
        self.global_num_inst += found.count

    def reset(self):
        if self._is_pending:
            self._tally.reset()
            self._is_pending = False
        super().reset()


def _check_classes(label, pred, axis):
    """Checks that there is a label for each place of predictions with classes along `axis`."""
    if not -pred.ndim <= axis < pred.ndim:
        raise ValueError(
            "Predictions of shape %s have no axis %d for their classes." % (pred.shape, axis)
        )
    _check_match("Number", label.size, pred.size // max(pred.shape[axis], 1))
    return axis


@alias("composite")
class CompositeEvalMetric(EvalMetric):
    """Several metrics as one."""

    def __init__(self, metrics=None, name="composite", output_names=None, label_names=None, **_):
        self.metrics = [create(metric) for metric in metrics or ()]
        super().__init__(name, output_names, label_names, has_global_stats=True)

    def add(self, metric):
        self.metrics.append(create(metric))

    def get_metric(self, index):
        if not 0 <= index < len(self.metrics):
            raise ValueError("Metric %d is asked of %d metrics." % (index, len(self.metrics)))
        return self.metrics[index]

    def update_dict(self, labels, preds):
        def choose(given, names):
            return given if names is None else {k: v for k, v in given.items() if k in names}

        labels, preds = choose(labels, self.label_names), choose(preds, self.output_names)
        for metric in self.metrics:
            metric.update_dict(labels, preds)

    def update(self, labels, preds):
        for metric in self.metrics:
            metric.update(labels, preds)

    def reset(self):
        for metric in self.metrics:
            metric.reset()

    def reset_local(self):
        for metric in self.metrics:
            metric.reset_local()

    def _gather(self, pairs):
        names, values = [], []
        for name, value in pairs:
            names += _as_list(name)
            values += _as_list(value)
        return names, values

    def get(self):
        return self._gather(metric.get() for metric in self.metrics)

    def get_global(self):
        return self._gather(metric.get_global() for metric in self.metrics)

    def get_config(self):
        config = super().get_config()
        config["metrics"] = [metric.get_config() for metric in self.metrics]
        return config


@alias("acc")
class Accuracy(_Measured):
    """Share of examples whose largest prediction, along `axis`, is the label's class."""

    def __init__(self, axis=1, name="accuracy", output_names=None, label_names=None):
        super().__init__(name, output_names, label_names, axis=axis)
        self.axis = axis

    def _make_tally(self):
        return Tally.accuracy()

    def _class_axis(self, label, pred):
        return None if label.shape == pred.shape else _check_classes(label, pred, self.axis)


@alias("top_k_accuracy", "top_k_acc")
class TopKAccuracy(_Measured):
    """Share of examples whose class is among the `top_k` largest predictions."""

    def __init__(self, top_k=1, name="top_k_accuracy", output_names=None, label_names=None):
        if top_k <= 1:
            raise ValueError("top_k is %s; more than 1 is expected, else use Accuracy." % top_k)
        super().__init__(name, output_names, label_names, top_k=top_k)
        self.top_k = top_k
        self.name += "_%d" % top_k

    def get_config(self):
        return {**super().get_config(), "name": "top_k_accuracy"}

    def _make_tally(self):
        return Tally.top_k(self.top_k)

    def _class_axis(self, label, pred):
        if pred.ndim > 2:
            raise ValueError("Predictions of shape %s are given; two axes at most." % (pred.shape,))
        if pred.ndim < 2:
            return super()._class_axis(label, pred)
        return _check_classes(label, pred, 1)


@register
class Perplexity(_Measured):
    """exp of the mean negative logarithm of the class's probability; labels equal to `ignore_label`
    do not count."""

    def __init__(self, ignore_label, axis=-1, name="perplexity", output_names=None, label_names=None):
        super().__init__(name, output_names, label_names, ignore_label=ignore_label, axis=axis)
        self.ignore_label, self.axis = ignore_label, axis

    def _make_tally(self):
        return Tally.perplexity(self.ignore_label)

    def _class_axis(self, label, pred):
        return _check_classes(label, pred, self.axis)

    def _value(self, total, count):
        return math.exp(total / count) if count > 0 else float("nan")


class _Logarithm(_Measured):
    def __init__(self, eps, name, output_names, label_names):
        super().__init__(name, output_names, label_names, eps=eps)
        self.eps = eps

    def _make_tally(self):
        return Tally.cross_entropy(self.eps)

    def _class_axis(self, label, pred):
        if pred.ndim != 2:
            raise ValueError(
                "Predictions of shape %s are given; one row of classes for each label is expected."
                % (pred.shape,)
            )
        return _check_classes(label, pred, 1)


@alias("ce", "cross-entropy")
class CrossEntropy(_Logarithm):
    """Mean negative logarithm of the class's probability."""

    def __init__(self, eps=1e-12, name="cross-entropy", output_names=None, label_names=None):
        super().__init__(eps, name, output_names, label_names)


@alias("nll_loss", "nll-loss")
class NegativeLogLikelihood(_Logarithm):
    """As CrossEntropy, under the name of the likelihood."""

    def __init__(self, eps=1e-12, name="nll-loss", output_names=None, label_names=None):
        super().__init__(eps, name, output_names, label_names)


@register
class Loss(_Measured):
    """Mean of the outputs themselves."""

    def __init__(self, name="loss", output_names=None, label_names=None):
        super().__init__(name, output_names, label_names)

    def _make_tally(self):
        return Tally.total()

    def update(self, _, preds):
        preds = [_array(pred) for pred in _as_list(preds)]
        self._queue([], preds, [None] * len(preds))


@register
class Torch(Loss):
    """Loss under the name of outputs that Torch computed."""

    def __init__(self, name="torch", output_names=None, label_names=None):
        super().__init__(name, output_names, label_names)


@register
class Caffe(Loss):
    """Loss under the name of outputs that Caffe computed."""

    def __init__(self, name="caffe", output_names=None, label_names=None):
        super().__init__(name, output_names, label_names)


@register
class CustomMetric(EvalMetric):
    """A function of label and prediction as numpy arrays, which gives a number or a pair of sum and
    count."""

    def __init__(
        self, feval, name=None, allow_extra_outputs=False, output_names=None, label_names=None
    ):
        if name is None:
            name = getattr(feval, "__name__", type(feval).__name__)
            if "<" in name:
                name = "custom(%s)" % name
        super().__init__(name, output_names, label_names, has_global_stats=True)
        self._feval, self._allow_extra_outputs = feval, allow_extra_outputs

    def update(self, labels, preds):
        labels, preds = _as_list(labels), _as_list(preds)
        if not self._allow_extra_outputs:
            check_label_shapes(labels, preds)
        for pred, label in zip(preds, labels):
            value = self._feval(_host(label), _host(pred))
            self._add(*(value if isinstance(value, tuple) else (value, 1)))

    def get_config(self):
        raise NotImplementedError("A CustomMetric holds a function, which has no configuration.")


def _numpy_metric(numpy_feval, name=None, allow_extra_outputs=False):
    """A CustomMetric from a function of numpy arrays, named after it."""

    def feval(label, pred):
        return numpy_feval(label, pred)

    feval.__name__ = numpy_feval.__name__
    return CustomMetric(feval, name, allow_extra_outputs)


# mx.metric.np is MXNet's name for it, so numpy goes by its own here.
np = _numpy_metric

from ._metrics import F1, MAE, MCC, MSE, PCC, RMSE, PearsonCorrelation  # noqa: E402,F401
