"""Checkpoints: a model as `prefix-symbol.json` and `prefix-0001.params`."""

from . import ndarray, symbol

__all__ = ["save_checkpoint", "load_checkpoint", "load_params"]


def save_checkpoint(prefix, epoch, symbol, arg_params, aux_params):
    """Writes a symbol, unless it is None, and the parameters of an epoch."""
    if symbol is not None:
        symbol.save("%s-symbol.json" % prefix)
    arrays = {"arg:" + name: value for name, value in arg_params.items()}
    arrays.update(("aux:" + name, value) for name, value in (aux_params or {}).items())
    ndarray.save("%s-%04d.params" % (prefix, epoch), arrays)


def load_params(prefix, epoch):
    """The arguments and auxiliary states of an epoch, two dicts by name."""
    found = {"arg": {}, "aux": {}}
    arrays = ndarray.load("%s-%04d.params" % (prefix, epoch))
    for key, value in arrays.items() if isinstance(arrays, dict) else ():
        kind, _, name = key.partition(":")
        if kind in found:
            found[kind][name] = value
    return found["arg"], found["aux"]


def load_checkpoint(prefix, epoch):
    """The symbol, arguments and auxiliary states of an epoch."""
    return (symbol.load("%s-symbol.json" % prefix), *load_params(prefix, epoch))
