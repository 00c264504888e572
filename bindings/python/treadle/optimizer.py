"""Optimizers: how parameters follow their gradients. Every step is queued on the engine."""

import pickle

from . import _treadle
from .ndarray import zeros

__all__ = ["Optimizer", "SGD", "ccSGD", "Test", "Updater", "create", "get_updater", "register"]


class Optimizer:
    """What all optimizers have in common: rates, multipliers, counts of updates. Subclasses
    override `create_state` and `update`, and are found by `create` when they are registered.

    Weight decay applies to names that end in _weight or _gamma; the attributes __lr_mult__ and
    __wd_mult__ of the symbol's variables win over that, set_lr_mult and set_wd_mult over both."""

    opt_registry = {}

    def __init__(
        self,
        rescale_grad=1.0,
        param_idx2name=None,
        wd=0.0,
        clip_gradient=None,
        learning_rate=0.01,
        lr_scheduler=None,
        sym=None,
        begin_num_update=0,
        multi_precision=False,
        param_dict=None,
    ):
        self.rescale_grad, self.wd, self.clip_gradient = rescale_grad, wd, clip_gradient
        self.lr, self.lr_scheduler = learning_rate, lr_scheduler
        if lr_scheduler is not None:
            lr_scheduler.base_lr = learning_rate
        self.begin_num_update = self.num_update = begin_num_update
        self.multi_precision = multi_precision
        self.param_dict = param_dict or {}
        self._index_update_count = {}
        if not isinstance(param_idx2name or {}, dict):
            raise TypeError(
                "param_idx2name is %r; a dict from index to name is expected." % (param_idx2name,)
            )
        self.idx2name = dict(param_idx2name or {})
        self.sym_info = (sym.attr_dict(), sym.list_arguments()) if sym is not None else ()
        self.set_lr_mult({})
        self.set_wd_mult({})

    @staticmethod
    def register(klass):
        """Makes a class known to `create`, under its name in lower case."""
        Optimizer.opt_registry[klass.__name__.lower()] = klass
        return klass

    @staticmethod
    def create_optimizer(name, **kwargs):
        if name.lower() not in Optimizer.opt_registry:
            raise ValueError(
                "There is no optimizer %r; there are %s."
                % (name, ", ".join(sorted(Optimizer.opt_registry)))
            )
        return Optimizer.opt_registry[name.lower()](**kwargs)

    def create_state(self, index, weight):
        """What the updates of `weight` keep between steps."""

    def update(self, index, weight, grad, state):
        """Queues a step of `weight`, in place."""
        raise NotImplementedError("An optimizer overrides update(index, weight, grad, state).")

    @property
    def learning_rate(self):
        return self.lr if self.lr_scheduler is None else self.lr_scheduler(self.num_update)

    def set_learning_rate(self, lr):
        if self.lr_scheduler is not None:
            raise UserWarning("The learning rate is the scheduler's; change that, or leave it out.")
        self.lr = lr

    def set_lr_mult(self, args_lr_mult):
        """Factors of the learning rate, by name or index."""
        self.lr_mult = {**self._from_attributes("__lr_mult__"), **args_lr_mult}

    def set_wd_mult(self, args_wd_mult):
        """Factors of the weight decay, by name or index."""
        rule = {
            name: 0.0 for name in self.idx2name.values() if not name.endswith(("_weight", "_gamma"))
        }
        self.wd_mult = {**rule, **self._from_attributes("__wd_mult__"), **args_wd_mult}

    def _from_attributes(self, key):
        if not self.sym_info:
            return {}
        attributes, arguments = self.sym_info
        return {
            name: float(attributes[name][key])
            for name in arguments
            if key in attributes.get(name, ())
        }

    def _update_count(self, index):
        for one in index if isinstance(index, (list, tuple)) else [index]:
            count = self._index_update_count.get(one, self.begin_num_update) + 1
            self._index_update_count[one] = count
            self.num_update = max(count, self.num_update)

    def _multiplier(self, index, multipliers, parameter):
        if index in self.param_dict:
            return getattr(self.param_dict[index], parameter)
        if index in multipliers:
            return multipliers[index]
        return multipliers.get(self.idx2name.get(index), 1.0)

    def _get_lr(self, index):
        return self.learning_rate * self._multiplier(index, self.lr_mult, "lr_mult")

    def _get_wd(self, index):
        return self.wd * self._multiplier(index, self.wd_mult, "wd_mult")

    def _params(self, index):
        """The parameters that the update operators share."""
        self._update_count(index)
        params = {
            "lr": self._get_lr(index),
            "wd": self._get_wd(index),
            "rescale_grad": self.rescale_grad,
        }
        if self.clip_gradient:
            params["clip_gradient"] = self.clip_gradient
        return {key: repr(float(value)) for key, value in params.items()}


register = Optimizer.register
create = Optimizer.create_optimizer


def _queue(operator, params, weight, *others):
    arrays = [weight.handle] + [other.handle for other in others]
    _treadle.invoke(operator, params, arrays, {}, [weight.handle], False, (1, 0))


@register
class SGD(Optimizer):
    """weight -= lr * (rescale_grad * gradient, clipped, + wd * weight); with momentum that step is
    added to a share of the last one."""

    def __init__(self, momentum=0.0, lazy_update=True, **kwargs):
        super().__init__(**kwargs)
        self.momentum, self.lazy_update = momentum, lazy_update

    def create_state(self, index, weight):
        return zeros(weight.shape, weight.context, weight.dtype) if self.momentum else None

    def update(self, index, weight, grad, state):
        params = self._params(index)
        if state is None:
            _queue("sgd_update", params, weight, grad)
        else:
            _queue(
                "sgd_mom_update",
                {**params, "momentum": repr(float(self.momentum))},
                weight,
                grad,
                state,
            )


@register
class ccSGD(SGD):  # noqa: N801
    """SGD under the name that it had when it was written in C++ alone."""


@register
class Test(Optimizer):
    """Adds the gradient; for tests of what calls an optimizer."""

    def create_state(self, index, weight):
        return zeros(weight.shape, weight.context)

    def update(self, index, weight, grad, state):
        weight += grad * self.rescale_grad
        state[:] = weight


class Updater:
    """An optimizer with the state of each parameter, made at its first update."""

    def __init__(self, optimizer):
        self.optimizer = optimizer
        self.states = {}

    def __call__(self, index, grad, weight):
        for one, gradient, parameter in zip(
            *(
                value if isinstance(index, (list, tuple)) else [value]
                for value in (index, grad, weight)
            )
        ):
            if one not in self.states:
                self.states[one] = self.optimizer.create_state(one, parameter)
            self.optimizer.update(one, parameter, gradient, self.states[one])

    def get_states(self, dump_optimizer=False):
        """The states, and on request the optimizer, as bytes."""
        return pickle.dumps((self.states, self.optimizer) if dump_optimizer else self.states)

    def set_states(self, states):
        """Takes what get_states gave."""
        states = pickle.loads(states)
        if isinstance(states, tuple):
            states, self.optimizer = states
        self.states = states


def get_updater(optimizer):
    """A function of index, gradient and weight that keeps the optimizer's states."""
    return Updater(optimizer)
