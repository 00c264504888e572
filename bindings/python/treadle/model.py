"""Checkpoints, and FeedForward, the first way of training a symbol."""

import logging
from collections import namedtuple

import numpy as np

from . import ndarray, symbol

__all__ = ["BatchEndParam", "FeedForward", "save_checkpoint", "load_checkpoint", "load_params"]

BatchEndParam = namedtuple("BatchEndParams", ["epoch", "nbatch", "eval_metric", "locals"])


def save_checkpoint(prefix, epoch, symbol, arg_params, aux_params, remove_amp_cast=True):
    """Writes a symbol, unless it is None, as `prefix-symbol.json` and the parameters of an epoch as
    `prefix-0001.params`."""
    if symbol is not None:
        symbol.save("%s-symbol.json" % prefix)
    arrays = {"arg:" + name: value for name, value in arg_params.items()}
    arrays.update(("aux:" + name, value) for name, value in (aux_params or {}).items())
    ndarray.save("%s-%04d.params" % (prefix, epoch), arrays)


def load_params(prefix, epoch):
    """The arguments and auxiliary states of an epoch, two dicts by name."""
    found = {"arg": {}, "aux": {}}
    arrays = ndarray.load("%s-%04d.params" % (prefix, epoch))
    for key, value in arrays.items() if isinstance(arrays, dict) else ():
        kind, _, name = key.partition(":")
        if kind in found:
            found[kind][name] = value
    return found["arg"], found["aux"]


def load_checkpoint(prefix, epoch):
    """The symbol, arguments and auxiliary states of an epoch."""
    return (symbol.load("%s-symbol.json" % prefix), *load_params(prefix, epoch))


def _iterator(X, y, batch_size, shuffle=False, last_batch="roll_over"):
    """An iterator over arrays, or the iterator that is given."""
    from .io import NDArrayIter

    if not isinstance(X, (np.ndarray, ndarray.NDArray)):
        return X
    if y is None and shuffle:
        raise ValueError("fit needs y, the labels of X.")
    if y is not None:
        y = y.asnumpy() if isinstance(y, ndarray.NDArray) else np.asarray(y)
        if y.shape[0] != X.shape[0]:
            raise ValueError("X has %d examples, y %d labels." % (X.shape[0], y.shape[0]))
        if y.ndim == 2 and y.shape[1] == 1:
            y = y.ravel()
    return NDArrayIter(X, y, min(X.shape[0], batch_size), shuffle, last_batch)


