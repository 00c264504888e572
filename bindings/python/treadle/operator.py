"""Operators written in Python: CustomOp with its CustomOpProp, and the two older forms."""

import atexit
import collections
import ctypes
import inspect
import itertools

from . import _treadle, profiler
from ._operators import get_operator, operator_names
from .base import NDArrayHandle, dtype_name, numpy_type
from .context import Context
from .ndarray import NDArray
from .symbol import Symbol

__all__ = [
    "CustomOp",
    "CustomOpProp",
    "register",
    "get_all_registered_operators",
    "get_operator_arguments",
    "OperatorArguments",
    "NDArrayHandle",  # with ctypes, for callbacks of MXNet's time that import all of this
    "ctypes",
    "NumpyOp",
    "NDArrayOp",
    "PythonOp",
]

_registered = {}


@atexit.register
def _forget():
    """The engine outlives the interpreter; what it holds of Python is given back before."""
    for name in _registered:
        _treadle.forget_custom_operator(name)


class CustomOp:
    """What an operator does; override `forward` and `backward`, and write results by `assign`."""

    def forward(self, is_train, req, in_data, out_data, aux):
        """Computes `out_data` from `in_data`; `req` says how to write each."""
        raise NotImplementedError("A CustomOp overrides forward.")

    def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
        """Computes `in_grad`."""
        raise NotImplementedError("%s has no backward." % type(self).__name__)

    def assign(self, dst, req, src):
        """Writes `src` to `dst` as `req` says: 'write', 'inplace', 'add' or 'null'."""
        if req in ("write", "inplace"):
            dst[:] = src
        elif req == "add":
            dst[:] = dst + src
        elif req != "null":
            raise ValueError("The request is %r; write, inplace, add or null is expected." % (req,))


class CustomOpProp:
    """What an operator is: override what differs. Its parameters arrive as text, by name."""

    def __init__(self, need_top_grad=True):
        self.need_top_grad_ = need_top_grad

    def infer_shape(self, in_shape):
        """Shapes of inputs, outputs and states from those of the inputs."""
        return in_shape, (in_shape[0],) * len(self.list_outputs()), ()

    def infer_type(self, in_type):
        """Types of inputs, outputs and states from those of the inputs."""
        first = in_type[0]
        return (
            [first] * len(self.list_arguments()),
            [first] * len(self.list_outputs()),
            [first] * len(self.list_auxiliary_states()),
        )

    def list_arguments(self):
        return ["data"]

    def list_outputs(self):
        return ["output"]

    def list_auxiliary_states(self):
        return []

    def declare_backward_dependency(self, out_grad, in_data, out_data):
        """The arrays that backward reads, out of those given by number."""
        return [*(out_grad if self.need_top_grad_ else ()), *in_data, *out_data]

    def create_operator(self, ctx, in_shapes, in_dtypes):
        """The CustomOp for inputs of these shapes and types."""
        return CustomOp()


class _Within(profiler.Task):
    """What is called within carries the operator's name; the profiler sees the whole as one span."""

    def __init__(self, name):
        super().__init__(profiler.CUSTOM_OPERATORS, name + "::pure_python")
        self._caller = name

    def __enter__(self):
        self._before = _treadle.set_caller(self._caller)
        return super().__enter__()

    def __exit__(self, *error):
        _treadle.set_caller(self._before)
        super().__exit__(*error)


class _Use:
    """A bound operator as the engine calls it, with handles."""

    def __init__(self, op, name):
        self._op, self._name = op, name

    def forward(self, is_train, requests, *arrays):
        in_data, out_data, aux = ([NDArray(one) for one in each] for each in arrays)
        with _Within(self._name):
            self._op.forward(
                is_train=is_train, req=requests, in_data=in_data, out_data=out_data, aux=aux
            )

    def backward(self, requests, *arrays):
        out_grad, in_data, out_data, in_grad, aux = (
            [NDArray(one) for one in each] for each in arrays
        )
        with _Within("_backward_" + self._name):
            self._op.backward(
                req=requests,
                out_grad=out_grad,
                in_data=in_data,
                out_data=out_data,
                in_grad=in_grad,
                aux=aux,
            )


class _Adapter:
    """A property object as the engine asks it."""

    def __init__(self, prop, name):
        self._prop, self._name = prop, name
        self.arguments = list(prop.list_arguments())
        self.outputs = list(prop.list_outputs())
        self.states = list(prop.list_auxiliary_states())
        top = list(range(len(self.outputs)))
        data = list(range(len(top), len(top) + len(self.arguments)))
        results = list(range(len(top) + len(data), 2 * len(top) + len(data)))
        needed = prop.declare_backward_dependency(top, data, results)
        self.reads_out_grads = bool(set(needed) & set(top))

    def _three(self, what, made):
        made = list(made)
        if len(made) not in (2, 3):
            raise ValueError(
                "%s of %s gives %d lists; those of inputs, outputs and, if it has any, auxiliary "
                "states are expected." % (what, type(self._prop).__name__, len(made))
            )
        return made if len(made) == 3 else made + [[]]

    def infer_shape(self, shapes):
        made = self._three("infer_shape", self._prop.infer_shape([list(s) for s in shapes]))
        return [[tuple(map(int, shape)) for shape in each] for each in made]

    def infer_type(self, types):
        known = [numpy_type(one) if one else None for one in types]
        first = next((one for one in known if one is not None), numpy_type("float32"))
        known = [first if one is None else one for one in known]
        made = self._three("infer_type", self._prop.infer_type(known))
        return [[dtype_name(one) for one in each] for each in made]

    def bind(self, device, shapes, types):
        op = self._prop.create_operator(
            Context._from_pair(device),
            [list(shape) for shape in shapes],
            [numpy_type(one) for one in types],
        )
        return _Use(op, self._name)


