"""BucketingModule: a module per length of sequence, all with the same parameters."""

import logging

from ..initializer import Uniform
from ..name import NameManager
from .base_module import BaseModule, ResultsOfRunner, check_names
from .module import Module


class BucketingModule(ResultsOfRunner, BaseModule):
    """`sym_gen(bucket_key)` gives symbol, data names and label names; a batch says its key as
    `bucket_key`. The module of the default key, the largest, holds parameters and optimizer."""

    def __init__(
        self,
        sym_gen,
        default_bucket_key=None,
        logger=logging,
        context=None,
        work_load_list=None,
        fixed_param_names=None,
        state_names=None,
        group2ctxs=None,
        compression_params=None,
    ):
        super().__init__(logger)
        if default_bucket_key is None:
            raise ValueError("A BucketingModule needs default_bucket_key, its largest key.")

        def generate(key):  # automatic names are the same for every key
            with NameManager():
                return sym_gen(key)

        self._sym_gen, self._default_bucket_key = generate, default_bucket_key
        symbol, data_names, label_names = generate(default_bucket_key)
        for names, kind, throws in (
            (data_names, "data", True),
            (label_names or (), "label", False),
            (state_names or (), "state", True),
            (fixed_param_names or (), "fixed_param", True),
        ):
            check_names(symbol, names, kind, throws)
        self._options = dict(
            context=context,
            work_load_list=work_load_list,
            fixed_param_names=fixed_param_names,
            state_names=state_names,
            group2ctxs=group2ctxs,
        )
        self._buckets = {}
        self._curr_module = self._curr_bucket_key = self._monitor = None
        self._grad_req = "write"

    def _make(self, key):
        symbol, data_names, label_names = self._sym_gen(key)
        return Module(symbol, data_names, label_names, logger=self.logger, **self._options)

    def _main(self):
        return self._buckets[self._default_bucket_key]

    @staticmethod
    def load(prefix, epoch, sym_gen=None, default_bucket_key=None, **kwargs):
        """A module from a checkpoint of its default bucket."""
        from ..model import load_params

        if sym_gen is None or default_bucket_key is None:
            raise ValueError("BucketingModule.load needs sym_gen and default_bucket_key.")
        made = BucketingModule(sym_gen, default_bucket_key, **kwargs)
        made._take(*load_params(prefix, epoch))
        return made

    @staticmethod
    def load_dict(
        sym_dict=None,
        sym_gen=None,
        default_bucket_key=None,
        arg_params=None,
        aux_params=None,
        **kwargs
    ):
        """A module from symbols by key, which are used in place of sym_gen's, and parameters by
        name."""
        if None in (sym_dict, sym_gen, default_bucket_key, arg_params, aux_params):
            raise ValueError(
                "BucketingModule.load_dict needs sym_dict, sym_gen, default_bucket_key, arg_params "
                "and aux_params."
            )

        def generate(key):
            symbol, data_names, label_names = sym_gen(key)
            return sym_dict.get(key, symbol), data_names, label_names

        made = BucketingModule(generate, default_bucket_key, **kwargs)
        made._take(arg_params, aux_params)
        return made

    def _take(self, arg_params, aux_params):
        """Has the parameters loaded when the module is bound."""
        key = self._default_bucket_key
        self._loaded = arg_params, aux_params
        self._buckets[key] = main = self._make(key)
        main._arg_params, main._aux_params = self._loaded
        main.params_initialized = self.params_initialized = True
        self._curr_module, self._curr_bucket_key = main, key

    def save_checkpoint(self, prefix, epoch, remove_amp_cast=False):
        """Writes the default bucket's symbol and the parameters."""
        from ..model import save_checkpoint

        save_checkpoint(prefix, epoch, self._main().symbol, *self.get_params())

    @property
    def data_names(self):
        if self.binded:
            return self._curr_module.data_names
        return self._sym_gen(self._default_bucket_key)[1]

    @property
    def output_names(self):
        if self.binded:
            return self._curr_module.output_names
        return self._sym_gen(self._default_bucket_key)[0].list_outputs()

    @property
    def data_shapes(self):
        self._require("binded")
        return self._curr_module.data_shapes

    @property
    def label_shapes(self):
        self._require("binded")
        return self._curr_module.label_shapes

    @property
    def output_shapes(self):
        self._require("binded")
        return self._curr_module.output_shapes

    @property
    def symbol(self):
        self._require("binded")
        return self._curr_module.symbol

    def get_params(self):
        self._require("params_initialized")
        self._main()._params_dirty |= self._curr_module._params_dirty
        found = self._main().get_params()
        for module in self._buckets.values():
            module._params_dirty = False
        return found

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
        self._main().init_params(
            initializer, arg_params, aux_params, allow_missing, force_init, allow_extra
        )
        self.params_initialized = True
        if self._curr_module is not self._main():
            self._share_with(self._curr_module)

    def _share_with(self, module):
        module._arg_params, module._aux_params = self._main()._arg_params, self._main()._aux_params
        module.params_initialized = True

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
        """Binds the default bucket."""
        if shared_module is not None:
            raise ValueError("A BucketingModule cannot share another module's parameters.")
        kept = self.get_params() if self.params_initialized and self.binded else None
        loaded = getattr(self, "_loaded", None)
        if force_rebind:
            self.binded, self._buckets = False, {}
        if self.binded:
            self.logger.warning("Already binded, ignoring bind()")
            return
        self.for_training, self.inputs_need_grad = for_training, inputs_need_grad
        self._grad_req = grad_req
        main = self._buckets.get(self._default_bucket_key) or self._make(self._default_bucket_key)
        main.bind(
            data_shapes, label_shapes, for_training, inputs_need_grad, grad_req=grad_req
        )
        self._buckets = {self._default_bucket_key: main}
        self._curr_module, self._curr_bucket_key = main, self._default_bucket_key
        self.binded = True
        if kept or loaded:
            self.set_params(*(kept or loaded))

    def switch_bucket(self, bucket_key, data_shapes, label_shapes=None):
        """Goes over to the module of a key; it is made and bound the first time."""
        self._require("binded")
        if bucket_key not in self._buckets:
            module = self._make(bucket_key)
            module.bind(
                data_shapes,
                label_shapes,
                self._curr_module.for_training,
                self._curr_module.inputs_need_grad,
                shared_module=self._main() if self.params_initialized else None,
                grad_req=self._grad_req,
            )
            if self._monitor is not None:
                module.install_monitor(self._monitor)
            self._buckets[bucket_key] = module
        self._buckets[bucket_key]._params_dirty |= self._curr_module._params_dirty
        self._curr_module, self._curr_bucket_key = self._buckets[bucket_key], bucket_key

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
        self._main().init_optimizer(kvstore, optimizer, optimizer_params, force_init)
        for module in self._buckets.values():
            if module is not self._main():
                module.borrow_optimizer(self._main())
        self.optimizer_initialized = True

    def prepare(self, data_batch, sparse_row_id_fn=None):
        """Makes the module of a batch ahead of time, and stays where it is."""
        self._require("binded", "params_initialized")
        if data_batch.bucket_key is None:
            return
        back = self._curr_bucket_key
        self.switch_bucket(
            data_batch.bucket_key, data_batch.provide_data, data_batch.provide_label
        )
        self.switch_bucket(back, None, None)

    def forward(self, data_batch, is_train=None):
        self._require("binded", "params_initialized")
        if data_batch.bucket_key is not None:
            self.switch_bucket(
                data_batch.bucket_key, data_batch.provide_data, data_batch.provide_label
            )
        self._curr_module.forward(data_batch, is_train=is_train)

    def backward(self, out_grads=None):
        self._require("binded", "params_initialized")
        self._curr_module.backward(out_grads)

    def update(self):
        self._require("binded", "params_initialized", "optimizer_initialized")
        if not self._curr_module.optimizer_initialized:
            self._curr_module.borrow_optimizer(self._main())
        self._curr_module.update()

    def _runner(self):
        return self._curr_module

    def install_monitor(self, mon):
        self._require("binded")
        self._monitor = mon
        for module in self._buckets.values():
            module.install_monitor(mon)

    def set_params(
        self, arg_params, aux_params, allow_missing=False, force_init=True, allow_extra=False
    ):
        self._require("binded")
        self._main().set_params(arg_params, aux_params, allow_missing, force_init, allow_extra)
        self.params_initialized = True
        if self._curr_module is not self._main():
            self._share_with(self._curr_module)
