"""CachedOp: a symbol that is called with arrays."""

import json

from . import _treadle
from ._array import NDArray

__all__ = ["CachedOp"]


class CachedOp:
    """Computes a symbol from arrays for its arguments and auxiliary states, given in the order of
    `list_inputs()`. Nodes are queued one by one, so autograd records them. `flags` are taken as
    MXNet's and change nothing.

        square = mx.nd.CachedOp(mx.sym.Variable('x') ** 2)
        square(mx.nd.array([1, 2, 3]))
    """

    def __init__(self, sym, flags=()):
        graph = json.loads(sym.tojson())
        self._inputs = sym.list_inputs()
        self._nodes = [
            (node["op"], self._params(node), [tuple(each[:2]) for each in node["inputs"]])
            for node in graph["nodes"]
        ]
        self._heads = [tuple(each[:2]) for each in graph["heads"]]

    @staticmethod
    def _params(node):
        given = node.get("attrs", {})
        return {key: value for key, value in given.items() if not key.startswith("__")}

    def __call__(self, *args, out=None):
        if len(args) != len(self._inputs):
            raise TypeError(
                "%d arrays are given; the symbol has %d inputs (%s)."
                % (len(args), len(self._inputs), ", ".join(self._inputs))
            )
        for name, value in zip(self._inputs, args):
            if not isinstance(value, NDArray):
                raise TypeError("%s is %r; an NDArray is expected." % (name, value))
        given = iter(args)
        device = args[0].handle.device if args else (1, 0)
        values = []
        for operator, params, inputs in self._nodes:
            if operator == "null":
                values.append([next(given).handle])
            else:
                taken = [values[node][output] for node, output in inputs]
                values.append(_treadle.invoke(operator, params, taken, {}, [], device))
        made = [NDArray(values[node][output]) for node, output in self._heads]
        if out is not None:
            for target, one in zip(out if isinstance(out, (list, tuple)) else [out], made):
                target[:] = one
            return out
        return made[0] if len(made) == 1 else made
