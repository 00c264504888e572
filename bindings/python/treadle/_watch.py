"""What a monitor sees: a graph bound once more, so that the outputs of all its nodes, and the
gradients that reach their inputs, are arrays."""

import json

from . import _treadle
from ._operators import get_operator
from .base import dtype_name
from .ndarray import zeros

_EDGE = "_watched_edge%d"


class Watch:
    """Runs in place of an executor, on its arrays, and calls `callback(name, array)`: after forward
    with every output of every node, with `monitor_all` with each of its inputs before, as
    'node_input', variables by their own name too; after backward with the gradient of every input of
    every node that gradients go through, as 'node_backward_input'."""

    def __init__(self, executor, callback, monitor_all):
        from .executor import bind
        from .symbol import BlockGrad, Group

        self._outputs, self._callback = executor.outputs, callback
        grads = {name: array for name, array in executor.grad_dict.items() if array is not None}
        requests = dict(executor._grad_req)
        trained = {name for name in grads if requests[name] != "null"}
        symbol, edges = _with_edges(executor._symbol, trained)
        arguments = dict(executor.arg_dict)
        added = _arrays_of_edges(symbol, arguments, edges, executor._ctx)
        arguments.update(added)
        self._gradients = {
            seen: zeros(added[edge].shape, added[edge].context, added[edge].dtype)
            for edge, seen in edges.items()
            if "float" in dtype_name(added[edge].dtype)
        }
        for edge, seen in edges.items():
            if seen in self._gradients:
                grads[edge], requests[edge] = self._gradients[seen], "write"

        internals = symbol.get_internals()
        places = {name: i for i, name in enumerate(internals.list_outputs())}
        # Pairs of what the callback is told and the output of `internals` that it is given.
        self._shown = _shown(executor._symbol, monitor_all)
        self._places = {}
        for _, output in self._shown:
            self._places.setdefault(output, len(self._outputs) + len(self._places))
        blocked = [
            BlockGrad(internals[places[output]], name="_watched%d" % n)
            for n, output in enumerate(self._places)
        ]
        self._running = bind(
            Group([symbol] + blocked),
            executor._ctx,
            arguments,
            grads,
            requests,
            dict(executor.aux_dict),
            executor._group2ctx,
        )

    def forward(self, is_train):
        self._running.handle.forward(is_train, {})
        for own, new in zip(self._outputs, self._running.outputs):
            own.handle.copy_from(new.handle)
        for name, output in self._shown:
            self._callback(name, self._running.outputs[self._places[output]])

    def _run_backward(self, heads):
        self._running._run_backward(heads)
        for name, array in reversed(self._gradients.items()):
            self._callback(name, array)


def _shown(symbol, monitor_all):
    """For each array that a monitor sees, in order of computation, how it is called and the name of
    the output of a node, or of the variable, that it is."""
    internals = symbol.get_internals()
    graph = json.loads(internals.tojson())
    names = {
        (node, output): name
        for (node, output, *_), name in zip(graph["heads"], internals.list_outputs())
    }
    shown = []
    for number, node in enumerate(graph["nodes"]):
        if node["op"] == "null":
            continue
        if monitor_all:
            for i, (source, output, *_) in enumerate(node["inputs"]):
                seen = names[source, output]
                if graph["nodes"][source]["op"] == "null":
                    shown.append((seen, seen))
                shown.append(("%s_%s" % (node["name"], _input_name(node["op"], i)), seen))
        shown += [(name, name) for (at, _), name in sorted(names.items()) if at == number]
    return shown


def _input_name(operator, i):
    """As MXNet calls it: by its number where the operator has no names for its inputs there."""
    names = get_operator(operator).inputs
    if operator in ("Activation", "SoftmaxActivation"):
        return "input%d" % i
    return _name_of(names, i)


def _name_of(names, i):
    return names[i] if i < len(names) else "arg%d" % i


def _with_edges(symbol, trained):
    """The same graph, where a variable is added to each input of the nodes that gradients of the
    arguments `trained` go through, and a dict from the variables to what their gradients are called.
    The variables are 0; their gradients are those of the inputs, one for each of many users."""
    graph = json.loads(symbol.tojson())
    states = set(symbol.list_auxiliary_states())
    nodes, places, reached, edges = [], [], set(), {}

    def add(node):
        nodes.append(node)
        return len(nodes) - 1

    for number, node in enumerate(graph["nodes"]):
        inputs = [(places[source], source, output) for source, output, *_ in node["inputs"]]
        if node["op"] == "null":
            if node["name"] in trained:
                reached.add(number)
        elif _has_gradient(node["op"]) and any(source in reached for _, source, _ in inputs):
            reached.add(number)
            names = get_operator(node["op"]).inputs
            for i, (place, source, output) in enumerate(inputs):
                if graph["nodes"][source]["name"] in states:
                    continue
                edge = _EDGE % len(edges)
                edges[edge] = "%s_backward_%s" % (node["name"], _name_of(names, i))
                zero = add({"op": "null", "name": edge, "inputs": []})
                both = [[place, output, 0], [zero, 0, 0]]
                total = add({"op": "elemwise_add", "name": edge + "_sum", "inputs": both})
                inputs[i] = (total, None, 0)
        node["inputs"] = [[place, output, 0] for place, _, output in inputs]
        places.append(add(node))
    graph["nodes"] = nodes
    graph["arg_nodes"] = [i for i, node in enumerate(nodes) if node["op"] == "null"]
    graph["heads"] = [[places[node], output, 0] for node, output, *_ in graph["heads"]]
    graph.pop("node_row_ptr", None)

    from .symbol import load_json

    return load_json(json.dumps(graph)), edges


def _has_gradient(operator):
    declared = _treadle.describe_operator(operator)
    return declared["differentiable"] and declared["name"] != "BlockGrad"


def _arrays_of_edges(symbol, arguments, edges, context):
    """Zeros for the variables that were added, whose shapes and types follow from the arguments."""
    names = symbol.list_arguments()
    shapes = symbol.infer_shape(**{name: one.shape for name, one in arguments.items()})[0]
    types = symbol.infer_type(**{name: one.dtype for name, one in arguments.items()})[0]
    return {
        name: zeros(shape, context, dtype)
        for name, shape, dtype in zip(names, shapes, types)
        if name in edges
    }
