"""Treadle's Python interface: MXNet's symbolic API on Treadle's engine.

import treadle as mx
net = mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=10, name='fc1')
exe = net.simple_bind(mx.cpu(), data=(32, 100))
print(exe.forward()[0].shape)
"""

from . import _treadle

__version__ = _treadle.version

from . import attribute, base, context, engine, executor, initializer, name, ndarray, random, symbol
from . import initializer as init
from . import ndarray as nd
from . import random as rnd
from . import symbol as sym
from .attribute import AttrScope
from .base import MXNetError
from .context import Context, cpu, cpu_pinned, current_context, gpu, num_gpus
from .executor import Executor
from .name import NameManager

# Imported when they are first used, under all the names that MXNet has for them.
_LAZY = {
    "kv": "kvstore",
    "mod": "module",
    "mon": "monitor",
    "viz": "visualization",
    "img": "image",
    "opt": "optimizer",
    "np": "numpy",
    "npx": "numpy_extension",
}
_MODULES = frozenset(
    """autograd callback contrib executor_manager image io kvstore libinfo log lr_scheduler metric
    model module monitor numpy numpy_extension operator optimizer profiler recordio registry rnn rtc
    runtime test_utils util visualization""".split()
)
_FROM_UTIL = frozenset(
    """is_np_array is_np_shape np_array np_shape set_np_shape use_np use_np_array
    use_np_shape""".split()
)


def __getattr__(name):
    import importlib

    if name in _FROM_UTIL:
        return getattr(importlib.import_module(".util", __name__), name)
    if name in ("_symbol_internal", "_ndarray_internal"):  # modules of the first releases
        return (symbol if name.startswith("_symbol") else ndarray)._internal
    full = _LAZY.get(name, name)
    if full in _MODULES:
        found = globals()[name] = importlib.import_module("." + full, __name__)
        return found
    raise AttributeError("module %r has no attribute %r" % (__name__, name))


def __dir__():
    return sorted({*globals(), *_MODULES, *_LAZY, *_FROM_UTIL})


def install_as_mxnet():
    """Makes `import mxnet` and its modules mean this package, in this process."""
    from ._as_mxnet import install

    install()


def get_cmake_dir():
    """The folder with the CMake configuration, for find_package(treadle) in C++ projects; None
    where the package has none beside it."""
    import os

    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib", "cmake", "treadle")
    return path if os.path.isdir(path) else None
