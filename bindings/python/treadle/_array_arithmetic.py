"""Arithmetic and comparison of arrays: each sign queues one operator."""

import numpy as np

from . import _treadle
from ._invoke import invoke
from ._operators import get_operator, has_operator
from .base import is_scalar

# Python's method: operator with an array of the same shape, with one of another, with a number.
_BINARY = {
    "__add__": ("elemwise_add", "broadcast_add", "_plus_scalar"),
    "__sub__": ("elemwise_sub", "broadcast_sub", "_minus_scalar"),
    "__mul__": ("elemwise_mul", "broadcast_mul", "_mul_scalar"),
    "__truediv__": ("elemwise_div", "broadcast_div", "_div_scalar"),
    "__mod__": ("_mod", "broadcast_mod", "_mod_scalar"),
    "__pow__": ("_power", "broadcast_power", "_power_scalar"),
    "__eq__": ("_equal", "broadcast_equal", "_equal_scalar"),
    "__ne__": ("_not_equal", "broadcast_not_equal", "_not_equal_scalar"),
    "__gt__": ("_greater", "broadcast_greater", "_greater_scalar"),
    "__ge__": ("_greater_equal", "broadcast_greater_equal", "_greater_equal_scalar"),
    "__lt__": ("_lesser", "broadcast_lesser", "_lesser_scalar"),
    "__le__": ("_lesser_equal", "broadcast_lesser_equal", "_lesser_equal_scalar"),
}
_REVERSE = {
    "__radd__": "_plus_scalar",
    "__rsub__": "_rminus_scalar",
    "__rmul__": "_mul_scalar",
    "__rtruediv__": "_rdiv_scalar",
    "__rmod__": "_rmod_scalar",
    "__rpow__": "_rpower_scalar",
}
_IN_PLACE = {
    "__iadd__": "__add__",
    "__isub__": "__sub__",
    "__imul__": "__mul__",
    "__itruediv__": "__truediv__",
    "__imod__": "__mod__",
    "__ipow__": "__pow__",
}


def _queue(operator, inputs, params, out):
    return _treadle.invoke(operator, params, inputs, {}, out, (1, 0))[0]


class Arithmetic:
    """The methods; a sign whose operators do not exist has none."""

    __slots__ = ()
    __hash__ = object.__hash__
    # numpy leaves a sign to the array instead of looking into it.
    __array_priority__ = 1000.0


def _apply(names, left, right, out=()):
    same, broadcast, scalar = names
    if isinstance(right, np.ndarray) and right.ndim:
        right = left._like(right)
    if isinstance(right, Arithmetic):
        name = same if left.shape == right.shape or not has_operator(broadcast) else broadcast
        return _queue(name, [left.handle, right.handle], {}, list(out))
    if is_scalar(right) or isinstance(right, np.ndarray):
        return _queue(scalar, [left.handle], {"scalar": repr(float(right))}, list(out))
    return None


def _method(method, names):
    def apply(self, other):
        made = _apply(names, self, other)
        return NotImplemented if made is None else type(self)(made)

    apply.__name__ = method
    return apply


def _in_place(method, names):
    def apply(self, other):
        made = _apply(names, self, other, [self.handle])
        if made is None:
            return NotImplemented
        if _treadle.is_recording():
            self.handle = made
        return self

    apply.__name__ = method
    return apply


def _reverse(method, scalar):
    def apply(self, other):
        if isinstance(other, np.ndarray) and other.ndim:
            return getattr(self._like(other), method.replace("__r", "__"))(self)
        if not is_scalar(other):
            return NotImplemented
        return type(self)(_queue(scalar, [self.handle], {"scalar": repr(float(other))}, []))

    apply.__name__ = method
    return apply


for _name, _operators in _BINARY.items():
    if has_operator(_operators[0]) and has_operator(_operators[2]):
        setattr(Arithmetic, _name, _method(_name, _operators))
for _name, _plain in _IN_PLACE.items():
    if hasattr(Arithmetic, _plain):
        setattr(Arithmetic, _name, _in_place(_name, _BINARY[_plain]))
for _name, _operator in _REVERSE.items():
    if has_operator(_operator):
        setattr(Arithmetic, _name, _reverse(_name, _operator))
if has_operator("negative"):
    Arithmetic.__neg__ = lambda self: type(self)(_queue("negative", [self.handle], {}, []))
if has_operator("abs"):
    Arithmetic.__abs__ = lambda self: type(self)(_queue("abs", [self.handle], {}, []))

# Operators that are also methods: a.sum(axis=1) is mx.nd.sum(a, axis=1). The class has some of its
# own, which win.
_FLUENT = """abs arccos arccosh arcsin arcsinh arctan arctanh argmax argmax_channel argmin argsort
    broadcast_axes broadcast_like cbrt ceil clip cos cosh degrees depth_to_space diag exp
    expand_dims expm1 fix flatten flip floor log log10 log1p log2 log_softmax max mean min nanprod
    nansum norm one_hot ones_like pad pick prod radians rcbrt reciprocal relu repeat reshape_like
    rint round rsqrt shape_array sigmoid sign sin sinh size_array slice_axis slice_like softmax
    softmin sort space_to_depth split sqrt square squeeze sum swapaxes take tan tanh tile
    topk transpose trunc zeros_like""".split()


def _fluent(name):
    def method(self, *args, **kwargs):
        return invoke(get_operator(name), (self, *args), kwargs)

    method.__name__ = name
    method.__doc__ = "As mx.nd.%s, with this array as its first input." % name
    return method


for _name in _FLUENT:
    if has_operator(_name):
        setattr(Arithmetic, _name, _fluent(_name))
if has_operator("transpose"):
    Arithmetic.T = property(lambda self: self.transpose())
