"""Symbols: graphs put together from operators, before there are arrays."""

# Operators become functions of this module when they are first used: `slice` is one of them.
from builtins import slice as _slice

from .. import _shapes, _treadle
from .._compose import compose
from .._operators import has_operator, make_function, namespace
from .._symbol_arithmetic import Arithmetic
from ..attribute import SHORT_ATTRIBUTES, node_attributes, with_short
from ..base import (
    TYPE_FLAGS,
    NotImplementedForSymbol,
    dtype_name,
    is_scalar,
    numpy_type,
    param_text,
    refuse_numpy,
    text_attributes,
)
from ..context import current_context

__all__ = [
    "Symbol",
    "Variable",
    "var",
    "Group",
    "load",
    "load_json",
    "zeros",
    "ones",
    "full",
    "eye",
    "arange",
    "linspace",
    "histogram",
    "split_v2",
]

class Symbol(Arithmetic):
    """One or more outputs of a graph. Made by `Variable`, by operators, `Group` and `load`.
    Copies are cheap and share nodes; composing further changes nothing that exists.

        data = mx.sym.Variable('data')
        net = mx.sym.FullyConnected(data, num_hidden=10, name='fc1')
        net.list_arguments()   # ['data', 'fc1_weight', 'fc1_bias']
    """

    __slots__ = ["handle", "__weakref__"]

    def __init__(self, handle):
        self.handle = handle

    def __repr__(self):
        return "<%s %s>" % (
            type(self).__name__,
            self.name or "group [%s]" % ", ".join(self.list_outputs()),
        )

    def __len__(self):
        return len(self.handle)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index):
        """An output by number or name; several as a group by a slice."""
        if isinstance(index, _slice):
            return Group([self[i] for i in range(*index.indices(len(self)))])
        if not isinstance(index, str) and index not in range(len(self)):
            raise IndexError(
                "Output %r is asked of a symbol with %d outputs (%s)."
                % (index, len(self), ", ".join(self.list_outputs()))
            )
        return Symbol(self.handle.output(index if isinstance(index, str) else int(index)))

    def __call__(self, *args, **kwargs):
        """A copy in which the variables given by name, or in order, are replaced by symbols."""
        name = kwargs.pop("name", None)
        if args and kwargs:
            raise TypeError("Variables are replaced by position or by name, not by both.")
        known = self.list_inputs()
        if len(args) > len(known):
            raise TypeError(
                "%d symbols are given; the graph has %d variables." % (len(args), len(known))
            )
        given = dict(zip(known, args)) or kwargs
        for key, symbol in given.items():
            if not isinstance(symbol, Symbol):
                raise TypeError("%s is to be replaced by %r; a Symbol is expected." % (key, symbol))
            if key not in known:
                raise _treadle.MXNetError(
                    "There is no variable %r; there are %s." % (key, ", ".join(known))
                )
        return Symbol(self.handle.substitute({k: s.handle for k, s in given.items()}, name or ""))

    def __copy__(self):
        return self.__deepcopy__(None)

    def __deepcopy__(self, _):
        return Symbol(self.handle.deep_copy())

    def __reduce__(self):
        return load_json, (self.tojson(),)

    @property
    def name(self):
        """Name of the node; None for a group of several."""
        return self.handle.name() or None

    def list_arguments(self):
        return self.handle.list_arguments()

    def list_outputs(self):
        return self.handle.list_outputs()

    def list_auxiliary_states(self):
        return self.handle.list_auxiliary_states()

    def list_inputs(self):
        """Arguments and auxiliary states."""
        return self.handle.list_inputs()

    def get_internals(self):
        """Every output of every node, as one group."""
        return Symbol(self.handle.internals())

    def get_children(self):
        """The inputs of the node as one group; None for a variable."""
        children = self.handle.children()
        return Symbol(children) if len(children) else None

    def _gen_atomic_symbol(self):
        """The node behind a symbol of one node, on variables of its own."""
        return Symbol(self.handle.atomic())

    def attr(self, key):
        """An attribute, or a parameter as it was given; None when there is none."""
        value = self.handle.attr(key)
        if value is None and key in SHORT_ATTRIBUTES:
            value = self.handle.attr("__%s__" % key)
        return value

    def list_attr(self, recursive=False):
        """The attributes of this symbol; with `recursive`, of all, as 'symbol_attribute'."""
        return with_short(self.handle.list_attr(recursive))

    def attr_dict(self):
        """Attributes and parameters by the name of the node."""
        return {
            name: with_short(attributes) for name, attributes in self.handle.attr_dict().items()
        }

    def _set_attr(self, **attributes):
        for key, value in text_attributes(attributes, "_set_attr").items():
            self.handle.set_attr("__%s__" % key if key in SHORT_ATTRIBUTES else key, value)

    def debug_str(self):
        return self.handle.debug_str()

    def tojson(self):
        """The graph as JSON. Within mx.np_shape it says that its shapes are of that kind."""
        return _shapes.mark_json(self.handle.to_json())

    def save(self, fname):
        """Writes the graph as JSON, to a path."""
        self.handle.save(str(fname))

    def infer_shape(self, *args, **kwargs):
        """Shapes of (arguments, outputs, auxiliary states) from some of them; (None, None, None)
        when they do not suffice. Raises MXNetError where they contradict each other. An extent that
        is not known is given as 0, within mx.np_shape as -1."""
        *shapes, complete = self._infer_shape(args, kwargs)
        return tuple(shapes) if complete else (None, None, None)

    def infer_shape_partial(self, *args, **kwargs):
        """As infer_shape, with () for a shape and 0 for an extent that is not known; within
        mx.np_shape with None and -1."""
        *shapes, _ = self._infer_shape(args, kwargs)
        return tuple([_shapes.to_user(shape) for shape in part] for part in shapes)

    def _infer_shape(self, args, kwargs):
        known = self._known(args, kwargs, "shape")
        for name, shape in known.items():
            if not isinstance(shape, (tuple, list)):
                raise TypeError(
                    "The shape of %s is %r; a tuple of int is expected." % (name, shape)
                )
        return self.handle.infer_shape(
            {name: _shapes.from_user(name, shape) for name, shape in known.items()}
        )

    def infer_type(self, *args, **kwargs):
        """Types of (arguments, outputs, auxiliary states) from some of them; (None, None, None)
        when they do not suffice."""
        known = self._known(args, kwargs, "type")
        *types, complete = self.handle.infer_type(
            {name: dtype_name(t) for name, t in known.items()}
        )
        return (
            tuple([numpy_type(t) for t in part] for part in types)
            if complete
            else (None, None, None)
        )

    def _known(self, args, kwargs, what):
        """What is given, by name. By position every argument must be given, as in MXNet 1.x."""
        if args and kwargs:
            raise ValueError("Give the %ss by position or by name, not both." % what)
        names = self.list_arguments()
        if args and (len(args) != len(names) or None in args):
            raise ValueError(
                "%d %ss are given by position; the symbol has %d arguments (%s). Give "
                "one for each, or those you know by name."
                % (len(args) - args.count(None), what, len(names), ", ".join(names))
            )
        given = dict(zip(names, args)) or kwargs
        return {name: value for name, value in given.items() if value is not None}

    def simple_bind(
        self,
        ctx=None,
        grad_req="write",
        type_dict=None,
        group2ctx=None,
        shared_arg_names=None,
        shared_exec=None,
        shared_buffer=None,
        memory_budget=None,
        **kwargs
    ):
        """An executor with arrays of its own, all zero, for the shapes given by name. Of internal
        memory it takes `memory_budget` bytes at most, and computes again for backward what does not
        fit; MXNetError says the least that can be."""
        from ..executor import simple_bind

        return simple_bind(self, ctx or current_context(), grad_req, type_dict, group2ctx, kwargs, shared_exec, memory_budget)

    def bind(
        self,
        ctx,
        args,
        args_grad=None,
        grad_req="write",
        aux_states=None,
        group2ctx=None,
        shared_exec=None,
        memory_budget=None,
    ):
        """An executor on the arrays given, in lists or dicts. Arguments without an array in
        `args_grad` get no gradient. `memory_budget` as in simple_bind."""
        from ..executor import bind

        return bind(self, ctx, args, args_grad, grad_req, aux_states, group2ctx, shared_exec, memory_budget)

    def eval(self, ctx=None, **kwargs):
        """The outputs for the arrays given by name."""
        return self.bind(ctx or current_context(), kwargs).forward()

    def infer_type_partial(self, *args, **kwargs):
        """As infer_type, with None for what is not known."""
        known = self._known(args, kwargs, "type")
        *types, _ = self.handle.infer_type({name: dtype_name(t) for name, t in known.items()})
        return tuple([numpy_type(t) if t in TYPE_FLAGS else None for t in part] for part in types)

    def astype(self, dtype):
        return __getattr__("Cast")(self, dtype=dtype)

    def detach(self):
        """The same values, through which no gradient goes."""
        return __getattr__("BlockGrad")(self)

    def split_v2(self, indices_or_sections, axis=0, squeeze_axis=False):
        """As mx.sym.split_v2, of this symbol."""
        return split_v2(self, indices_or_sections, axis, squeeze_axis)

    def gradient(self, wrt):
        raise _treadle.MXNetError(
            "gradient is asked of a symbol: gradients are computed when it is bound and run. Bind it "
            "with args_grad and call backward."
        )

    def as_nd_ndarray(self):
        return self

    def as_np_ndarray(self):
        """Refused: there is no numpy mode."""
        refuse_numpy("as_np_ndarray")

    def _repr_svg_(self):
        """The graph as a picture, for notebooks."""
        from ..visualization import _Dot, plot_network

        dot = plot_network(self)
        return dot._repr_svg_() if isinstance(dot, _Dot) else dot.pipe("svg").decode()

    def __bool__(self):
        raise NotImplementedForSymbol("bool()")

    def _refuse(name):
        def method(self, *args, **kwargs):
            raise NotImplementedForSymbol(name)

        method.__name__ = name
        method.__doc__ = "A symbol has no values yet: raises NotImplementedForSymbol."
        return method

    for _name in """asnumpy asscalar as_in_context backward copy wait_to_read wait_to_write __iadd__
        __isub__ __imul__ __itruediv__ __imod__""".split():
        vars()[_name] = _refuse(_name)
    del _refuse, _name


