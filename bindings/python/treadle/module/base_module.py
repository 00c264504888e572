"""What all modules share: the loops of fit, score and predict, over a few steps that each module
has its own way of doing."""

import logging
import time
from collections import namedtuple

from .. import metric as metrics
from ..io import DataBatch, DataDesc
from ..initializer import Uniform
from ..ndarray import NDArray, concatenate

BatchEndParam = namedtuple("BatchEndParams", ["epoch", "nbatch", "eval_metric", "locals"])


def as_list(value):
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def call_all(callbacks, *args):
    for callback in as_list(callbacks):
        callback(*args)


def _labels(batch):
    """The labels of a batch, or of each in a list with one for each context."""
    return [one.label for one in batch] if isinstance(batch, list) else batch.label


def check_names(symbol, names, kind, throws):
    """Each name should be an argument of the symbol; says which ones were perhaps meant."""
    arguments = symbol.list_arguments()
    for name in names:
        if name in arguments:
            continue
        endings = ("_weight", "_bias", "_gamma", "_beta")
        candidates = [one for one in arguments if not one.endswith(endings)]
        text = "%s_names has %r, which is no argument of the symbol; candidates are %s." % (
            kind,
            name,
            ", ".join(candidates),
        )
        if throws:
            raise ValueError(text)
        logging.warning(text)


def describe(descriptions):
    """DataDescs from DataDescs or pairs."""
    made = [one if isinstance(one, DataDesc) else DataDesc(*one) for one in descriptions or ()]
    for desc in made:
        if not isinstance(desc.shape, (tuple, list)):
            raise TypeError(
                "The shape of %r is %r; a tuple of int is expected." % (desc.name, desc.shape)
            )
    return made


