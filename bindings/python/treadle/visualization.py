"""Graphs as tables and pictures."""

import json
import re

__all__ = ["print_summary", "plot_network"]

_FILLS = {
    "Convolution": "#fb8072",
    "Deconvolution": "#fb8072",
    "FullyConnected": "#fb8072",
    "BatchNorm": "#bebada",
    "Activation": "#ffffb3",
    "LeakyReLU": "#ffffb3",
    "Pooling": "#80b1d3",
    "Concat": "#fdb462",
    "Flatten": "#fdb462",
    "Reshape": "#fdb462",
    "Softmax": "#b3de69",
    "SoftmaxOutput": "#b3de69",
}


def _graph(symbol, shape):
    """Nodes of the symbol's JSON, heads, and shapes of all outputs by name where `shape` is given."""
    from .symbol import Symbol

    if not isinstance(symbol, Symbol):
        raise TypeError("A Symbol is expected; %r is given." % (symbol,))
    parsed = json.loads(symbol.tojson())
    shapes = {}
    if shape is not None:
        internals = symbol.get_internals()
        found = internals.infer_shape(**shape)[1]
        if found is None:
            raise ValueError("The shapes given do not determine those of all outputs.")
        shapes = dict(zip(internals.list_outputs(), found))
    return parsed["nodes"], {head[0] for head in parsed["heads"]}, shapes


def _attributes(node):
    return node.get("attrs") or node.get("attr") or node.get("param") or {}


def _output(node, shapes, index=0):
    names = (
        [node["name"]]
        if node["op"] == "null"
        else [node["name"] + "_output", "%s_output%d" % (node["name"], index)]
    )
    return next((shapes[name] for name in names if name in shapes), None)


def _product(values):
    made = 1
    for value in values:
        made *= value
    return made


def _is_parameter(node, shape_given):
    return node["op"] == "null" and node["name"] not in (shape_given or {})


def _multiply_adds(node, inputs, out):
    """Multiplications with additions that a node takes for one batch; 0 where it is none to speak
    of."""
    if out is None or node["op"] not in ("Convolution", "Deconvolution", "FullyConnected"):
        return 0
    weight = next((shape for name, shape in inputs if name.endswith("weight")), None)
    if weight is None:
        return 0
    if node["op"] == "FullyConnected":
        return _product(out) * _product(weight[1:])
    spatial = inputs[0][1] if node["op"] == "Deconvolution" else out
    return _product(weight) * _product(spatial[2:]) * out[0]


def print_summary(symbol, shape=None, line_length=120, positions=(0.4, 0.6, 0.7, 0.8, 1.0)):
    """Prints a table of layers: name and operator, shape of the output, parameters, multiply-adds
    and the layers before. `shape` is a dict of the inputs' shapes. Gives the number of parameters.
    """
    nodes, heads, shapes = _graph(symbol, shape)
    if len(positions) == 4:
        positions = (positions[0], positions[1], positions[2], positions[2], positions[3])
    if positions[-1] <= 1:
        positions = [int(line_length * place) for place in positions]

    def line(fields):
        text = ""
        for field, place in zip(fields, positions):
            text = (text + str(field))[: place - 1].ljust(place)
        print(text.rstrip())

    print("_" * line_length)
    line(["Layer (type)", "Output Shape", "Param #", "Multiply-adds", "Previous Layer"])
    print("=" * line_length)
    total = work = 0
    for number, node in enumerate(nodes):
        if _is_parameter(node, shape) and number not in heads:
            continue
        inputs = [(nodes[entry[0]], entry) for entry in node["inputs"]]
        before = [
            one["name"] for one, _ in inputs if not _is_parameter(one, shape)
        ]
        sizes = [(one["name"], _output(one, shapes, entry[1])) for one, entry in inputs]
        own = sum(
            _product(size)
            for (one, entry), (_, size) in zip(inputs, sizes)
            if _is_parameter(one, shape) and size and not one["name"].endswith("label")
        )
        out = _output(node, shapes)
        adds = _multiply_adds(node, sizes, out) if shapes else 0
        total, work = total + own, work + adds
        kind = "" if node["op"] == "null" else node["op"]
        line(["%s (%s)" % (node["name"], kind), "x".join(map(str, (out or ())[1:])), own, adds or "",
              before[0] if before else ""])
        for name in before[1:]:
            line(["", "", "", "", name])
        print("_" * line_length)
    print("Total params: %d" % total)
    if work:
        print("Total multiply-adds: %d" % work)
    print("_" * line_length)
    return total


