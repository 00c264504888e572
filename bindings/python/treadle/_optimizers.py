"""The optimizers. Where the engine has an update operator a step is one task; elsewhere it is put
together from array operations, all queued."""

import logging
import math

import numpy as np

from . import ndarray as nd
from .ndarray import zeros
from .optimizer import Optimizer, register

__all__ = [
    "SGD",
    "ccSGD",
    "NAG",
    "SGLD",
    "DCASGD",
    "LBSGD",
    "LARS",
    "Signum",
    "Adam",
    "AdaGrad",
    "AdaDelta",
    "Adamax",
    "Nadam",
    "RMSProp",
    "Ftrl",
    "FTML",
    "LAMB",
    "Test",
]


def _like(weight):
    return zeros(weight.shape, weight.context, weight.dtype)


def _norm(array):
    """Euclidean length, on the host."""
    return float(np.linalg.norm(array.asnumpy().astype(np.float64)))


class _Momentum(Optimizer):
    """One whose only state is a momentum, None when that is 0."""

    def __init__(self, momentum=0.0, **kwargs):
        super().__init__(**kwargs)
        self.momentum = momentum

    def create_state(self, index, weight):
        return _like(weight) if self.momentum else None

    def _sgd(self, weight, grad, state, params, momentum=None):
        if state is None:
            nd.sgd_update(weight, grad, out=weight, **params)
        else:
            momentum = self.momentum if momentum is None else momentum
            nd.sgd_mom_update(weight, grad, state, out=weight, momentum=momentum, **params)


@register
class SGD(_Momentum):
    """weight -= lr * (rescale_grad * gradient, clipped, + wd * weight); with momentum that step is
    added to a share of the last one."""

    _copy_is_first = False

    def __init__(self, momentum=0.0, lazy_update=True, **kwargs):
        super().__init__(momentum, **kwargs)
        self.lazy_update = lazy_update

    def update(self, index, weight, grad, state):
        self._sgd(weight, grad, state, self._params(index))


@register
class ccSGD(SGD):  # noqa: N801
    """SGD under the name that it had when it was written in C++ alone."""


@register
class NAG(_Momentum):
    """SGD that looks ahead along its momentum, after Nesterov."""

    _copy_is_first = False

    def update(self, index, weight, grad, state):
        params = self._params(index)
        if state is None:
            nd.sgd_update(weight, grad, out=weight, **params)
        else:
            nd.nag_mom_update(weight, grad, state, out=weight, momentum=self.momentum, **params)


@register
class SGLD(Optimizer):
    """Langevin dynamics: half a step of SGD and normal noise of variance lr."""

    def update(self, index, weight, grad, state):
        self._update_count(index)
        lr, wd = self._get_lr(index), self._get_wd(index)
        noise = nd.random.normal(
            0, math.sqrt(lr), shape=weight.shape, dtype=weight.dtype, ctx=weight.context
        )
        weight -= (lr / 2) * (self._gradient(grad) + wd * weight)
        weight += noise


@register
class DCASGD(Optimizer):
    """SGD for gradients that come late: `lamda` weighs how far the weight has moved since."""

    def __init__(self, momentum=0.0, lamda=0.04, **kwargs):
        super().__init__(**kwargs)
        self.momentum, self.lamda = momentum, lamda

    def create_state(self, index, weight):
        return (_like(weight) if self.momentum else None), weight.copy()

    def update(self, index, weight, grad, state):
        self._update_count(index)
        lr, wd = self._get_lr(index), self._get_wd(index)
        grad = self._gradient(grad)
        momentum, previous = state
        moved = self.lamda * grad * grad * (weight - previous)
        step = -lr * (grad + wd * weight + moved)
        if momentum is not None:
            momentum *= self.momentum
            momentum += step
            step = momentum
        previous[:] = weight
        weight += step


