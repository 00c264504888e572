"""Callbacks of training: progress, speed, checkpoints."""

import logging
import math
import sys
import time

__all__ = [
    "Speedometer",
    "ProgressBar",
    "LogValidationMetricsCallback",
    "do_checkpoint",
    "module_checkpoint",
    "log_train_metric",
]


def module_checkpoint(mod, prefix, period=1, save_optimizer_states=False):
    """At the end of every `period` epochs saves a module as `prefix-0001.params` and so on."""
    period = max(1, int(period))

    def _callback(epoch, symbol=None, arg_params=None, aux_params=None):
        if (epoch + 1) % period == 0:
            mod.save_checkpoint(prefix, epoch + 1, save_optimizer_states)

    return _callback


def do_checkpoint(prefix, period=1):
    """At the end of every `period` epochs saves symbol and parameters."""
    period = max(1, int(period))

    def _callback(epoch, symbol, arg_params, aux_params):
        from .model import save_checkpoint

        if (epoch + 1) % period == 0:
            save_checkpoint(prefix, epoch + 1, symbol, arg_params, aux_params)

    return _callback


def log_train_metric(period, auto_reset=False):
    """After every `period` batches logs the metric."""

    def _callback(param):
        if param.nbatch % period == 0 and param.eval_metric is not None:
            for name, value in param.eval_metric.get_name_value():
                logging.info(
                    "Iter[%d] Batch[%d] Train-%s=%f", param.epoch, param.nbatch, name, value
                )
            if auto_reset:
                param.eval_metric.reset_local()

    return _callback


class Speedometer:
    """After every `frequent` batches logs examples per second and the metric, which starts anew
    then unless `auto_reset` is False."""

    def __init__(self, batch_size, frequent=50, auto_reset=True):
        self.batch_size, self.frequent, self.auto_reset = batch_size, frequent, auto_reset
        self.init, self.tic, self.last_count = False, 0, 0

    def __call__(self, param):
        if self.last_count > param.nbatch:
            self.init = False
        self.last_count = param.nbatch
        if not self.init:
            self.init, self.tic = True, time.time()
            return
        if param.nbatch % self.frequent:
            return
        elapsed = time.time() - self.tic
        speed = self.frequent * self.batch_size / elapsed if elapsed > 0 else float("inf")
        text = "Epoch[%d] Batch [%d]\tSpeed: %.2f samples/sec" % (param.epoch, param.nbatch, speed)
        if param.eval_metric is not None:
            pairs = param.eval_metric.get_name_value()
            if self.auto_reset:
                param.eval_metric.reset_local()
            text += "".join("\t%s=%f" % pair for pair in pairs)
        logging.info(text)
        self.tic = time.time()


class ProgressBar:
    """A bar that fills over `total` batches."""

    def __init__(self, total, length=80):
        self.total, self.bar_len = total, length

    def __call__(self, param):
        share = min(1.0, param.nbatch / float(self.total))
        filled = int(round(self.bar_len * share))
        bar = "=" * filled + "-" * (self.bar_len - filled)
        sys.stdout.write("[%s] %s%%\r" % (bar, math.ceil(100 * share)))
        sys.stdout.flush()


class LogValidationMetricsCallback:
    """Logs the metrics of an evaluation at its end."""

    def __call__(self, param):
        if param.eval_metric is not None:
            for name, value in param.eval_metric.get_name_value():
                logging.info("Epoch[%d] Validation-%s=%f", param.epoch, name, value)
