"""Module: one symbol on one or several contexts."""

import logging

from .. import context as contexts
from .. import kvstore as kvstores
from .. import optimizer as optimizers
from ..initializer import InitDesc, Uniform
from ..model import load_checkpoint, save_checkpoint
from ..ndarray import zeros
from .base_module import (
    BaseModule,
    NamedInputs,
    ResultsOfRunner,
    as_list,
    check_names,
    describe,
)
from .executor_group import DataParallelExecutorGroup


class Module(ResultsOfRunner, NamedInputs, BaseModule):
    """Trains and runs a symbol. Arguments that are not data, labels or states are parameters.

        mod = mx.mod.Module(net, data_names=['data'], label_names=['softmax_label'])
        mod.fit(train, num_epoch=5)
    """

    def __init__(
        self,
        symbol,
        data_names=("data",),
        label_names=("softmax_label",),
        logger=logging,
        context=None,
        work_load_list=None,
        fixed_param_names=None,
        state_names=None,
        group2ctxs=None,
        compression_params=None,
    ):
        super().__init__(logger)
        self._context = as_list(context) or [contexts.current_context()]
        self._work_load_list = work_load_list or [1] * len(self._context)
        self._symbol = symbol
        self._data_names, self._label_names = as_list(data_names), as_list(label_names)
        self._state_names = as_list(state_names)
        self._fixed_param_names = as_list(fixed_param_names)
        self._group2ctxs = group2ctxs
        check_names(symbol, self._data_names, "data", True)
        check_names(symbol, self._label_names, "label", False)
        check_names(symbol, self._state_names, "state", True)
        check_names(symbol, self._fixed_param_names, "fixed_param", True)
        inputs = set(self._data_names + self._label_names + self._state_names)
        self._param_names = [name for name in symbol.list_arguments() if name not in inputs]
        self._aux_names = symbol.list_auxiliary_states()
        self._output_names = symbol.list_outputs()
        self._arg_params = self._aux_params = None
        self._params_dirty = False
        self._optimizer = self._kvstore = self._updater = None
        self._update_on_kvstore = None
        self._preload_opt_states = None
        self._exec_group = None

    @staticmethod
    def load(prefix, epoch, load_optimizer_states=False, **kwargs):
        """A module from a checkpoint."""
        symbol, arg_params, aux_params = load_checkpoint(prefix, epoch)
        made = Module(symbol, **kwargs)
        made._arg_params, made._aux_params = arg_params, aux_params
        made.params_initialized = True
        if load_optimizer_states:
            made._preload_opt_states = "%s-%04d.states" % (prefix, epoch)
        return made

    def save_checkpoint(self, prefix, epoch, save_optimizer_states=False, remove_amp_cast=True):
        """Writes symbol, parameters and, on request, the states of the optimizer."""
        save_checkpoint(prefix, epoch, self._symbol, *self.get_params())
        if save_optimizer_states:
            self.save_optimizer_states("%s-%04d.states" % (prefix, epoch))

    @property
    def _total_exec_bytes(self):
        """Bytes that the executors hold beside the arrays they are given."""
        self._require("binded")
        return sum(one.handle.allocated_bytes() for one in self._exec_group.execs)

    @property
    def data_shapes(self):
        self._require("binded")
        return self._exec_group.data_shapes

    @property
    def label_shapes(self):
        self._require("binded")
        return self._exec_group.label_shapes

    @property
    def output_shapes(self):
        self._require("binded")
        return self._exec_group.get_output_shapes()

    def get_params(self):
        """Arguments and auxiliary states, two dicts by name."""
        self._require("params_initialized")
        if self._params_dirty and self.binded:
            self._exec_group.get_params(self._arg_params, self._aux_params)
            self._params_dirty = False
        return self._arg_params, self._aux_params

    def init_params(
        self,
        initializer=Uniform(0.01),
        arg_params=None,
        aux_params=None,
        allow_missing=False,
        force_init=False,
        allow_extra=False,
    ):
        """Sets parameters: from the dicts where they have them, else by the initializer."""
        if self.params_initialized and not force_init:
            return
        self._require("binded")
        if self._arg_params is None:
            group = self._exec_group
            self._arg_params = {
                name: zeros(arrays[0].shape, dtype=arrays[0].dtype)
                for name, arrays in zip(self._param_names, group.param_arrays)
            }
            self._aux_params = {
                name: zeros(arrays[0].shape, dtype=arrays[0].dtype)
                for name, arrays in zip(self._aux_names, group.aux_arrays)
            }
        attributes = self._symbol.attr_dict()

        sides = (
            ("argument", arg_params, self._arg_params),
            ("auxiliary state", aux_params, self._aux_params),
        )
        # Everything is refused before anything is changed.
        for _, given, known in sides:
            for name, array in sorted(known.items()):
                if given is not None and name not in given and not allow_missing:
                    raise RuntimeError(
                        "%r is not among the parameters given; pass allow_missing=True to have it "
                        "initialised." % name
                    )
                if given is not None and name in given and given[name].shape != array.shape:
                    raise ValueError(
                        "The parameter %r has shape %s; an array of shape %s is given."
                        % (name, array.shape, given[name].shape)
                    )
        for what, given, known in sides:
            for name in given or ():
                if allow_extra or name in known or name in self._symbol.list_inputs():
                    continue
                raise ValueError(
                    "The symbol has no %s %r; pass allow_extra=True to leave such arrays out."
                    % (what, name)
                )
        for _, given, known in sides:
            for name, array in sorted(known.items()):
                if given is not None and name in given:
                    if given[name] is not array:
                        array[:] = given[name]
                elif initializer is not None:
                    initializer(InitDesc(name, attributes.get(name), initializer), array)
        self.params_initialized, self._params_dirty = True, False
        self._exec_group.set_params(self._arg_params, self._aux_params, allow_extra)

    def set_params(
        self, arg_params, aux_params, allow_missing=False, force_init=True, allow_extra=False
    ):
        if not allow_missing:
            self.init_params(None, arg_params, aux_params, allow_missing, force_init, allow_extra)
            return
        if self.params_initialized and not force_init:
            return
        self._exec_group.set_params(arg_params, aux_params, allow_extra)
        self.params_initialized, self._params_dirty = True, True

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
        """Makes executors for these shapes; `shared_module` lends its parameters."""
        if force_rebind:
            self._drop_binding()
        if self.binded:
            self.logger.warning("Already binded, ignoring bind()")
            return
        if inputs_need_grad and not for_training:
            raise AssertionError("Gradients of inputs need for_training=True.")
        names = [desc.name for desc in describe(data_shapes)]
        if sorted(names) != sorted(self._data_names):
            raise ValueError(
                "Shapes are given for the data %s; the module's data_names are %s."
                % (names, self._data_names)
            )
        shared = None
        if shared_module is not None:
            shared_module._require("binded", "params_initialized")
            shared = shared_module._exec_group
        self.for_training, self.inputs_need_grad = for_training, inputs_need_grad
        self._grad_req = grad_req
        self._exec_group = DataParallelExecutorGroup(
            self._symbol,
            self._context,
            self._work_load_list,
            data_shapes,
            label_shapes,
            self._param_names,
            for_training,
            inputs_need_grad,
            shared,
            self.logger,
            self._fixed_param_names,
            grad_req,
            self._state_names,
            self._group2ctxs,
        )
        self.binded = True
        if shared_module is not None:
            self.params_initialized = True
            self._arg_params, self._aux_params = (
                shared_module._arg_params,
                shared_module._aux_params,
            )
        elif self.params_initialized:  # loaded before it was bound
            self._exec_group.set_params(self._arg_params, self._aux_params)
        if shared_module is not None and shared_module.optimizer_initialized:
            self.borrow_optimizer(shared_module)

    def _drop_binding(self):
        if self.binded and self.params_initialized:
            self.get_params()
        self.binded, self._exec_group = False, None

    def reshape(self, data_shapes, label_shapes=None):
        """Binds anew for other shapes; parameters stay."""
        self._require("binded")
        self._exec_group.reshape(data_shapes, label_shapes)

    def init_optimizer(
        self,
        kvstore="local",
        optimizer="sgd",
        optimizer_params=(("learning_rate", 0.01),),
        force_init=False,
    ):
        """Sets the optimizer, by name with parameters, or an object."""
        self._require("binded", "params_initialized")
        if self.optimizer_initialized and not force_init:
            self.logger.warning("optimizer already initialized, ignoring...")
            return
        store = kvstores.create(kvstore) if isinstance(kvstore, str) else kvstore
        if isinstance(kvstore, str) and len(self._context) == 1:
            store = None  # nothing to add up
        self._update_on_kvstore = store is not None and store.is_capable(store.OPTIMIZER)
        batch_size = self._exec_group.batch_size * (store.num_workers if store else 1)
        # The updater of a context counts each context's copy as a parameter of its own.
        count = len(self._context)
        names = (
            dict(enumerate(self._exec_group.param_names))
            if self._update_on_kvstore
            else {
                i * count + k: name
                for i, name in enumerate(self._exec_group.param_names)
                for k in range(count)
            }
        )
        if isinstance(optimizer, str):
            params = dict(optimizer_params)
            params.setdefault("rescale_grad", 1.0 / batch_size)
            optimizer = optimizers.create(
                optimizer, sym=self._symbol, param_idx2name=names, **params
            )
        elif not isinstance(optimizer, optimizers.Optimizer):
            raise TypeError("The optimizer is %r; a name or an Optimizer is expected." % (optimizer,))
        else:
            if optimizer.rescale_grad != 1.0 / batch_size:
                self.logger.warning(
                    "rescale_grad of the optimizer is %s, not 1 / batch size (%s).",
                    optimizer.rescale_grad,
                    1.0 / batch_size,
                )
            if not optimizer.idx2name:
                optimizer.idx2name = names
        self._optimizer, self._kvstore, self._updater = optimizer, store, None
        for i, arrays in enumerate(self._exec_group.param_arrays):
            if store is not None and self._exec_group.grad_arrays[i][0] is not None:
                value = self._arg_params[self._param_names[i]]
                if self._update_on_kvstore:
                    store.init(i, value)
                else:
                    store.broadcast(i, value, out=arrays)
        if self._update_on_kvstore:
            store.set_optimizer(optimizer)
        else:
            self._updater = optimizers.get_updater(optimizer)
        self.optimizer_initialized = True
        if self._preload_opt_states is not None:
            self.load_optimizer_states(self._preload_opt_states)
            self._preload_opt_states = None

    def borrow_optimizer(self, shared_module):
        """Uses another module's optimizer and its states."""
        shared_module._require("optimizer_initialized")
        self._optimizer, self._kvstore = shared_module._optimizer, shared_module._kvstore
        self._update_on_kvstore = shared_module._update_on_kvstore
        self._updater = shared_module._updater
        self.optimizer_initialized = True

    def forward(self, data_batch, is_train=None):
        """Runs on a batch, or on a list with a batch for each context."""
        self._require("binded", "params_initialized")
        if isinstance(data_batch, list):
            data_batch = _joined(data_batch)
        new = [value.shape for value in data_batch.data]
        group = self._exec_group
        if new != [tuple(desc.shape) for desc in group.data_shapes]:
            data = describe(getattr(data_batch, "provide_data", None)) or [
                type(desc)(desc.name, shape, desc.dtype, desc.layout)
                for desc, shape in zip(group.data_shapes, new)
            ]
            labels = describe(getattr(data_batch, "provide_label", None))
            if not labels and getattr(data_batch, "label", None):
                labels = [
                    type(desc)(desc.name, value.shape, desc.dtype, desc.layout)
                    for desc, value in zip(group.label_shapes, data_batch.label)
                ]
            if not labels and group.label_shapes:
                size = data[0].shape[0]
                labels = [
                    type(desc)(desc.name, (size, *desc.shape[1:]), desc.dtype, desc.layout)
                    for desc in group.label_shapes
                ]
            self.reshape(data, labels)
        group.forward(data_batch, is_train)

    def backward(self, out_grads=None):
        """Computes gradients; `out_grads` are those of the outputs, unless these are losses."""
        self._require("binded", "params_initialized")
        self._exec_group.backward(out_grads)

    def update(self):
        """Lets the optimizer take a step with the gradients of the last batch."""
        self._require("binded", "params_initialized", "optimizer_initialized")
        self._params_dirty = True
        group, count = self._exec_group, len(self._context)
        for i, (arrays, grads) in enumerate(zip(group.param_arrays, group.grad_arrays)):
            if grads[0] is None:
                continue
            if self._update_on_kvstore:
                self._kvstore.push(i, grads, priority=-i)
                self._kvstore.pull(i, arrays, priority=-i)
            else:
                if self._kvstore is not None:  # one that only adds up
                    self._kvstore.pushpull(i, grads, priority=-i)
                for k, (array, grad) in enumerate(zip(arrays, grads)):
                    self._updater(i * count + k, grad, array)

    def _runner(self):
        return self._exec_group

    def save_optimizer_states(self, fname):
        self._require("optimizer_initialized")
        if self._update_on_kvstore:
            self._kvstore.save_optimizer_states(fname)
        else:
            with open(fname, "wb") as file:
                file.write(self._updater.get_states())

    def load_optimizer_states(self, fname):
        self._require("optimizer_initialized")
        if self._update_on_kvstore:
            self._kvstore.load_optimizer_states(fname)
        else:
            with open(fname, "rb") as file:
                self._updater.set_states(file.read())

    def install_monitor(self, mon):
        self._require("binded")
        self._exec_group.install_monitor(mon)

    def prepare(self, data_batch, sparse_row_id_fn=None):
        self._require("binded")


def _joined(batches):
    """Batches of single contexts as one."""
    from ..io import DataBatch
    from ..ndarray import concatenate

    def join(lists):
        return [concatenate(list(each)) for each in zip(*lists)]

    label = None
    if batches[0].label is not None:
        label = join([batch.label for batch in batches])
    return DataBatch(join([batch.data for batch in batches]), label, batches[-1].pad)
