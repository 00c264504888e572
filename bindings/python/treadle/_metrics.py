"""Metrics of two classes, of numbers, and correlations."""

import math

import numpy

from ._treadle import Tally, f1_score, matthews_score
from .autograd import pause
from .base import MXNetError, SizeError
from .metric import _check_classes, _Measured, alias, check_label_shapes, register

__all__ = ["F1", "MCC", "MAE", "MSE", "RMSE", "PearsonCorrelation", "PCC"]


class _Binary(_Measured):
    """Counts of right and wrong predictions of two classes."""

    def __init__(self, name, output_names, label_names, average):
        self.average = average
        # Hits, false alarms, rejections, misses; of `average` micro only.
        self._counts, self._global_counts = numpy.zeros(4), numpy.zeros(4)
        super().__init__(name, output_names, label_names, average=average)

    def reset(self):
        super().reset()
        self._counts, self._global_counts = numpy.zeros(4), numpy.zeros(4)

    def reset_local(self):
        super().reset_local()
        self._counts = numpy.zeros(4)

    def _make_tally(self):
        return self._macro_tally() if self.average == "macro" else Tally.two_class_counts()

    def _class_axis(self, label, pred):
        if pred.ndim < 2:
            return super()._class_axis(label, pred)
        return _check_classes(label, pred, 1)

    def _settle(self):
        try:
            super()._settle()
        except MXNetError as error:
            raise SizeError(str(error)) from None

    def _accept(self, found):
        if self.average == "macro":
            return super()._accept(found)
        self._counts += found.table
        self._global_counts += found.table
        self.sum_metric, self.num_inst = self._weighed(self._counts)
        self.global_sum_metric, self.global_num_inst = self._weighed(self._global_counts)

    def _weighed(self, counts):
        return self._score(list(counts)) * counts.sum(), int(counts.sum())


@register
class F1(_Binary):
    """Harmonic mean of precision and recall of two classes; `average` 'macro' takes the mean of the
    batches, 'micro' counts over all."""

    _score, _macro_tally = staticmethod(f1_score), staticmethod(Tally.f1)

    def __init__(self, name="f1", output_names=None, label_names=None, average="macro"):
        super().__init__(name, output_names, label_names, average)


@register
class MCC(_Binary):
    """Matthews' correlation of two classes, -1 to 1; `average` as in F1."""

    _score, _macro_tally = staticmethod(matthews_score), staticmethod(Tally.matthews)

    def __init__(self, name="mcc", output_names=None, label_names=None, average="macro"):
        super().__init__(name, output_names, label_names, average)
        self._average = average


def _column(shape):
    return (*shape, 1) if len(shape) == 1 else shape


class _Regression(_Measured):
    def _measure(self, labels, preds):
        pairs = [self._as_one_shape(label, pred) for label, pred in zip(labels, preds)]
        super()._measure([label for label, _ in pairs], [pred for _, pred in pairs])

    @staticmethod
    def _as_one_shape(label, pred):
        own, other = _column(label.shape), _column(pred.shape)
        if own == other:
            return label, pred
        shape = numpy.broadcast_shapes(own, other)
        with pause():
            return label.reshape(own).broadcast_to(shape), pred.reshape(other).broadcast_to(shape)


@register
class MAE(_Regression):
    """Mean absolute error."""

    def __init__(self, name="mae", output_names=None, label_names=None):
        super().__init__(name, output_names, label_names)

    def _make_tally(self):
        return Tally.absolute_error()


@register
class MSE(_Regression):
    """Mean squared error."""

    def __init__(self, name="mse", output_names=None, label_names=None):
        super().__init__(name, output_names, label_names)

    def _make_tally(self):
        return Tally.squared_error()


@register
class RMSE(_Regression):
    """Root of the mean squared error."""

    def __init__(self, name="rmse", output_names=None, label_names=None):
        super().__init__(name, output_names, label_names)

    def _make_tally(self):
        return Tally.root_squared_error()


@alias("pearsonr")
class PearsonCorrelation(_Measured):
    """Pearson's correlation of labels and predictions; 'macro' takes the mean of the batches,
    'micro' one over all, for which it keeps them all."""

    def __init__(self, name="pearsonr", output_names=None, label_names=None, average="macro"):
        self.average = average
        self._seen = []
        super().__init__(name, output_names, label_names, average=average)

    def reset(self):
        super().reset()
        self._seen = []

    def reset_local(self):
        super().reset_local()
        self._seen = []

    def _make_tally(self):
        return Tally.correlation()

    def _class_axis(self, label, pred):
        check_label_shapes(label, pred, False, True)

    def _measure(self, labels, preds):
        if self.average == "macro":
            return super()._measure(labels, preds)
        for label, pred in zip(labels, preds):
            check_label_shapes(label, pred, False, True)
            with pause():
                self._seen.append((label.copy(), pred.copy()))
            self.num_inst += 1
            self.global_num_inst += 1

    def get(self):
        if self.average == "macro" or not self._seen:
            return super().get()
        label, pred = (
            numpy.concatenate([value.asnumpy().ravel().astype(numpy.float64) for value in values])
            for values in zip(*self._seen)
        )
        return self.name, float(numpy.corrcoef(pred, label)[0, 1])

    def get_global(self):
        return super().get_global() if self.average == "macro" else self.get()


def _sum_of_tables(one, other):
    """Of two confusion matrices, as large as the larger one."""
    size = max(len(one), len(other))
    made = numpy.zeros((size, size))
    for table in one, other:
        made[: len(table), : len(table)] += table
    return made


@register
class PCC(_Measured):
    """Pearson's correlation of classes from their confusion matrix: MCC for any number of them."""

    def __init__(self, name="pcc", output_names=None, label_names=None, has_global_stats=True):
        self.lcm = self.gcm = numpy.zeros((2, 2))
        super().__init__(name, output_names, label_names)
        self._has_global_stats = has_global_stats

    @property
    def k(self):
        """How many classes there are so far."""
        self._settle()
        return len(self.gcm)

    def reset(self):
        super().reset()
        self.lcm = self.gcm = numpy.zeros((2, 2))

    def reset_local(self):
        super().reset_local()
        self.lcm = numpy.zeros((2, 2))

    def _make_tally(self):
        return Tally.confusion()

    def _class_axis(self, label, pred):
        return None if label.size == pred.size else _check_classes(label, pred, 1)

    def _accept(self, found):
        size = math.isqrt(len(found.table))
        counts = numpy.reshape(found.table, (size, size))
        self.lcm, self.gcm = _sum_of_tables(self.lcm, counts), _sum_of_tables(self.gcm, counts)
        self.num_inst += found.count
        self.global_num_inst += found.count

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
