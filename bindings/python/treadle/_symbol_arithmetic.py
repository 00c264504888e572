"""Arithmetic and comparison of symbols with symbols and numbers: which operator each sign is."""

from ._compose import compose
from ._operators import get_operator, has_operator
from .base import is_scalar

# Python's method: operator with a symbol, operator with a number. Automatic names are made from the
# operator's name, so these are the aliases that MXNet composes under.
_BINARY = {
    "__add__": ("_Plus", "_PlusScalar"),
    "__radd__": (None, "_PlusScalar"),
    "__sub__": ("_Minus", "_MinusScalar"),
    "__rsub__": (None, "_RMinusScalar"),
    "__mul__": ("_Mul", "_MulScalar"),
    "__rmul__": (None, "_MulScalar"),
    "__truediv__": ("_Div", "_DivScalar"),
    "__rtruediv__": (None, "_RDivScalar"),
    "__mod__": ("_Mod", "_ModScalar"),
    "__rmod__": (None, "_RModScalar"),
    "__pow__": ("_Power", "_PowerScalar"),
    "__rpow__": (None, "_RPowerScalar"),
    "__eq__": ("_equal", "_equal_scalar"),
    "__ne__": ("_not_equal", "_not_equal_scalar"),
    "__gt__": ("_greater", "_greater_scalar"),
    "__ge__": ("_greater_equal", "_greater_equal_scalar"),
    "__lt__": ("_lesser", "_lesser_scalar"),
    "__le__": ("_lesser_equal", "_lesser_equal_scalar"),
}


class Arithmetic:
    """The methods; a sign whose operators do not exist has none."""

    __slots__ = ()
    __hash__ = object.__hash__
    # numpy leaves a sign to the symbol instead of looking into it.
    __array_priority__ = 1000.0


def _compose(operator, /, *symbols, **params):  # params have the symbol's name
    return compose(get_operator(operator), symbols, params)


def _method(method, with_symbol, with_number):
    def apply(self, other):
        if isinstance(other, Arithmetic):
            return _compose(with_symbol, self, other) if with_symbol else NotImplemented
        return _compose(with_number, self, scalar=other) if is_scalar(other) else NotImplemented

    apply.__name__ = method
    return apply


for _name, (_both, _number) in _BINARY.items():
    if has_operator(_both or _number) and has_operator(_number):
        setattr(Arithmetic, _name, _method(_name, _both, _number))

if has_operator("_MulScalar"):
    Arithmetic.__neg__ = lambda self: _compose("_MulScalar", self, scalar=-1.0)
if has_operator("abs"):
    Arithmetic.__abs__ = lambda self: _compose("abs", self)

_FLUENT = """abs arccos arccosh arcsin arcsinh arctan arctanh argmax argmax_channel argmin argsort
    broadcast_axes broadcast_like broadcast_to cbrt ceil clip cos cosh degrees depth_to_space diag
    exp expand_dims expm1 fix flatten flip floor log log10 log1p log2 log_softmax max mean min
    nanprod nansum norm one_hot ones_like pad pick prod radians rcbrt reciprocal relu repeat reshape
    reshape_like rint round rsqrt shape_array sigmoid sign sin sinh size_array slice slice_axis
    slice_like softmax softmin sort space_to_depth split sqrt square squeeze sum swapaxes
    take tan tanh tile topk transpose trunc zeros_like""".split()


def _fluent(name):
    def method(self, *args, **kwargs):
        return _compose(name, self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = "As mx.sym.%s, with this symbol as its first input." % name
    return method


for _name in _FLUENT:
    if has_operator(_name):
        setattr(Arithmetic, _name, _fluent(_name))
