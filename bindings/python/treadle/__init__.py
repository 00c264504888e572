"""Treadle's Python interface: MXNet's symbolic API on Treadle's engine.

import treadle as mx
net = mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=10, name='fc1')
exe = net.simple_bind(mx.cpu(), data=(32, 100))
print(exe.forward()[0].shape)
"""

from . import _treadle

__version__ = _treadle.version

from . import (
    attribute,
    base,
    context,
    engine,
    executor,
    initializer,
    lr_scheduler,
    model,
    name,
    ndarray,
    optimizer,
    random,
    symbol,
)
from . import initializer as init
from . import ndarray as nd
from . import random as rnd
from . import symbol as sym
from .attribute import AttrScope
from .base import MXNetError
from .context import Context, cpu, cpu_pinned, current_context, gpu, num_gpus
from .executor import Executor


def install_as_mxnet():
    """Makes `import mxnet` and its modules mean this package, in this process."""
    import sys

    for module in list(sys.modules):
        if module == __name__ or module.startswith(__name__ + "."):
            sys.modules["mxnet" + module[len(__name__) :]] = sys.modules[module]
    for short, module in (("sym", symbol), ("nd", ndarray), ("rnd", random)):
        sys.modules["mxnet." + short] = module
