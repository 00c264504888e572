"""`import mxnet` as another name of this package."""

import importlib
import importlib.abc
import importlib.machinery
import sys

_PACKAGE = __name__.rpartition(".")[0]
_SHORT = {
    "mxnet.sym": "symbol",
    "mxnet.nd": "ndarray",
    "mxnet.init": "initializer",
    "mxnet.kv": "kvstore",
    "mxnet.mod": "module",
    "mxnet.mon": "monitor",
    "mxnet.viz": "visualization",
    "mxnet.img": "image",
    "mxnet.rnd": "random",
    "mxnet.opt": "optimizer",
    "mxnet.np": "numpy",
    "mxnet.npx": "numpy_extension",
}


def _target(name):
    """The module here that an mxnet name means."""
    head = ".".join(name.split(".")[:2])
    if head in _SHORT:
        name = "mxnet." + _SHORT[head] + name[len(head) :]
    return _PACKAGE + name[len("mxnet") :]


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds modules under mxnet as the same objects that they are here."""

    def find_spec(self, name, path=None, target=None):
        if name != "mxnet" and not name.startswith("mxnet."):
            return None
        try:
            importlib.import_module(_target(name))
        except ModuleNotFoundError:
            return None
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        module = sys.modules[_target(spec.name)]
        # The import system writes its own spec to what is returned; that of the module is kept.
        self._kept = module.__spec__, module.__loader__, module.__package__
        return module

    def exec_module(self, module):
        module.__spec__, module.__loader__, module.__package__ = self._kept


def install():
    """Puts the finder first; does nothing the second time."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
        for name in [name for name in sys.modules if name.split(".")[0] == "mxnet"]:
            del sys.modules[name]
        # As MXNet's page shows it; pickles go by load_json and are the same.
        importlib.import_module(_PACKAGE + ".symbol").Symbol.__module__ = "mxnet.symbol"
