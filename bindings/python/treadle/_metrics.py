"""Metrics of two classes, of numbers, and correlations."""

import math

import numpy

from .metric import EvalMetric, _alias, _as_list, _host, _PerBatch, check_label_shapes, register

__all__ = ["F1", "MCC", "MAE", "MSE", "RMSE", "PearsonCorrelation", "PCC"]


class _Binary(EvalMetric):
    """Counts of right and wrong predictions of two classes."""

    def __init__(self, name, output_names, label_names, average):
        self.average = average
        self._counts = numpy.zeros(4)  # true and false positives, true and false negatives
        self._global_counts = numpy.zeros(4)
        super().__init__(name, output_names, label_names, has_global_stats=True, average=average)

    def reset(self):
        super().reset()
        self._counts, self._global_counts = numpy.zeros(4), numpy.zeros(4)

    def reset_local(self):
        super().reset_local()
        self._counts = numpy.zeros(4)

    def _count(self, label, pred):
        label = label.astype(numpy.int32).ravel()
        pred = pred.argmax(axis=1) if pred.ndim > 1 else (pred > 0.5).astype(numpy.int32)
        check_label_shapes(label, pred)
        if len(numpy.unique(label)) > 2:
            raise ValueError("%s takes two classes; the labels have more." % type(self).__name__)
        positive, true = pred == 1, label == 1
        return numpy.array(
            [
                (positive & true).sum(),
                (positive & ~true).sum(),
                (~positive & ~true).sum(),
                (~positive & true).sum(),
            ],
            numpy.float64,
        )

    def update(self, labels, preds):
        labels, preds = check_label_shapes(_as_list(labels), _as_list(preds))
        for label, pred in zip(labels, preds):
            counts = self._count(_host(label), _host(pred))
            self._counts += counts
            self._global_counts += counts
        if self.average == "macro":
            self._add(self._score(self._counts), 1)
            self._counts = numpy.zeros(4)
            self._global_counts = numpy.zeros(4)
        else:
            self.sum_metric = self._score(self._counts) * self._counts.sum()
            self.num_inst = int(self._counts.sum())
            self.global_sum_metric = self._score(self._global_counts) * self._global_counts.sum()
            self.global_num_inst = int(self._global_counts.sum())


@register
class F1(_Binary):
    """Harmonic mean of precision and recall of two classes; `average` 'macro' takes the mean of the
    batches, 'micro' counts over all."""

    def __init__(self, name="f1", output_names=None, label_names=None, average="macro"):
        super().__init__(name, output_names, label_names, average)

    @staticmethod
    def _score(counts):
        hits, false, _, missed = counts
        precision = hits / (hits + false) if hits + false > 0 else 0.0
        recall = hits / (hits + missed) if hits + missed > 0 else 0.0
        return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


@register
class MCC(_Binary):
    """Matthews' correlation of two classes, -1 to 1; `average` as in F1."""

    def __init__(self, name="mcc", output_names=None, label_names=None, average="macro"):
        super().__init__(name, output_names, label_names, average)
        self._average = average

    @staticmethod
    def _score(counts):
        if not counts.sum():
            return 0.0
        hits, false, rejected, missed = counts
        spread = 1.0
        for term in (hits + false, hits + missed, rejected + false, rejected + missed):
            spread *= term if term else 1.0
        return (hits * rejected - false * missed) / math.sqrt(spread)


class _Regression(_PerBatch):
    def update(self, labels, preds):
        labels, preds = check_label_shapes(_as_list(labels), _as_list(preds))
        for label, pred in zip(labels, preds):
            label, pred = _host(label), _host(pred)
            label = label.reshape(len(label), 1) if label.ndim == 1 else label
            pred = pred.reshape(len(pred), 1) if pred.ndim == 1 else pred
            self._add(self._measure(label, pred), 1)


@register
class MAE(_Regression):
    """Mean absolute error."""

    def __init__(self, name="mae", output_names=None, label_names=None):
        super().__init__(name, output_names, label_names)

    def _measure(self, label, pred):
        return float(numpy.abs(label - pred).mean())