def Variable(
    name,
    attr=None,
    shape=None,
    lr_mult=None,
    wd_mult=None,
    dtype=None,
    init=None,
    stype=None,
    **kwargs
):
    """A named input. What else is known of it is kept as attributes: shape, type, multipliers of
    learning rate and weight decay, initialiser; others are given as `__key__='text'`. There is one
    kind of storage, `stype` 'default'."""
    if not isinstance(name, str):
        raise TypeError("The name of a variable is %r; text is expected." % (name,))
    attributes = node_attributes(attr, "Variable(%s)" % name)
    if shape is not None:
        attributes["__shape__"] = param_text(tuple(int(extent) for extent in shape))
    if dtype is not None:
        attributes["__dtype__"] = str(TYPE_FLAGS[dtype_name(dtype)])
    if init is not None:
        attributes["__init__"] = init if isinstance(init, str) else init.dumps()
    if stype not in (None, "default"):
        from ..ndarray.sparse import refuse

        refuse("Variable(%s, stype=%r)" % (name, stype))
    for key, value in (("lr_mult", lr_mult), ("wd_mult", wd_mult)):
        if value is not None:
            attributes["__%s__" % key] = str(value)
    for key, value in kwargs.items():
        if not (key.startswith("__") and key.endswith("__")):
            raise ValueError(
                "Variable(%s): there is no argument %r. An attribute of your own is written "
                "__%s__=..., or given in attr." % (name, key, key)
            )
        attributes[key] = str(value)
    return Symbol(_treadle.Symbol.variable(name, attributes))