@register
class LBSGD(_Momentum):
    """SGD for large batches: gradients of `batch_scale` batches are added up, and the rate rises over
    `warmup_epochs` as `warmup_strategy` says: linear, power2, sqrt or lars."""

    def __init__(
        self,
        momentum=0.0,
        multi_precision=False,
        warmup_strategy="linear",
        warmup_epochs=5,
        batch_scale=1,
        updates_per_epoch=32,
        begin_epoch=0,
        num_epochs=60,
        **kwargs
    ):
        super().__init__(momentum, multi_precision=multi_precision, **kwargs)
        logging.info(
            "LBSGD: batch_scale %s, warmup_epochs %s, warmup_strategy %s, updates_per_epoch %s",
            batch_scale,
            warmup_epochs,
            warmup_strategy,
            updates_per_epoch,
        )
        self.warmup_strategy, self.warmup_epochs = warmup_strategy, warmup_epochs
        self.batch_scale, self.updates_per_epoch = batch_scale, updates_per_epoch
        self.init_updates, self.num_epochs = begin_epoch * updates_per_epoch, num_epochs
        self._sums = {}

    def _rate_factor(self, updates):
        rise = self.warmup_epochs * self.updates_per_epoch
        if updates >= rise:
            return float(self.batch_scale)
        share = updates / rise if rise > 1 else 0.0
        shapes = {"linear": share, "power2": share * share, "sqrt": math.sqrt(share)}
        return 1.0 + (self.batch_scale - 1) * shapes.get(self.warmup_strategy, 0.0)

    def _trust(self, weight, grad, wd):
        weight, grad = _norm(weight) ** 2, _norm(grad) ** 2
        return min(100.0, max(0.01, math.sqrt(weight / (grad + wd * weight + 1e-18))))

    def update(self, index, weight, grad, state):
        params = self._params(index)
        total, count = self._sums.get(index, (None, self.init_updates))
        total, count = (grad if total is None else total + grad), count + 1
        if count % self.batch_scale:
            self._sums[index] = total, count
            return
        grad = total / self.batch_scale
        factor = (
            self._trust(weight, grad, params["wd"])
            if self.warmup_strategy == "lars"
            else self._rate_factor(count)
        )
        params["lr"] *= factor
        self._sgd(weight, grad, state, params)
        self._sums[index] = None, count


@register
class LARS(_Momentum):
    """SGD whose rate goes, layer by layer, with the ratio of the lengths of weight and gradient."""

    _copy_is_first = False

    def __init__(
        self, momentum=0.0, lazy_update=True, eta=0.001, eps=0, momentum_correction=True, **kwargs
    ):
        super().__init__(momentum, **kwargs)
        self.lazy_update, self.eta, self.eps = lazy_update, eta, eps
        self.momentum_correction = momentum_correction
        self._last_rate = None

    def set_wd_mult(self, args_wd_mult):
        super().set_wd_mult(args_wd_mult)
        for name in self.idx2name.values():
            if name.endswith("_gamma") and name not in args_wd_mult:
                self.wd_mult.setdefault(name, 0.0)

    def update(self, index, weight, grad, state):
        params = self._params(index)
        name = self.idx2name.get(index, str(index))
        if not name.endswith(("gamma", "beta", "bias")):
            length = _norm(weight)
            slope = _norm(grad) * self.rescale_grad
            if length > 0 and slope > 0:
                params["lr"] *= self.eta * length / (slope + params["wd"] * length + self.eps)
        rate = self.learning_rate
        momentum = self.momentum
        if self.momentum_correction and self._last_rate:
            momentum *= rate / self._last_rate
        self._last_rate = rate
        self._sgd(weight, grad, state, params, momentum)


@register
class Signum(_Momentum):
    """Steps of size lr along the sign of the momentum, or of the gradient; `wd_lh` decays weights
    after Loshchilov and Hutter."""

    def __init__(self, learning_rate=0.01, momentum=0.9, wd_lh=0.0, **kwargs):
        super().__init__(momentum, learning_rate=learning_rate, **kwargs)
        self.wd_lh = wd_lh

    def update(self, index, weight, grad, state):
        params = self._params(index)
        if state is None:
            nd.signsgd_update(weight, grad, out=weight, **params)
        else:
            nd.signum_update(
                weight,
                grad,
                state,
                out=weight,
                momentum=self.momentum,
                wd_lh=self.wd_lh,
                **params
            )


