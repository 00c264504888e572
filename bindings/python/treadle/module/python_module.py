"""Modules written in Python, without a symbol."""

import logging

from ..initializer import Uniform
from ..ndarray import NDArray, array
from .base_module import BaseModule, NamedInputs, as_list, describe


class PythonModule(NamedInputs, BaseModule):
    """A module without parameters: override `forward`, `backward`, `get_outputs`, `get_input_grads`
    and `_compute_output_shapes`."""

    def __init__(self, data_names, label_names, output_names, logger=logging):
        super().__init__(logger)
        self._data_names, self._label_names = as_list(data_names), as_list(label_names)
        self._output_names = as_list(output_names)
        self._data_shapes = self._label_shapes = self._output_shapes = None

    @property
    def data_shapes(self):
        return self._data_shapes

    @property
    def label_shapes(self):
        return self._label_shapes

    @property
    def output_shapes(self):
        return self._output_shapes

    def get_params(self):
        return {}, {}

    def init_params(
        self,
        initializer=Uniform(0.01),
        arg_params=None,
        aux_params=None,
        allow_missing=False,
        force_init=False,
        allow_extra=False,
    ):
        self.params_initialized = True

    def update(self):
        """There are no parameters to update."""

    def update_metric(self, eval_metric, labels, pre_sliced=False):
        if pre_sliced:
            raise ValueError("A PythonModule takes labels of whole batches.")
        if self._label_shapes:
            eval_metric.update(labels, self.get_outputs())

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
        if self.binded and not force_rebind:
            self.logger.warning("Already binded, ignoring bind()")
            return
        if grad_req != "write":
            raise ValueError("A PythonModule overwrites gradients; grad_req is %r." % (grad_req,))
        self.for_training, self.inputs_need_grad = for_training, inputs_need_grad
        data = describe(data_shapes)
        if [desc.name for desc in data] != self._data_names:
            raise ValueError(
                "Shapes are given for %s; the module's data names are %s."
                % ([desc.name for desc in data], self._data_names)
            )
        self._data_shapes = data_shapes
        self._label_shapes = label_shapes
        self._output_shapes = self._compute_output_shapes()
        self.binded = True

    def _compute_output_shapes(self):
        raise NotImplementedError("A PythonModule overrides _compute_output_shapes().")

    def init_optimizer(
        self,
        kvstore="local",
        optimizer="sgd",
        optimizer_params=(("learning_rate", 0.01),),
        force_init=False,
    ):
        self.optimizer_initialized = True

    def install_monitor(self, mon):
        """There is nothing to look into."""


class PythonLossModule(PythonModule):
    """A loss: passes its data on, and gives as gradient what `grad_func(data, labels)` says."""

    def __init__(
        self,
        name="pyloss",
        data_names=("data",),
        label_names=("softmax_label",),
        logger=logging,
        grad_func=None,
    ):
        super().__init__(data_names, label_names, [name + "_output"], logger)
        if len(self._data_names) != 1 or len(self._label_names) != 1:
            raise ValueError("A PythonLossModule takes one array of data and one of labels.")
        if grad_func is not None and not callable(grad_func):
            raise TypeError("grad_func is %r; a function is expected." % (grad_func,))
        self._name, self._grad_func = name, grad_func
        self._scores = self._labels = self._scores_grad = None

    def _compute_output_shapes(self):
        return [(self._name + "_output", describe(self._data_shapes)[0].shape)]

    def forward(self, data_batch, is_train=None):
        self._scores = data_batch.data[0]
        if self.for_training if is_train is None else is_train:
            self._labels = data_batch.label[0]

    def get_outputs(self, merge_multi_context=True):
        return [self._scores]

    def backward(self, out_grads=None):
        if out_grads is not None:
            raise ValueError("A loss takes no gradients of its outputs.")
        if not self.for_training:
            raise AssertionError("backward is called on what was bound with for_training=False.")
        self._backward_impl()

    def _backward_impl(self):
        if self._grad_func is None:
            raise NotImplementedError("Give grad_func, or override _backward_impl().")
        grad = self._grad_func(self._scores, self._labels)
        self._scores_grad = grad if isinstance(grad, NDArray) else array(grad)

    def get_input_grads(self, merge_multi_context=True):
        return [self._scores_grad]
