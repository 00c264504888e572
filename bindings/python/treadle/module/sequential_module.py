"""SequentialModule: modules one after the other."""

import logging

from ..initializer import Uniform
from ..io import DataBatch
from .base_module import BaseModule, describe


class SequentialModule(BaseModule):
    """Each module's outputs are the next one's data. `add(module, take_labels=True)` marks those
    that get the labels; `auto_wiring=True` renames what arrives to the module's data names."""

    META_TAKE_LABELS = "take_labels"
    META_AUTO_WIRING = "auto_wiring"

    def __init__(self, logger=logging):
        super().__init__(logger)
        self._modules, self._metas = [], []
        self._data_shapes = self._label_shapes = None

    def add(self, module, **kwargs):
        for key in kwargs:
            if key not in (self.META_TAKE_LABELS, self.META_AUTO_WIRING):
                raise ValueError(
                    "There is no meta information %r; there are take_labels and auto_wiring." % key
                )
        self._modules.append(module)
        self._metas.append(kwargs)
        self.binded = self.params_initialized = self.optimizer_initialized = False
        return self

    def _pairs(self):
        return list(zip(self._modules, self._metas))

    @property
    def data_names(self):
        return self._modules[0].data_names if self._modules else []

    @property
    def output_names(self):
        return self._modules[-1].output_names if self._modules else []

    @property
    def data_shapes(self):
        self._require("binded")
        return self._modules[0].data_shapes

    @property
    def label_shapes(self):
        self._require("binded")
        return self._label_shapes

    @property
    def output_shapes(self):
        self._require("binded")
        return self._modules[-1].output_shapes

    def get_params(self):
        self._require("binded", "params_initialized")
        arg_params, aux_params = {}, {}
        for module in self._modules:
            args, aux = module.get_params()
            arg_params.update(args)
            aux_params.update(aux)
        return arg_params, aux_params

    def init_params(
        self,
        initializer=Uniform(0.01),
        arg_params=None,
        aux_params=None,
        allow_missing=False,
        force_init=False,
        allow_extra=False,
    ):
        if self.params_initialized and not force_init:
            return
        self._require("binded")
        owner = {}
        for module in self._modules:
            # Each module takes its own out of what is given for all.
            module.init_params(
                initializer, arg_params, aux_params, allow_missing, force_init, allow_extra=True
            )
            for params in module.get_params():
                for name in params:
                    if name in owner:
                        raise ValueError(
                            "Two modules have a parameter %r; names must differ." % name
                        )
                    owner[name] = module
        self.params_initialized = True

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
        if shared_module is not None:
            raise ValueError("A SequentialModule cannot share another module's parameters.")
        if not self._modules:
            raise ValueError("A SequentialModule without modules is bound; add some first.")
        self.for_training, self.inputs_need_grad = for_training, inputs_need_grad
        self._label_shapes = None
        arriving = describe(data_shapes)
        for i, (module, meta) in enumerate(self._pairs()):
            takes_labels = bool(meta.get(self.META_TAKE_LABELS))
            if takes_labels:
                self._label_shapes = label_shapes
            if meta.get(self.META_AUTO_WIRING):
                names = module.data_names
                if len(names) != len(arriving):
                    raise ValueError(
                        "Module %d takes %d arrays; %d arrive." % (i, len(names), len(arriving))
                    )
                arriving = [
                    type(desc)(name, desc.shape, desc.dtype, desc.layout)
                    for name, desc in zip(names, arriving)
                ]
            module.bind(
                arriving,
                label_shapes if takes_labels else None,
                for_training,
                bool(for_training and (inputs_need_grad or i > 0)),
                force_rebind,
                None,
                grad_req,
            )
            arriving = describe(module.output_shapes)
        self.binded = True

    def init_optimizer(
        self,
        kvstore="local",
        optimizer="sgd",
        optimizer_params=(("learning_rate", 0.01),),
        force_init=False,
    ):
        self._require("binded", "params_initialized")
        if self.optimizer_initialized and not force_init:
            self.logger.warning("optimizer already initialized, ignoring.")
            return
        for module in self._modules:
            module.init_optimizer(kvstore, optimizer, optimizer_params, force_init)
        self.optimizer_initialized = True

    def forward(self, data_batch, is_train=None):
        self._require("binded", "params_initialized")
        batch = DataBatch(
            data_batch.data,
            data_batch.label,
            data_batch.pad,
            data_batch.index,
            data_batch.bucket_key,
            data_batch.provide_data,
            data_batch.provide_label,
        )
        for i, module in enumerate(self._modules):
            module.forward(batch, is_train=is_train)
            if i + 1 < len(self._modules):
                batch.data = module.get_outputs()
                batch.provide_data = [
                    (name, array.shape)
                    for name, array in zip(self._modules[i + 1].data_names, batch.data)
                ]

    def backward(self, out_grads=None):
        self._require("binded", "params_initialized")
        for i, module in reversed(list(enumerate(self._modules))):
            module.backward(out_grads=out_grads)
            if i > 0:
                out_grads = module.get_input_grads()

    def update(self):
        self._require("binded", "params_initialized", "optimizer_initialized")
        for module in self._modules:
            module.update()

    def get_outputs(self, merge_multi_context=True):
        self._require("binded", "params_initialized")
        return self._modules[-1].get_outputs(merge_multi_context)

    def get_input_grads(self, merge_multi_context=True):
        self._require("binded", "params_initialized", "inputs_need_grad")
        return self._modules[0].get_input_grads(merge_multi_context)

    def update_metric(self, eval_metric, labels, pre_sliced=False):
        self._require("binded", "params_initialized")
        for module, meta in self._pairs():
            if meta.get(self.META_TAKE_LABELS):
                module.update_metric(eval_metric, labels, pre_sliced)

    def install_monitor(self, mon):
        self._require("binded")
        for module in self._modules:
            module.install_monitor(mon)