@register
class Adam(Optimizer):
    """Steps by running means of the gradient and of its square."""

    def __init__(
        self,
        learning_rate=0.001,
        beta1=0.9,
        beta2=0.999,
        epsilon=1e-8,
        lazy_update=True,
        decay_factor=1 - 1e-8,
        **kwargs
    ):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.lazy_update, self.decay_factor = lazy_update, decay_factor

    def create_state(self, index, weight):
        return _like(weight), _like(weight)

    def update(self, index, weight, grad, state):
        params = self._params(index)
        t = self._index_update_count[index]
        params["lr"] *= math.sqrt(1 - self.beta2**t) / (1 - self.beta1**t)
        nd.adam_update(
            weight,
            grad,
            *state,
            out=weight,
            beta1=self.beta1,
            beta2=self.beta2,
            epsilon=self.epsilon,
            **params
        )


@register
class AdaGrad(Optimizer):
    """Rates fall with the sum of squared gradients."""

    def __init__(self, eps=1e-7, **kwargs):
        super().__init__(**kwargs)
        self.float_stable_eps = eps

    def create_state(self, index, weight):
        return _like(weight)

    def update(self, index, weight, grad, state):
        self._update_count(index)
        lr, wd = self._get_lr(index), self._get_wd(index)
        grad = self._gradient(grad)
        state += grad * grad
        weight -= lr * (grad / nd.sqrt(state + self.float_stable_eps) + wd * weight)