var = Variable


def Group(symbols):
    """All outputs of several symbols as one."""
    symbols = list(symbols)
    for symbol in symbols:
        if not isinstance(symbol, Symbol):
            raise TypeError("A group is made of symbols; %r is none." % (symbol,))
    return Symbol(_treadle.Symbol.group([symbol.handle for symbol in symbols]))


def load(fname):
    """Reads a graph from a JSON file."""
    return Symbol(_treadle.Symbol.load(str(fname)))


def load_json(json_str):
    """Reads a graph from JSON text."""
    if not isinstance(json_str, str):
        raise TypeError("load_json is given %r; JSON text is expected." % (json_str,))
    return Symbol(_treadle.Symbol.from_json(json_str))


def _open(shape):
    """A shape in which -1, as 0, is an extent that follows from where the symbol is used."""
    shape = (shape,) if is_scalar(shape) else tuple(shape)
    return tuple(0 if extent == -1 else extent for extent in shape)


def zeros(shape, dtype=None, **kwargs):
    """Zeros; an extent of 0 or -1 follows from where the symbol is used."""
    return __getattr__("_internal")._zeros(shape=_open(shape), dtype=dtype or "float32", **kwargs)


def ones(shape, dtype=None, **kwargs):
    """Ones; an extent of 0 or -1 follows from where the symbol is used."""
    return __getattr__("_internal")._ones(shape=_open(shape), dtype=dtype or "float32", **kwargs)