def register(reg_name):
    """Decorator: makes a CustomOpProp known as `op_type=reg_name`."""

    def decorate(prop_class):
        if not isinstance(reg_name, str):
            raise TypeError("The name of an operator is %r; text is expected." % (reg_name,))
        names = inspect.signature(prop_class).parameters
        takes_all = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in names.values())

        def make(params):
            unknown = [] if takes_all else [key for key in params if key not in names]
            if unknown:
                raise TypeError(
                    "Custom(op_type=%r): there is no parameter %r; there are %s."
                    % (reg_name, unknown[0], ", ".join(names) or "none")
                )
            return _Adapter(prop_class(**params), reg_name)

        _treadle.register_custom_operator(reg_name, make)
        _registered[reg_name] = prop_class
        return prop_class

    return decorate


def get_all_registered_operators():
    """Names and aliases of all operators, those in Python, which are of type 'Custom', left out."""
    return list(operator_names())


OperatorArguments = collections.namedtuple("OperatorArguments", ["narg", "names", "types"])


def get_operator_arguments(op_name):
    """What an operator takes: the number of inputs and parameters, their names and types as text."""
    operator = get_operator(op_name)
    types = ["NDArray-or-Symbol"] * len(operator.inputs)
    for param in operator.params.values():
        kind = param["type"]
        if param["choices"]:
            kind = "{%s}" % ", ".join(map(repr, sorted(param["choices"])))
        given = "required" if param["required"] else "optional, default=%r" % param["default"]
        types.append("%s, %s" % (kind, given))
    names = operator.inputs + list(operator.params)
    return OperatorArguments(len(names), names, types)


class PythonOp:
    """The older form: one object that is both the operator and what is said of it. Calling it with
    symbols gives a symbol."""

    _numbers = itertools.count()

    def __init__(self, need_top_grad=True):
        self.need_top_grad_ = need_top_grad
        self._op_type = None

    def __call__(self, *args, **kwargs):
        return self.get_symbol(*args, **kwargs)

    def forward(self, in_data, out_data):
        out_data[0][:] = in_data[0]

    def backward(self, out_grad, in_data, out_data, in_grad):
        in_grad[0][:] = 1.0

    def infer_shape(self, in_shape):
        return in_shape, [in_shape[0]]

    def list_outputs(self):
        return ["output"]

    def list_arguments(self):
        return ["data"]

    def need_top_grad(self):
        return self.need_top_grad_

    def _run(self, method, *arrays):
        raise NotImplementedError("Derive from NumpyOp or NDArrayOp.")

    def get_symbol(self, *args, **kwargs):
        """A node of this operator."""
        from . import symbol

        if self._op_type is None:
            self._op_type = "_%s_%d" % (type(self).__name__, next(self._numbers))
            register(self._op_type)(lambda: _OldProp(self))
        for value in args:
            if not isinstance(value, Symbol):
                raise TypeError("An input is %r; a Symbol is expected." % (value,))
        return symbol.Custom(*args, op_type=self._op_type, **kwargs)


class _OldProp(CustomOpProp):
    """An object of the older form as a property object."""

    def __init__(self, old):
        super().__init__(old.need_top_grad())
        self._old = old
        self.infer_shape = old.infer_shape
        self.list_arguments, self.list_outputs = old.list_arguments, old.list_outputs

    def create_operator(self, ctx, in_shapes, in_dtypes):
        return _OldOp(self._old)


class _OldOp(CustomOp):
    def __init__(self, old):
        self._old = old

    def forward(self, is_train, req, in_data, out_data, aux):
        self._old._run(self._old.forward, [in_data, out_data], [(out_data, req)])

    def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
        arrays = [out_grad, in_data, out_data, in_grad]
        self._old._run(
            lambda top, *rest: self._old.backward(out_grad=top, **dict(zip(_BACKWARD, rest))),
            arrays,
            [(in_grad, req)],
        )


_BACKWARD = ("in_data", "out_data", "in_grad")


class NumpyOp(PythonOp):
    """An operator whose `forward(in_data, out_data)` and `backward(out_grad, in_data, out_data,
    in_grad)` see numpy arrays."""

    def _run(self, method, arrays, written):
        hosts = [[array.asnumpy() for array in each] for each in arrays]
        method(*hosts)
        for targets, requests in written:
            values = next(host for host, each in zip(hosts, arrays) if each is targets)
            for target, request, value in zip(targets, requests, values):
                CustomOp.assign(None, target, request, value)


class NDArrayOp(PythonOp):
    """As NumpyOp, with NDArrays; results are written into the arrays given."""

    def _run(self, method, arrays, written):
        targets, requests = written[0]
        fresh = [
            target.copy() if request == "add" else target
            for target, request in zip(targets, requests)
        ]
        method(*[fresh if each is targets else each for each in arrays])
        for target, made in zip(targets, fresh):
            if made is not target:
                target += made

    def declare_backward_dependency(self, out_grad, in_data, out_data):
        return [*(out_grad if self.need_top_grad_ else ()), *in_data, *out_data]