@register
class AdaDelta(Optimizer):
    """Steps whose size comes from running means of squared gradients and of squared steps."""

    def __init__(self, rho=0.90, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.rho, self.epsilon = rho, epsilon

    def create_state(self, index, weight):
        return _like(weight), _like(weight)

    def update(self, index, weight, grad, state):
        self._update_count(index)
        wd = self._get_wd(index)
        grad = self._gradient(grad)
        squares, steps = state
        squares *= self.rho
        squares += (1 - self.rho) * grad * grad
        step = nd.sqrt(steps + self.epsilon) / nd.sqrt(squares + self.epsilon) * grad
        steps *= self.rho
        steps += (1 - self.rho) * step * step
        weight -= step + wd * weight


@register
class Adamax(Optimizer):
    """Adam by the largest gradient in place of the mean square."""

    def __init__(self, learning_rate=0.002, beta1=0.9, beta2=0.999, **kwargs):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1, self.beta2 = beta1, beta2

    def create_state(self, index, weight):
        return _like(weight), _like(weight)

    def update(self, index, weight, grad, state):
        self._update_count(index)
        lr = self._get_lr(index) / (1 - self.beta1 ** self._index_update_count[index])
        grad = self._gradient(grad, self._get_wd(index) * weight)
        mean, largest = state
        mean *= self.beta1
        mean += (1 - self.beta1) * grad
        largest[:] = nd.maximum(self.beta2 * largest, nd.abs(grad))
        weight -= lr * mean / largest


@register
class Nadam(Optimizer):
    """Adam with Nesterov's momentum."""

    def __init__(
        self,
        learning_rate=0.001,
        beta1=0.9,
        beta2=0.999,
        epsilon=1e-8,
        schedule_decay=0.004,
        **kwargs
    ):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.schedule_decay, self.m_schedule = schedule_decay, 1.0

    def create_state(self, index, weight):
        return _like(weight), _like(weight)

    def _momentum(self, t):
        return self.beta1 * (1 - 0.5 * 0.96 ** (t * self.schedule_decay))

    def update(self, index, weight, grad, state):
        self._update_count(index)
        lr = self._get_lr(index)
        grad = self._gradient(grad, self._get_wd(index) * weight)
        t = self._index_update_count[index]
        now, coming = self._momentum(t), self._momentum(t + 1)
        # One schedule for all parameters, as in MXNet.
        self.m_schedule *= now
        mean, square = state
        mean *= self.beta1
        mean += (1 - self.beta1) * grad
        square *= self.beta2
        square += (1 - self.beta2) * grad * grad
        ahead = coming / (1 - self.m_schedule * coming) * mean
        ahead = (1 - now) / (1 - self.m_schedule) * grad + ahead
        weight -= lr * ahead / (nd.sqrt(square / (1 - self.beta2**t)) + self.epsilon)


@register
class RMSProp(Optimizer):
    """Rates by a running mean of squared gradients; `centered` takes off the square of their mean,
    after Graves."""

    def __init__(
        self,
        learning_rate=0.001,
        gamma1=0.9,
        gamma2=0.9,
        epsilon=1e-8,
        centered=False,
        clip_weights=None,
        **kwargs
    ):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.gamma1, self.gamma2, self.epsilon = gamma1, gamma2, epsilon
        self.centered, self.clip_weights = centered, clip_weights

    def create_state(self, index, weight):
        return tuple(_like(weight) for _ in range(3 if self.centered else 1))

    def update(self, index, weight, grad, state):
        params = self._params(index)
        params.update(gamma1=self.gamma1, epsilon=self.epsilon)
        if self.clip_weights:
            params["clip_weights"] = self.clip_weights
        if self.centered:
            nd.rmspropalex_update(
                weight, grad, *state, out=weight, gamma2=self.gamma2, **params
            )
        else:
            nd.rmsprop_update(weight, grad, *state, out=weight, **params)


@register
class Ftrl(Optimizer):
    """Follows the regularised leader: weights below `lamda1` stay 0."""

    def __init__(self, lamda1=0.01, learning_rate=0.1, beta=1, **kwargs):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.lamda1, self.beta = lamda1, beta

    def create_state(self, index, weight):
        return _like(weight), _like(weight)

    def update(self, index, weight, grad, state):
        nd.ftrl_update(
            weight,
            grad,
            *state,
            out=weight,
            lamda1=self.lamda1,
            beta=self.beta,
            **self._params(index)
        )


@register
class FTML(Optimizer):
    """Follows the moving leader."""

    def __init__(self, beta1=0.6, beta2=0.999, epsilon=1e-8, **kwargs):
        super().__init__(**kwargs)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def create_state(self, index, weight):
        return _like(weight), _like(weight), _like(weight)

    def update(self, index, weight, grad, state):
        params = self._params(index)
        if "clip_gradient" in params:
            params["clip_grad"] = params.pop("clip_gradient")
        nd.ftml_update(
            weight,
            grad,
            *state,
            out=weight,
            beta1=self.beta1,
            beta2=self.beta2,
            epsilon=self.epsilon,
            t=self._index_update_count[index],
            **params
        )


@register
class LAMB(Optimizer):
    """Adam whose step is scaled, layer by layer, to the length of the weight."""

    def __init__(
        self,
        learning_rate=0.001,
        beta1=0.9,
        beta2=0.999,
        epsilon=1e-6,
        lower_bound=None,
        upper_bound=None,
        bias_correction=True,
        **kwargs
    ):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.lower_bound, self.upper_bound = lower_bound, upper_bound
        self.bias_correction = bias_correction

    def create_state(self, index, weight):
        return _like(weight), _like(weight)

    def update(self, index, weight, grad, state):
        params = self._params(index)
        lr = params.pop("lr")
        step = nd.lamb_update_phase1(
            weight,
            grad,
            *state,
            beta1=self.beta1,
            beta2=self.beta2,
            epsilon=self.epsilon,
            t=self._index_update_count[index],
            bias_correction=self.bias_correction,
            **params
        )
        bounds = {"lower_bound": self.lower_bound, "upper_bound": self.upper_bound}
        bounds = {name: value for name, value in bounds.items() if value}
        lengths = weight.norm(), step.norm()
        nd.lamb_update_phase2(weight, step, *lengths, out=weight, lr=lr, **bounds)


@register
class Test(Optimizer):
    """Adds the gradient; for tests of what calls an optimizer."""

    def create_state(self, index, weight):
        return _like(weight)

    def update(self, index, weight, grad, state):
        weight += grad * self.rescale_grad
        state[:] = weight