@register
class MSE(_Regression):
    """Mean squared error."""

    def __init__(self, name="mse", output_names=None, label_names=None):
        super().__init__(name, output_names, label_names)

    def _measure(self, label, pred):
        return float(((label - pred) ** 2.0).mean())


@register
class RMSE(_Regression):
    """Root of the mean squared error."""

    def __init__(self, name="rmse", output_names=None, label_names=None):
        super().__init__(name, output_names, label_names)

    def _measure(self, label, pred):
        return math.sqrt(((label - pred) ** 2.0).mean())


@_alias("pearsonr")
class PearsonCorrelation(EvalMetric):
    """Pearson's correlation of labels and predictions; 'macro' takes the mean of the batches,
    'micro' one over all."""

    def __init__(self, name="pearsonr", output_names=None, label_names=None, average="macro"):
        self.average = average
        self._seen = []
        super().__init__(name, output_names, label_names, has_global_stats=True, average=average)

    def reset(self):
        super().reset()
        self._seen = []

    def reset_local(self):
        super().reset_local()
        self._seen = []

    def update(self, labels, preds):
        labels, preds = check_label_shapes(_as_list(labels), _as_list(preds))
        for label, pred in zip(labels, preds):
            label, pred = _host(label), _host(pred)
            check_label_shapes(label, pred, False, True)
            label, pred = label.ravel().astype(numpy.float64), pred.ravel().astype(numpy.float64)
            if self.average == "macro":
                self._add(float(numpy.corrcoef(pred, label)[0, 1]), 1)
            else:
                self._seen.append((label, pred))
                self.num_inst += 1
                self.global_num_inst += 1

    def get(self):
        if self.average == "macro" or not self._seen:
            return super().get()
        label, pred = (numpy.concatenate(each) for each in zip(*self._seen))
        return self.name, float(numpy.corrcoef(pred, label)[0, 1])

    def get_global(self):
        return super().get_global() if self.average == "macro" else self.get()


@register
class PCC(EvalMetric):
    """Pearson's correlation of classes from their confusion matrix: MCC for any number of them."""

    def __init__(self, name="pcc", output_names=None, label_names=None, has_global_stats=True):
        self.k = 2
        self.lcm = self.gcm = numpy.zeros((2, 2))
        super().__init__(name, output_names, label_names, has_global_stats=has_global_stats)

    def reset(self):
        super().reset()
        self.lcm, self.gcm = numpy.zeros((self.k, self.k)), numpy.zeros((self.k, self.k))

    def reset_local(self):
        super().reset_local()
        self.lcm = numpy.zeros((self.k, self.k))

    def update(self, labels, preds):
        labels, preds = check_label_shapes(_as_list(labels), _as_list(preds))
        for label, pred in zip(labels, preds):
            label, pred = _host(label).astype(numpy.int32).ravel(), _host(pred)
            if pred.size != label.size:
                pred = pred.argmax(axis=1)
            pred = pred.astype(numpy.int32).ravel()
            grown = max(self.k, int(label.max(initial=0)) + 1, int(pred.max(initial=0)) + 1)
            if grown > self.k:
                more = grown - self.k
                self.lcm = numpy.pad(self.lcm, ((0, more), (0, more)))
                self.gcm = numpy.pad(self.gcm, ((0, more), (0, more)))
                self.k = grown
            counts = numpy.zeros((self.k, self.k))
            numpy.add.at(counts, (pred, label), 1)
            self.lcm += counts
            self.gcm += counts
        self.num_inst += 1
        self.global_num_inst += 1

    @staticmethod
    def _correlation(matrix):
        count = matrix.sum()
        x, y = matrix.sum(axis=1), matrix.sum(axis=0)
        spread = (x * (count - x)).sum() * (y * (count - y)).sum()
        if spread == 0:
            return float("nan")
        return float((matrix.diagonal() * count - x * y).sum() / math.sqrt(spread))

    def get(self):
        return self.name, self._correlation(self.lcm) if self.num_inst else float("nan")

    def get_global(self):
        return self.name, self._correlation(self.gcm) if self.global_num_inst else float("nan")
