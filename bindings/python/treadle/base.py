"""What every module uses: errors, element types, and how a value becomes a parameter's text."""

import ctypes
import numbers
import os

import numpy as np

from ._treadle import Cancelled, InternalError, MXNetError, OutOfMemory, OutOfRange

__all__ = [
    "MXNetError",
    "InternalError",
    "OutOfMemory",
    "OutOfRange",
    "Cancelled",
    "NotImplementedForSymbol",
    "NotSupportedForSparseNDArray",
    "build_param_doc",
    "classproperty",
    "with_metaclass",
    "string_types",
    "numeric_types",
    "integer_types",
    "mx_real_t",
    "py_str",
    "NDArrayHandle",
    "data_dir",
    "data_dir_default",
]

string_types = (str,)
numeric_types = (float, int, np.generic)
integer_types = (int, np.integer)
mx_real_t = np.float32

# In files and in attributes of variables types are numbers.
TYPE_FLAGS = {
    "float32": 0,
    "float64": 1,
    "float16": 2,
    "uint8": 3,
    "int32": 4,
    "int8": 5,
    "int64": 6,
    "bool": 7,
    "bfloat16": 12,
}
TYPE_NAMES = {flag: name for name, flag in TYPE_FLAGS.items()}


class NDArrayHandle(ctypes.c_void_p):
    """What MXNet's callbacks get in place of an array. `ctypes.cast(array, NDArrayHandle)` makes one
    of an NDArray and `NDArray(handle)` finds that array again, as long as there is one."""


class SizeError(MXNetError, ValueError):
    """A shape has another number of elements than the array: a ValueError in MXNet 1.x, an
    MXNetError before."""


class NotImplementedForSymbol(MXNetError):
    """A method of arrays that symbols cannot have: their values are not known yet."""

    def __init__(self, function, *args):
        name = getattr(function, "__name__", function)
        super().__init__(
            "%s is not defined for a symbol: its values are known only when it is bound and run."
            % name
        )


class NotSupportedForSparseNDArray(MXNetError):
    """A method that MXNet's sparse arrays do not have; there are none here to raise it."""

    def __init__(self, function, alias, *args):
        super().__init__(
            "%s%s is not defined for sparse arrays, given %s."
            % (
                getattr(function, "__name__", function),
                " (%s)" % alias if alias else "",
                ", ".join(type(one).__name__ for one in args) or "nothing",
            )
        )


def refuse_numpy(what):
    """Raises the error of what belongs to MXNet's numpy mode."""
    raise MXNetError(
        "%s is asked for: Treadle has no numpy mode; mx.nd has the classic operators." % what
    )


class classproperty:
    """Decorator: a property of the class, which its instances have too."""

    def __init__(self, function):
        self._function = getattr(function, "__func__", function)
        self.__doc__ = self._function.__doc__

    def __get__(self, instance, owner):
        return self._function(owner)


def with_metaclass(meta, *bases):
    """A base for a class of another metaclass, in the way of Python 2."""
    return meta("with_metaclass", bases or (object,), {})


def build_param_doc(arg_names, arg_types, arg_descs, remove_dup=True):
    """numpydoc's section of parameters; num_args is left out, and names that repeat."""
    shown = {}
    for i, (name, kind, text) in enumerate(zip(arg_names, arg_types, arg_descs)):
        lines = "%s : %s" % (name, kind) + ("\n    %s" % text if text else "")
        if name != "num_args":
            shown.setdefault(name if remove_dup else i, lines)
    return "Parameters\n----------\n%s\n" % "\n".join(shown.values())


def py_str(text):
    """Text from bytes."""
    return text.decode("utf-8") if isinstance(text, bytes) else str(text)


def _as_list(value):
    """The value if it is a list or a tuple, else a list of it."""
    return value if isinstance(value, (list, tuple)) else [value]


def data_dir_default():
    """Where downloaded files are kept unless MXNET_HOME says otherwise."""
    return os.path.join(os.path.expanduser("~"), ".mxnet")


def data_dir():
    """The folder of downloaded files: MXNET_HOME, or data_dir_default()."""
    return os.environ.get("MXNET_HOME", data_dir_default())


def dtype_name(dtype):
    """Name of an element type given as numpy has it, as text, or as its number in files."""
    if dtype is None:
        return "float32"
    if isinstance(dtype, str) and dtype in TYPE_FLAGS:
        return dtype
    if isinstance(dtype, int) and not isinstance(dtype, bool) and dtype in TYPE_NAMES:
        return TYPE_NAMES[dtype]
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = str(dtype)
    if name not in TYPE_FLAGS:
        raise TypeError(
            "There is no element type %r; there are %s." % (dtype, ", ".join(TYPE_FLAGS))
        )
    return name


def numpy_type(name):
    """The numpy type of that name. numpy has no bfloat16, so there it is the name itself."""
    return name if name == "bfloat16" else np.dtype(name).type


def host_type(name):
    """The numpy type in which values of that type are given to the user."""
    return np.float32 if name == "bfloat16" else np.dtype(name).type


def is_scalar(value):
    return isinstance(value, (numbers.Number, np.generic))


def param_text(value):
    """A parameter's value as text, the way files have it: (3, 3), True, 0.5, float32."""
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray):
        value = tuple(value.tolist()) if value.ndim else value.item()
    if isinstance(value, np.dtype) or (
        isinstance(value, type) and issubclass(value, (np.generic, bool, int, float))
    ):
        return np.dtype(value).name
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, tuple):
        return "(%s%s)" % (", ".join(map(param_text, value)), "," if len(value) == 1 else "")
    if isinstance(value, list):
        return "[%s]" % ", ".join(map(param_text, value))
    return str(value)


def text_attributes(attributes, where):
    """Checks that every value is text; the sentence says which is not."""
    for key, value in attributes.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise ValueError(
                "%s: the attribute %r is %r; attributes are text, write %r."
                % (where, key, value, str(value))
            )
    return attributes
