"""Small helpers, numpy's meaning of shapes, and the switches of the rest of MXNet's numpy mode, which
Treadle does not have."""

import contextlib
import functools
import os

from . import _treadle
from ._shapes import is_np_shape, np_shape, set_np_shape
from .base import MXNetError

__all__ = [
    "makedirs",
    "getenv",
    "setenv",
    "get_gpu_count",
    "get_gpu_memory",
    "get_cuda_compute_capability",
    "is_np_array",
    "is_np_shape",
    "np_array",
    "np_shape",
    "set_np",
    "set_np_shape",
    "reset_np",
    "set_module",
    "use_np",
    "use_np_array",
    "use_np_shape",
    "environment",
]


def makedirs(d):
    """Makes a folder and those above it, unless they are there."""
    os.makedirs(os.path.expanduser(d), exist_ok=True)


def getenv(name):
    """An environment variable, None where it is not set."""
    return os.environ.get(name)


def setenv(name, value):
    """Sets an environment variable; None removes it."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


@contextlib.contextmanager
def environment(*args):
    """Environment variables for a `with`: a name and a value, or a dict; None removes one. What was
    queued within is done before they are what they were."""
    if len(args) != 2 and not (len(args) == 1 and isinstance(args[0], dict)):
        raise TypeError("environment%r: a name and a value, or a dict, is expected." % (args,))
    values = args[0] if len(args) == 1 else {args[0]: args[1]}
    before = {name: getenv(name) for name in values}
    try:
        for name, value in values.items():
            setenv(name, None if value is None else str(value))
        yield
    finally:
        try:
            _treadle.wait_all()
        finally:
            for name, value in before.items():
                setenv(name, value)


def get_gpu_count():
    from .context import num_gpus

    return num_gpus()


def get_gpu_memory(gpu_dev_id):
    """Free and whole bytes of an accelerator's memory, which are not reported."""
    raise MXNetError("The memory of gpu(%s) is asked for; that is not reported." % gpu_dev_id)


def get_cuda_compute_capability(ctx):
    """The generation of an accelerator, which is not reported."""
    if ctx.device_type != "gpu":
        raise ValueError("The compute capability of %s is asked for; a gpu is expected." % ctx)
    raise MXNetError("The compute capability of %s is not reported." % ctx)


def set_module(module):
    """Decorator: a function or class that says it is from a module, unless that is None."""

    def decorate(what):
        if module is not None:
            what.__module__ = module
        return what

    return decorate


def is_np_array():
    """False: arrays here are NDArrays."""
    return False


class _Off:
    """The classic mode, which is always in force."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


def _switch(what, active):
    if active:
        raise MXNetError(
            "%s is switched on: Treadle speaks MXNet's classic API; its numpy mode is not part of "
            "it." % what
        )


def np_array(active=True):
    """A scope of numpy's arrays; only inactive ones can be had."""
    _switch("np_array", active)
    return _Off()


def set_np(shape=True, array=True, dtype=False):
    """Refused, but for shapes alone."""
    _switch("The numpy mode", array or dtype)
    set_np_shape(shape)


def reset_np():
    """Back to the classic mode."""
    set_np_shape(False)


def use_np_shape(func):
    """Decorator: a function that runs within np_shape."""

    @functools.wraps(func)
    def within(*args, **kwargs):
        with np_shape():
            return func(*args, **kwargs)

    return within


def use_np(func):
    """Decorator; the numpy mode is refused when what it decorates is used."""

    @functools.wraps(func)
    def refuse(*args, **kwargs):
        _switch("The numpy mode", True)

    return refuse


use_np_array = use_np