def full(shape, val, dtype=None, **kwargs):
    """One value everywhere."""
    return __getattr__("_internal")._full(
        shape=shape, value=float(val), dtype=dtype or "float32", **kwargs
    )


def eye(N, M=0, k=0, dtype=None, **kwargs):
    """Ones on the k-th diagonal."""
    return __getattr__("_internal")._eye(N=N, M=M, k=k, dtype=dtype or "float32", **kwargs)


def arange(start, stop=None, step=1.0, repeat=1, infer_range=False, name=None, dtype=None):
    """Numbers from `start` to before `stop`, each `repeat` times."""
    params = {"start": start, "step": step, "repeat": repeat, "dtype": dtype or "float32"}
    if stop is not None:
        params["stop"] = stop
    if infer_range:
        params["infer_range"] = True
    return __getattr__("_internal")._arange(name=name, **params)


def linspace(start, stop, num, endpoint=True, name=None, dtype=None):
    """`num` numbers from `start` to `stop`, equally far apart."""
    return __getattr__("_internal")._linspace(
        start=start, stop=stop, num=num, endpoint=endpoint, name=name, dtype=dtype or "float32"
    )


def histogram(a, bins=10, range=None, **kwargs):
    """Counts of the elements in bins, a symbol of edges or their number, and the edges."""
    if isinstance(bins, Symbol):
        return __getattr__("_internal")._histogram(data=a, bins=bins, **kwargs)
    if range is None:
        raise ValueError("histogram of a symbol needs range, as its values are not known.")
    return __getattr__("_internal")._histogram(data=a, bin_cnt=bins, range=range, **kwargs)


def split_v2(ary, indices_or_sections, axis=0, squeeze_axis=False):
    """The symbol cut into equal parts, or at the indices given."""
    params = {"axis": axis, "squeeze_axis": squeeze_axis}
    if isinstance(indices_or_sections, int):
        params.update(indices=(), sections=indices_or_sections)
    else:
        params.update(indices=(0, *indices_or_sections), sections=0)
    return __getattr__("_internal")._split_v2(ary, **params)


def _make(name):
    extra = {"name": "text, the symbol's name", "attr": "dict of text, its attributes"}
    return make_function(name, "Symbol", extra, compose, __name__)


_operator, __dir__ = namespace(__name__, globals(), _make, __all__)


def __getattr__(name):
    if name in ("random", "contrib"):
        import importlib

        return importlib.import_module("." + name, __name__)
    if name == "sparse":  # there is one kind of storage
        return __getattr__("_internal")
    return _operator(name)


def _binary(name, doc):
    """mx.sym.pow, maximum …: functions of two symbols, or of a symbol and a number."""
    operators = {"pow": ("_Power", "_PowerScalar", "_RPowerScalar")}
    both, scalar, reverse = operators.get(
        name, ("_" + name.title(), "_%sScalar" % name.title(), "_%sScalar" % name.title())
    )
    if not has_operator(both):
        return

    def function(left, right):
        internal = __getattr__("_internal")
        if isinstance(left, Symbol) and isinstance(right, Symbol):
            return getattr(internal, both)(left, right)
        if isinstance(left, Symbol) and is_scalar(right):
            return getattr(internal, scalar)(left, scalar=right)
        if is_scalar(left) and isinstance(right, Symbol):
            return getattr(internal, reverse)(right, scalar=left)
        raise TypeError(
            "%s takes symbols and numbers, at least one symbol; it is given %r and %r."
            % (name, left, right)
        )

    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    globals()[name] = function
    __all__.append(name)


_binary("pow", "Elementwise power of symbols and numbers.")
if "pow" in globals():
    power = globals()["pow"]
    __all__.append("power")
_binary("maximum", "Elementwise larger of symbols and numbers.")
_binary("minimum", "Elementwise smaller of symbols and numbers.")
_binary("hypot", "Elementwise length of the hypotenuse, of symbols and numbers.")
