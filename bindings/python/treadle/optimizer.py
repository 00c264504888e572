"""Optimizers: how parameters follow their gradients. Every step is queued on the engine."""

import pickle

import numpy as np

from . import ndarray as nd

__all__ = ["Optimizer", "Updater", "create", "get_updater", "register"]


class Optimizer:
    """What all optimizers have in common: rates, multipliers, counts of updates. Subclasses
    override `create_state` and `update`, and are found by `create` when they are registered.

    Weight decay applies to names that end in _weight or _gamma; the attributes __lr_mult__ and
    __wd_mult__ of the symbol's variables win over that, set_lr_mult and set_wd_mult over both."""

    opt_registry = {}
    # Whether the copy in float32 of a float16 weight is the first or the second of the pair that
    # is kept for it; programs read these pairs.
    _copy_is_first = True

    def __init__(
        self,
        rescale_grad=1.0,
        param_idx2name=None,
        wd=0.0,
        clip_gradient=None,
        learning_rate=None,
        lr_scheduler=None,
        sym=None,
        begin_num_update=0,
        multi_precision=False,
        param_dict=None,
    ):
        self.rescale_grad, self.wd, self.clip_gradient = rescale_grad, wd, clip_gradient
        if learning_rate is None:  # the scheduler's, if there is one
            learning_rate = 0.01 if lr_scheduler is None else lr_scheduler.base_lr
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

    def create_state_multi_precision(self, index, weight):
        """As create_state; with multi_precision and a float16 weight, the pair of a copy of the
        weight in float32 and the state for that, the other way round in SGD, NAG and LARS."""
        if not self._has_copy(weight):
            return self.create_state(index, weight)
        copy = weight.astype(np.float32)
        pair = copy, self.create_state(index, copy)
        return pair if self._copy_is_first else pair[::-1]

    def update_multi_precision(self, index, weight, grad, state):
        """As update, on the copy in float32 if there is one; of several weights where lists are
        given."""
        if isinstance(index, (list, tuple)):
            for each in zip(index, weight, grad, state):
                self.update_multi_precision(*each)
        elif self._has_copy(weight):
            copy, state = state if self._copy_is_first else state[::-1]
            self.update(index, copy, grad.astype(np.float32), state)
            weight[:] = copy
        else:
            self.update(index, weight, grad, state)

    def _has_copy(self, weight):
        return self.multi_precision and weight.dtype == np.float16

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
        return params

    def _gradient(self, grad, add=None):
        """The gradient scaled, with `add` added, and clipped."""
        grad = grad * self.rescale_grad
        if add is not None:
            grad = grad + add
        if self.clip_gradient:
            grad = nd.clip(grad, -self.clip_gradient, self.clip_gradient)
        return grad

    def __getstate__(self):
        state = dict(self.__dict__)
        state.pop("param_dict", None)  # the parameters themselves stay where they are
        return state

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.param_dict = {}

    set_lr_scale = set_lr_mult


register = Optimizer.register
create = Optimizer.create_optimizer


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
                self.states[one] = self.optimizer.create_state_multi_precision(one, parameter)
            self.optimizer.update_multi_precision(one, parameter, gradient, self.states[one])

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


from . import _optimizers  # noqa: E402  they derive from Optimizer
from ._optimizers import *  # noqa: E402,F403

__all__ += _optimizers.__all__