class BaseModule:
    """A computation with parameters. First `bind`, `init_params` and `init_optimizer`, then per batch
    `forward`, `backward` and `update`; `fit` does all of it."""

    def __init__(self, logger=logging):
        self.logger = logger
        self.binded = self.for_training = self.inputs_need_grad = False
        self.params_initialized = self.optimizer_initialized = False
        self._symbol = None

    def _require(self, *states):
        need = {
            "binded": "bind",
            "params_initialized": "init_params",
            "optimizer_initialized": "init_optimizer",
        }
        for state in states:
            if not getattr(self, state):
                raise AssertionError(
                    "%s: call %s first." % (type(self).__name__, need.get(state, state))
                )

    @property
    def symbol(self):
        return self._symbol

    def forward_backward(self, data_batch):
        self.forward(data_batch, is_train=True)
        self.backward()

    def score(
        self,
        eval_data,
        eval_metric,
        num_batch=None,
        batch_end_callback=None,
        score_end_callback=None,
        reset=True,
        epoch=0,
        sparse_row_id_fn=None,
    ):
        """Runs over data and gives pairs of a metric's name and value."""
        self._require("binded", "params_initialized")
        if reset:
            eval_data.reset()
        eval_metric = metrics.create(eval_metric)
        eval_metric.reset()
        count = 0
        for count, batch in enumerate(eval_data, 1):
            if num_batch is not None and count > num_batch:
                count -= 1
                break
            self.prepare(batch, sparse_row_id_fn)
            self.forward(batch, is_train=False)
            self.update_metric(eval_metric, _labels(batch), pre_sliced=isinstance(batch, list))
            call_all(batch_end_callback, BatchEndParam(epoch, count - 1, eval_metric, locals()))
        call_all(score_end_callback, BatchEndParam(epoch, count, eval_metric, locals()))
        return eval_metric.get_global_name_value()

    def iter_predict(self, eval_data, num_batch=None, reset=True, sparse_row_id_fn=None):
        """Yields outputs, number and batch for each batch, without the rows that fill it up."""
        self._require("binded", "params_initialized")
        if reset:
            eval_data.reset()
        for number, batch in enumerate(eval_data):
            if number == num_batch:
                break
            self.prepare(batch, sparse_row_id_fn)
            self.forward(batch, is_train=False)
            pad = batch.pad or 0
            outputs = [out[: out.shape[0] - pad] for out in self.get_outputs()]
            yield outputs, number, batch

    def predict(
        self,
        eval_data,
        num_batch=None,
        merge_batches=True,
        reset=True,
        always_output_list=False,
        sparse_row_id_fn=None,
    ):
        """The outputs for data: of all batches in one array, or, with merge_batches=False, a list of
        lists."""
        if isinstance(eval_data, NDArray):
            eval_data = DataBatch([eval_data])
        if isinstance(eval_data, DataBatch):
            self._require("binded", "params_initialized")
            self.forward(eval_data, is_train=False)
            outputs = self.get_outputs()
            return outputs[0] if len(outputs) == 1 and not always_output_list else outputs
        found = [
            [out.copy() for out in outputs]
            for outputs, _, _ in self.iter_predict(eval_data, num_batch, reset)
        ]
        if not found or not merge_batches:
            return found
        if any(len(outputs) != len(found[0]) for outputs in found):
            raise ValueError("Batches have different numbers of outputs; use merge_batches=False.")
        merged = [concatenate(list(each)) for each in zip(*found)]
        return merged[0] if len(merged) == 1 and not always_output_list else merged

    def fit(
        self,
        train_data,
        eval_data=None,
        eval_metric="acc",
        epoch_end_callback=None,
        batch_end_callback=None,
        kvstore="local",
        optimizer="sgd",
        optimizer_params=(("learning_rate", 0.01),),
        eval_end_callback=None,
        eval_batch_end_callback=None,
        initializer=Uniform(0.01),
        arg_params=None,
        aux_params=None,
        allow_missing=False,
        force_rebind=False,
        force_init=False,
        begin_epoch=0,
        num_epoch=None,
        validation_metric=None,
        monitor=None,
        sparse_row_id_fn=None,
    ):
        """Trains for epochs `begin_epoch` to `num_epoch`."""
        if num_epoch is None:
            raise ValueError("fit needs num_epoch, the epoch to end before.")
        self.bind(
            data_shapes=train_data.provide_data,
            label_shapes=train_data.provide_label,
            for_training=True,
            force_rebind=force_rebind,
        )
        if monitor is not None:
            self.install_monitor(monitor)
        self.init_params(initializer, arg_params, aux_params, allow_missing, force_init)
        self.init_optimizer(kvstore, optimizer, optimizer_params)
        if validation_metric is None:
            validation_metric = eval_metric
        eval_metric = metrics.create(eval_metric)

        for epoch in range(begin_epoch, num_epoch):
            start = time.time()
            eval_metric.reset()
            train_data.reset()
            batches = iter(train_data)
            batch, number = next(batches, None), 0
            while batch is not None:
                if monitor is not None:
                    monitor.tic()
                self.forward_backward(batch)
                self.update()
                # The engine computes while the next batch is fetched; iterators may take back what
                # they gave before.
                labels = _labels(batch)
                coming = next(batches, None)
                if coming is not None:
                    self.prepare(coming, sparse_row_id_fn)
                self.update_metric(eval_metric, labels, pre_sliced=isinstance(batch, list))
                if monitor is not None:
                    monitor.toc_print()
                call_all(batch_end_callback, BatchEndParam(epoch, number, eval_metric, locals()))
                batch, number = coming, number + 1
            for name, value in eval_metric.get_global_name_value():
                self.logger.info("Epoch[%d] Train-%s=%f", epoch, name, value)
            self.logger.info("Epoch[%d] Time cost=%.3f", epoch, time.time() - start)

            # Callbacks see the parameters as they are, and further devices get what is saved.
            arg_now, aux_now = self.get_params()
            self.set_params(arg_now, aux_now)
            call_all(epoch_end_callback, epoch, self.symbol, arg_now, aux_now)
            if eval_data is not None:
                found = self.score(
                    eval_data,
                    validation_metric,
                    score_end_callback=eval_end_callback,
                    batch_end_callback=eval_batch_end_callback,
                    epoch=epoch,
                )
                for name, value in found:
                    self.logger.info("Epoch[%d] Validation-%s=%f", epoch, name, value)

    def set_params(
        self, arg_params, aux_params, allow_missing=False, force_init=True, allow_extra=False
    ):
        """Takes parameters by name."""
        self.init_params(None, arg_params, aux_params, allow_missing, force_init, allow_extra)

    def save_params(self, fname):
        """Writes the parameters to a file."""
        from .. import ndarray

        arg_params, aux_params = self.get_params()
        arrays = {"arg:" + name: value for name, value in arg_params.items()}
        arrays.update(("aux:" + name, value) for name, value in aux_params.items())
        ndarray.save(fname, arrays)

    def load_params(self, fname):
        """Reads the parameters from a file."""
        from .. import ndarray

        found = {"arg": {}, "aux": {}}
        loaded = ndarray.load(fname)
        for key, value in loaded.items() if isinstance(loaded, dict) else ():
            kind, _, name = key.partition(":")
            if kind not in found:
                raise ValueError(
                    "%s has an array %r; names begin with 'arg:' or 'aux:'." % (fname, key)
                )
            found[kind][name] = value
        self.set_params(found["arg"], found["aux"])

    def get_states(self, merge_multi_context=True):
        self._require("binded", "params_initialized")
        return []

    def set_states(self, states=None, value=None):
        self._require("binded", "params_initialized")
        if states or value:
            raise ValueError("%s has no states." % type(self).__name__)

    def prepare(self, data_batch, sparse_row_id_fn=None):
        """Called with a batch before it is used."""

    # What each kind of module has its own way of doing.
    @property
    def data_names(self):
        raise NotImplementedError()

    @property
    def output_names(self):
        raise NotImplementedError()

    @property
    def data_shapes(self):
        raise NotImplementedError()

    @property
    def label_shapes(self):
        raise NotImplementedError()

    @property
    def output_shapes(self):
        raise NotImplementedError()

    def get_params(self):
        raise NotImplementedError()

    def init_params(
        self,
        initializer=Uniform(0.01),
        arg_params=None,
        aux_params=None,
        allow_missing=False,
        force_init=False,
        allow_extra=False,
    ):
        raise NotImplementedError()

    def install_monitor(self, mon):
        raise NotImplementedError()

    def forward(self, data_batch, is_train=None):
        raise NotImplementedError()

    def backward(self, out_grads=None):
        raise NotImplementedError()

    def get_outputs(self, merge_multi_context=True):
        raise NotImplementedError()

    def get_input_grads(self, merge_multi_context=True):
        raise NotImplementedError()

    def update(self):
        raise NotImplementedError()

    def update_metric(self, eval_metric, labels, pre_sliced=False):
        raise NotImplementedError()

    def bind(
        self,
        data_shapes,
        label_shapes=None,
        for_training=True,
        inputs_need_grad=False,
        force_rebind=False,
        shared_module=None,
        grad_req="write",
    ):
        raise NotImplementedError()

    def init_optimizer(
        self,
        kvstore="local",
        optimizer="sgd",
        optimizer_params=(("learning_rate", 0.01),),
        force_init=False,
    ):
        raise NotImplementedError()


class ResultsOfRunner:
    """What a module says of its last batch by asking whoever ran it, `_runner()`."""

    def get_outputs(self, merge_multi_context=True):
        self._require("binded", "params_initialized")
        return self._runner().get_outputs(merge_multi_context)

    def get_input_grads(self, merge_multi_context=True):
        self._require("binded", "params_initialized")
        return self._runner().get_input_grads(merge_multi_context)

    def get_states(self, merge_multi_context=True):
        self._require("binded", "params_initialized")
        return self._runner().get_states(merge_multi_context)

    def set_states(self, states=None, value=None):
        self._require("binded", "params_initialized")
        self._runner().set_states(states, value)

    def update_metric(self, eval_metric, labels, pre_sliced=False):
        """Adds the outputs of the last batch to a metric."""
        self._require("binded", "params_initialized")
        self._runner().update_metric(eval_metric, labels, pre_sliced)


class NamedInputs:
    """The names that a module was made with."""

    @property
    def data_names(self):
        return self._data_names

    @property
    def label_names(self):
        return self._label_names

    @property
    def output_names(self):
        return self._output_names
