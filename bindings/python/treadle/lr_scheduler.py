"""Learning rates that change with the number of updates."""

import math

__all__ = [
    "LRScheduler",
    "FactorScheduler",
    "MultiFactorScheduler",
    "PolyScheduler",
    "CosineScheduler",
]


class LRScheduler:
    """A function of the number of updates; override `__call__`. `base_lr` is set by the optimizer.
    During the first `warmup_steps` updates the rate rises from `warmup_begin_lr` to `base_lr`, or
    stays there with `warmup_mode='constant'`."""

    def __init__(self, base_lr=0.01, warmup_steps=0, warmup_begin_lr=0, warmup_mode="linear"):
        if warmup_begin_lr > base_lr:
            raise ValueError(
                "warmup_begin_lr is %s; at most base_lr, %s, is expected."
                % (warmup_begin_lr, base_lr)
            )
        if warmup_steps < 0:
            raise ValueError("warmup_steps is %s; at least 0 is expected." % warmup_steps)
        if warmup_mode not in ("linear", "constant"):
            raise ValueError(
                "warmup_mode is %r; 'linear' or 'constant' is expected." % (warmup_mode,)
            )
        self.base_lr = base_lr
        self.warmup_steps, self.warmup_mode = warmup_steps, warmup_mode
        self.warmup_begin_lr, self.warmup_final_lr = warmup_begin_lr, base_lr

    def get_warmup_lr(self, num_update):
        if self.warmup_mode == "constant":
            return self.warmup_begin_lr
        rise = self.warmup_final_lr - self.warmup_begin_lr
        return self.warmup_begin_lr + rise * num_update / self.warmup_steps

    def __call__(self, num_update):
        raise NotImplementedError("A learning rate scheduler overrides __call__(num_update).")


class FactorScheduler(LRScheduler):
    """Multiplies the rate by `factor` after every `step` updates, down to `stop_factor_lr`."""

    def __init__(self, step, factor=1, stop_factor_lr=1e-8, base_lr=0.01, **warmup):
        super().__init__(base_lr, **warmup)
        if step < 1:
            raise ValueError("step is %s; at least 1 is expected." % step)
        if factor > 1:
            raise ValueError(
                "factor is %s; at most 1 is expected, so that the rate falls." % factor
            )
        self.step, self.factor, self.stop_factor_lr = step, factor, stop_factor_lr
        self.count = 0

    def __call__(self, num_update):
        if num_update < self.warmup_steps:
            return self.get_warmup_lr(num_update)
        while num_update > self.count + self.step:
            self.count += self.step
            self.base_lr = max(self.base_lr * self.factor, self.stop_factor_lr)
        return self.base_lr


class MultiFactorScheduler(LRScheduler):
    """Multiplies the rate by `factor` after each of the numbers of updates in `step`."""

    def __init__(self, step, factor=1, base_lr=0.01, **warmup):
        super().__init__(base_lr, **warmup)
        if (
            not isinstance(step, (list, tuple))
            or not step
            or step[0] < 1
            or any(second <= first for first, second in zip(step, step[1:]))
        ):
            raise ValueError(
                "step is %r; a list of rising numbers of updates, from 1 on, is expected." % (step,)
            )
        if factor > 1:
            raise ValueError(
                "factor is %s; at most 1 is expected, so that the rate falls." % factor
            )
        self.step, self.factor = list(step), factor
        self.cur_step_ind = 0

    def __call__(self, num_update):
        if num_update < self.warmup_steps:
            return self.get_warmup_lr(num_update)
        while self.cur_step_ind < len(self.step) and num_update > self.step[self.cur_step_ind]:
            self.cur_step_ind += 1
            self.base_lr *= self.factor
        return self.base_lr


class _Falling(LRScheduler):
    """From base_lr at the end of the warm-up to final_lr at `max_update`."""

    def __init__(self, max_update, base_lr, final_lr, **warmup):
        super().__init__(base_lr, **warmup)
        if not isinstance(max_update, int) or max_update < 1:
            raise ValueError("max_update is %r; an int of at least 1 is expected." % (max_update,))
        self.max_update, self.final_lr, self.base_lr_orig = max_update, final_lr, base_lr
        self.max_steps = max_update - self.warmup_steps

    def __call__(self, num_update):
        if num_update < self.warmup_steps:
            return self.get_warmup_lr(num_update)
        if num_update <= self.max_update:
            share = self._share(float(num_update - self.warmup_steps) / float(self.max_steps))
            self.base_lr = self.final_lr + (self.base_lr_orig - self.final_lr) * share
        return self.base_lr


class PolyScheduler(_Falling):
    """Falls as a power of what is left of the updates."""

    def __init__(self, max_update, base_lr=0.01, pwr=2, final_lr=0, **warmup):
        super().__init__(max_update, base_lr, final_lr, **warmup)
        self.power = pwr

    def _share(self, done):
        return pow(1 - done, self.power)


class CosineScheduler(_Falling):
    """Falls along half a cosine."""

    def __init__(self, max_update, base_lr=0.01, final_lr=0, **warmup):
        super().__init__(max_update, base_lr, final_lr, **warmup)

    def _share(self, done):
        return (1 + math.cos(math.pi * done)) / 2