class _Dot:
    """Text for Graphviz with the few methods that graphviz.Digraph has."""

    def __init__(self, name):
        self.name, self._lines = name, []

    def node(self, name, label, **attributes):
        self._lines.append("  %s [%s];" % (_quote(name), _list(label=label, **attributes)))

    def edge(self, tail_name, head_name, **attributes):
        self._lines.append(
            "  %s -> %s [%s];" % (_quote(tail_name), _quote(head_name), _list(**attributes))
        )

    @property
    def source(self):
        return "digraph %s {\n%s\n}\n" % (_quote(self.name), "\n".join(self._lines))

    def _repr_svg_(self):
        return self.pipe("svg").decode()

    def pipe(self, format="pdf"):
        """The picture as bytes; needs the program dot."""
        import subprocess

        try:
            return subprocess.run(
                ["dot", "-T" + format], input=self.source.encode(), capture_output=True, check=True
            ).stdout
        except FileNotFoundError:
            raise RuntimeError(
                "A picture needs the program dot; install graphviz, or use .source, its text."
            ) from None

    def render(self, filename=None, format="pdf", **_):
        """Writes the picture beside its text; gives its path."""
        filename = filename or self.name
        with open(filename, "w") as file:
            file.write(self.source)
        path = "%s.%s" % (filename, format)
        with open(path, "wb") as file:
            file.write(self.pipe(format))
        return path


def _quote(text):
    return '"%s"' % str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _list(**attributes):
    return ", ".join("%s=%s" % (key, _quote(value)) for key, value in attributes.items())


_SHOWN = {
    "Convolution": lambda a: "%s/%s, %s" % (_cut(a["kernel"]), _cut(a.get("stride", "1")), a["num_filter"]),
    "Deconvolution": lambda a: "%s/%s, %s" % (_cut(a["kernel"]), _cut(a.get("stride", "1")), a["num_filter"]),
    "FullyConnected": lambda a: a["num_hidden"],
    "Activation": lambda a: a["act_type"],
    "LeakyReLU": lambda a: a.get("act_type", "leaky"),
    "Pooling": lambda a: "%s, %s/%s"
    % (a.get("pool_type", "max"), _cut(a.get("kernel", "")), _cut(a.get("stride", "1"))),
}


def _cut(text):
    return "x".join(re.findall(r"\d+", text))


def plot_network(
    symbol,
    title="plot",
    save_format="pdf",
    shape=None,
    dtype=None,
    node_attrs=None,
    hide_weights=True,
):
    """A picture of a symbol: an object with `source`, the text for Graphviz, and `render`. It is
    graphviz.Digraph where that package is installed."""
    nodes, _, shapes = _graph(symbol, shape)
    look = {"shape": "box", "fixedsize": "false", "style": "filled", **(node_attrs or {})}
    try:
        from graphviz import Digraph

        dot = Digraph(name=title, format=save_format)
    except ImportError:
        dot = _Dot(title)
    endings = ("_weight", "_bias", "_gamma", "_beta", "_moving_mean", "_moving_var", "_running_mean",
               "_running_var")
    hidden = {
        node["name"]
        for node in nodes
        if hide_weights and node["op"] == "null" and node["name"].endswith(endings)
    }
    for node in nodes:
        name, op, attributes = node["name"], node["op"], _attributes(node)
        if name in hidden:
            continue
        if op == "null":
            dot.node(name=name, label=name, **{**look, "shape": "oval", "fillcolor": "#8dd3c7"})
            continue
        detail = _SHOWN[op](attributes) if op in _SHOWN else ""
        label = "%s\n%s" % (op, detail) if detail else op if op in _FILLS else name
        dot.node(name=name, label=label, **{**look, "fillcolor": _FILLS.get(op, "#fccde5")})
    for node in nodes:
        for source, index, *_ in node["inputs"]:
            before = nodes[source]
            if before["name"] in hidden:
                continue
            text = {}
            size = _output(before, shapes, index)
            if size:
                text["label"] = "x".join(map(str, size[1:]))
            dot.edge(tail_name=node["name"], head_name=before["name"], dir="back",
                     arrowtail="open", **text)
    return dot