class FeedForward:
    """A symbol with its parameters: `fit`, `predict`, `score`, `save` and `load`. Module does more.

        model = mx.model.FeedForward(net, num_epoch=5, learning_rate=0.1)
        model.fit(X=train_iterator)
    """

    def __init__(
        self,
        symbol,
        ctx=None,
        num_epoch=None,
        epoch_size=None,
        optimizer="sgd",
        initializer=None,
        numpy_batch_size=128,
        arg_params=None,
        aux_params=None,
        allow_extra_params=False,
        begin_epoch=0,
        **kwargs
    ):
        from .context import current_context
        from .initializer import Uniform

        self.symbol = symbol
        self.sym_gen = symbol if callable(symbol) and not hasattr(symbol, "handle") else None
        self.ctx = ctx if isinstance(ctx, (list, tuple)) else [ctx or current_context()]
        self.num_epoch, self.epoch_size, self.begin_epoch = num_epoch, epoch_size, begin_epoch
        self.optimizer, self.kwargs = optimizer, dict(kwargs)
        self.initializer = initializer or Uniform(0.01)
        self.numpy_batch_size = numpy_batch_size
        self.arg_params = None if arg_params is None else dict(arg_params)
        self.aux_params = None if aux_params is None else dict(aux_params)
        self.allow_extra_params = allow_extra_params
        self._module = None
        if arg_params is not None:
            self._check_params()

    def __getstate__(self):
        return {**self.__dict__, "_module": None}

    def _check_params(self):
        if self.sym_gen is not None:
            return
        for what, names, given in (
            ("arg_params", self.symbol.list_arguments(), self.arg_params),
            ("aux_params", self.symbol.list_auxiliary_states(), self.aux_params or {}),
        ):
            extra = [name for name in given if name not in names]
            if extra and not self.allow_extra_params:
                raise ValueError(
                    "%s has %s, which the symbol lacks; pass allow_extra_params=True to leave such "
                    "arrays out." % (what, ", ".join(map(repr, extra)))
                )
            for name in extra:
                del given[name]

    def _make_module(self, data, label_names, contexts=None):
        from .module import BucketingModule, Module

        contexts = contexts or list(self.ctx)
        names = [desc[0] for desc in data.provide_data]
        if self.sym_gen is not None:
            return BucketingModule(
                lambda key: (self.sym_gen(key), names, label_names),
                data.default_bucket_key,
                context=contexts,
            )
        return Module(self.symbol, names, label_names, context=contexts)

    def fit(
        self,
        X,
        y=None,
        eval_data=None,
        eval_metric="acc",
        epoch_end_callback=None,
        batch_end_callback=None,
        kvstore="local",
        logger=None,
        work_load_list=None,
        monitor=None,
        eval_end_callback=None,
        eval_batch_end_callback=None,
    ):
        """Trains on an iterator, or on arrays X and y."""
        from .io import ResizeIter

        data = _iterator(X, y, self.numpy_batch_size, True)
        if isinstance(eval_data, (tuple, list)) and len(eval_data) == 2:
            eval_data = _iterator(eval_data[0], eval_data[1], self.numpy_batch_size)
        labels = [desc[0] for desc in data.provide_label]
        module = self._module = self._make_module(data, labels)
        module.logger = logger or logging
        if work_load_list is not None:
            module._work_load_list = work_load_list
        if self.epoch_size is not None:
            data = ResizeIter(data, self.epoch_size, False)
        params = dict(self.kwargs)
        # Names are checked where the symbol is; here only what the user gave is passed on.
        module.fit(
            data,
            eval_data,
            eval_metric,
            epoch_end_callback=epoch_end_callback,
            batch_end_callback=batch_end_callback,
            kvstore=kvstore,
            optimizer=self.optimizer,
            optimizer_params=params,
            eval_end_callback=eval_end_callback,
            eval_batch_end_callback=eval_batch_end_callback,
            initializer=self.initializer,
            arg_params=self.arg_params,
            aux_params=self.aux_params,
            allow_missing=True,
            begin_epoch=self.begin_epoch,
            num_epoch=self.num_epoch,
            monitor=monitor,
        )
        self.arg_params, self.aux_params = module.get_params()
        return self

    def _predictor(self, data):
        # Labels play no part: a symbol that takes some gets them as states that stay 0.
        labels = [desc[0] for desc in data.provide_label or ()]
        module = self._make_module(data, labels, self.ctx[:1])
        known = set(self.arg_params)
        if self.sym_gen is None:
            inputs = {desc[0] for desc in data.provide_data}
            left = [
                name
                for name in self.symbol.list_arguments()
                if name not in known and name not in inputs
            ]
            module = self._make_module(data, left, self.ctx[:1])
        module.bind(data.provide_data, self._label_shapes(data, module), for_training=False)
        module.init_params(
            self.initializer, self.arg_params, self.aux_params, allow_missing=False, allow_extra=True
        )
        return module

    def _label_shapes(self, data, module):
        provided = [desc for desc in data.provide_label or () if desc[0] in module._label_names]
        if provided or self.sym_gen is not None:
            return provided or None
        shapes, _, _ = self.symbol.infer_shape(**dict(d[:2] for d in data.provide_data))
        if shapes is None:
            return None
        known = dict(zip(self.symbol.list_arguments(), shapes))
        return [(name, known[name]) for name in module._label_names]

    def predict(self, X, num_batch=None, return_data=False, reset=True):
        """Outputs as numpy arrays; with `return_data` also the data and labels they belong to."""
        data = _iterator(X, None, self.numpy_batch_size, last_batch="pad")
        if reset:
            data.reset()
        module = self._predictor(data)
        outputs, inputs, labels = [], [], []
        for number, batch in enumerate(data):
            if number == num_batch:
                break
            module.forward(batch, is_train=False)
            real = batch.data[0].shape[0] - (batch.pad or 0)
            outputs.append([out[:real].asnumpy() for out in module.get_outputs()])
            if return_data:
                inputs.append([value[:real].asnumpy() for value in batch.data])
                labels.append([value[:real].asnumpy() for value in batch.label or ()])

        def join(batches):
            joined = [np.concatenate(each) for each in zip(*batches)]
            return joined[0] if len(joined) == 1 else joined

        return (join(outputs), join(inputs), join(labels)) if return_data else join(outputs)

    def score(self, X, eval_metric="acc", num_batch=None, batch_end_callback=None, reset=True):
        """The value of a metric over data with labels; a list of values for several metrics."""
        from . import metric

        module, measure = self._predictor(X), metric.create(eval_metric)
        module.score(X, measure, num_batch, batch_end_callback=batch_end_callback, reset=reset)
        return measure.get()[1]

    def save(self, prefix, epoch=None, remove_amp_cast=True):
        """Writes a checkpoint, of `num_epoch` unless another is given."""
        if epoch is None:
            epoch = self.num_epoch
        if epoch is None:
            raise ValueError("save needs the number of an epoch; the model has no num_epoch.")
        save_checkpoint(prefix, epoch, self.symbol, self.arg_params, self.aux_params)

    @staticmethod
    def load(prefix, epoch, ctx=None, **kwargs):
        """A model from a checkpoint."""
        net, arg_params, aux_params = load_checkpoint(prefix, epoch)
        return FeedForward(
            net, ctx, arg_params=arg_params, aux_params=aux_params, begin_epoch=epoch, **kwargs
        )

    @staticmethod
    def create(
        symbol,
        X,
        y=None,
        ctx=None,
        num_epoch=None,
        epoch_size=None,
        optimizer="sgd",
        initializer=None,
        eval_data=None,
        eval_metric="acc",
        epoch_end_callback=None,
        batch_end_callback=None,
        kvstore="local",
        logger=None,
        work_load_list=None,
        eval_end_callback=None,
        eval_batch_end_callback=None,
        **kwargs
    ):
        """A model that is trained at once."""
        made = FeedForward(
            symbol,
            ctx=ctx,
            num_epoch=num_epoch,
            epoch_size=epoch_size,
            optimizer=optimizer,
            initializer=initializer,
            **kwargs
        )
        return made.fit(
            X,
            y,
            eval_data,
            eval_metric,
            epoch_end_callback=epoch_end_callback,
            batch_end_callback=batch_end_callback,
            kvstore=kvstore,
            logger=logger,
            work_load_list=work_load_list,
            eval_end_callback=eval_end_callback,
            eval_batch_end_callback=eval_batch_end_callback,
        )
