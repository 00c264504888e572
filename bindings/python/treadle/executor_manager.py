"""Data parallel training as the first releases had it, below FeedForward."""

import logging

from .base import MXNetError
from .module.base_module import describe
from .module.executor_group import DataParallelExecutorGroup, split_batch

__all__ = ["DataParallelExecutorManager"]


def _split_input_slice(batch_size, work_load_list):
    """A slice of the batch for each share of the work."""
    return split_batch(batch_size, work_load_list)


def _check_arguments(symbol):
    """Refuses a symbol in which two arguments, or two states, have one name."""
    for what, names in (
        ("argument", symbol.list_arguments()),
        ("auxiliary state", symbol.list_auxiliary_states()),
    ):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                "The symbol has more than one %s %r; give each a name of its own."
                % (what, twice[0])
            )


class DataParallelExecutorManager:
    """The executors of a symbol on several contexts, bound for the batches of an iterator."""

    def __init__(
        self,
        symbol,
        ctx,
        train_data,
        arg_names=None,
        param_names=None,
        aux_names=None,
        work_load_list=None,
        logger=None,
        sym_gen=None,
    ):
        _check_arguments(symbol)
        self.symbol, self.ctx = symbol, list(ctx)
        self.logger = logger or logging
        self.slices = split_batch(train_data.batch_size, work_load_list or [1] * len(self.ctx))
        inputs = {desc.name for desc in describe(train_data.provide_data)}
        inputs |= {desc.name for desc in describe(train_data.provide_label)}
        self.arg_names = arg_names or symbol.list_arguments()
        self.param_names = param_names or [name for name in self.arg_names if name not in inputs]
        self.aux_names = aux_names or symbol.list_auxiliary_states()
        self._work_load_list, self._sym_gen = work_load_list, sym_gen
        self._groups = {}
        self._main = self._make(symbol, train_data)
        if sym_gen is not None:
            self._groups[train_data.default_bucket_key] = self._main
        self._now = self._main
        self._batch = None

    def _make(self, symbol, shapes, shared=None):
        return DataParallelExecutorGroup(
            symbol,
            self.ctx,
            self._work_load_list,
            shapes.provide_data,
            shapes.provide_label,
            self.param_names,
            True,
            False,
            shared,
        )

    @property
    def param_arrays(self):
        return self._main.param_arrays

    @property
    def grad_arrays(self):
        return self._now.grad_arrays

    @property
    def aux_arrays(self):
        return self._main.aux_arrays

    def install_monitor(self, monitor):
        if self._sym_gen is not None:
            raise MXNetError("A monitor cannot look into executors that are made per bucket.")
        self._main.install_monitor(monitor)

    def set_params(self, arg_params, aux_params):
        self._main.set_params(arg_params, aux_params, allow_extra=True)

    def copy_to(self, arg_params, aux_params):
        """Writes the mean over the contexts to the dicts."""
        found = {}, {}
        self._main.get_params(*found)
        for made, into in zip(found, (arg_params, aux_params)):
            for name, value in made.items():
                if name in into:
                    into[name][:] = value
                else:
                    into[name] = value

    def load_data_batch(self, data_batch):
        """The batch that forward runs on."""
        if self._sym_gen is not None:
            key = data_batch.bucket_key
            if key not in self._groups:
                self._groups[key] = self._make(self._sym_gen(key), data_batch, self._main)
            self._now = self._groups[key]
        self._batch = data_batch

    def forward(self, is_train=False):
        self._now.forward(self._batch, is_train)

    def backward(self):
        self._now.backward()

    def update_metric(self, metric, labels, pre_sliced=False):
        self._now.update_metric(metric, labels, pre_sliced)
