"""Monitor: looks at what passes through a graph while it trains."""

import logging
import re

from .ndarray import NDArray

__all__ = ["Monitor"]


def _root_mean_square(x):
    return x.norm() / x.size**0.5


class Monitor:
    """After every `interval` batches gives `stat_func` of the outputs of nodes, the gradients of
    their inputs, the arguments and the auxiliary states, whose names match `pattern`.

        monitor = mx.mon.Monitor(100, pattern='.*weight')
        model.fit(..., monitor=monitor)
    """

    def __init__(self, interval, stat_func=None, pattern=".*", sort=False, monitor_all=False):
        self.interval, self.sort, self.monitor_all = interval, sort, monitor_all
        self.stat_func = stat_func or _root_mean_square
        self.re_prog = re.compile(pattern)
        self.activated, self.step = False, 0
        self.queue, self.exes = [], []

    def stat_helper(self, name, array):
        if self.activated and self.re_prog.match(name):
            self.queue.append((self.step, name, self.stat_func(array)))

    def install(self, exe, monitor_all=None):
        """Looks at an executor too."""
        exe.set_monitor_callback(
            self.stat_helper, self.monitor_all if monitor_all is None else monitor_all
        )
        self.exes.append(exe)

    def _arguments(self, exe):
        yield from zip(exe._symbol.list_arguments(), exe.arg_arrays)
        yield from zip(exe._symbol.list_auxiliary_states(), exe.aux_arrays)

    def tic(self):
        """Before a batch: decides whether it is looked at."""
        if self.step % self.interval == 0:
            for exe in self.exes:
                for array in exe.arg_arrays:
                    array.wait_to_read()
            self.queue, self.activated = [], True
        self.step += 1

    def toc(self):
        """After a batch: triples of step, name and text of the values."""
        if not self.activated:
            return []
        for exe in self.exes:
            for name, array in self._arguments(exe):
                self.stat_helper(name, array)
        self.activated = False
        found = sorted(self.queue, key=lambda each: each[1]) if self.sort else self.queue
        made = []
        for step, name, values in found:
            values = values if isinstance(values, list) else [values]
            text = ""
            for value in values:
                if not isinstance(value, NDArray):
                    raise TypeError(
                        "stat_func gives %r for %s; an NDArray is expected." % (value, name)
                    )
                text += "%s\t" % (value.asscalar() if value.shape == (1,) else value.asnumpy())
            made.append((step, name, text))
        self.queue = []
        return made

    def toc_print(self):
        """As toc, to the log."""
        for step, name, text in self.toc():
            logging.info("Batch: %7d %30s %s", step, name, text)
