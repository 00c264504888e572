"""Python functions for operators, made from what the operators declare when they are first used."""

import functools
import inspect
import sys
import types

from . import _treadle
from .base import param_text

# Prefixes of operators that have a namespace of their own: mx.sym.linalg.gemm is `_linalg_gemm`,
# mx.sym.random.multinomial is `_sample_multinomial`.
NAMESPACES = {
    "contrib": ["_contrib_"],
    "image": ["_image_"],
    "linalg": ["_linalg_"],
    "random": ["_random_", "_sample_"],
    "sparse": ["_sparse_"],
}
# Names in a namespace that no prefix explains.
NAMED_ALONE = {"random": {"shuffle": "_shuffle"}}

has_operator = _treadle.has_operator
operator_names = functools.lru_cache(maxsize=None)(_treadle.operator_names)


class Operator:
    """What is known of one operator under one of its names."""

    def __init__(self, name):
        declared = _treadle.describe_operator(name)
        self.name = name
        self.doc = declared["doc"]
        self.count_param = declared["count_param"]
        # An open operator's inputs follow from its parameters: any number is taken here.
        self.takes_any = declared["takes_list"] or declared["is_open"]
        self.is_open = declared["is_open"]
        self.inputs = [] if self.takes_any else declared["inputs"]
        self.params = {param["name"]: param for param in declared["params"]}

    def split(self, kind, args, kwargs):
        """Inputs by position, inputs by name, and parameters as text, out of a call's arguments.
        `kind` is the class that inputs have."""
        positional, named, params = [], {}, {}
        free = list(self.params)
        for index, value in enumerate(args):
            if isinstance(value, kind) and (self.takes_any or index < len(self.inputs)):
                if len(positional) == index:
                    positional.append(value)
                else:  # after a None
                    named[self.inputs[index]] = value
            elif index < len(self.inputs):
                if value is not None:
                    raise TypeError(
                        "%s: %s is %r; a %s is expected."
                        % (self.name, self.inputs[index], value, kind.__name__)
                    )
            elif isinstance(value, kind):
                raise TypeError(
                    "%s: %d inputs are given by position; it takes %d (%s)."
                    % (self.name, index + 1, len(self.inputs), ", ".join(self.inputs))
                )
            elif self.takes_any:
                raise TypeError(
                    "%s: input %d is %r; a %s is expected. Parameters are given by name."
                    % (self.name, index, value, kind.__name__)
                )
            elif not free:
                raise TypeError(
                    "%s: %d arguments are given; it takes %d inputs and %d parameters."
                    % (self.name, len(args), len(self.inputs), len(self.params))
                )
            else:
                key = free.pop(0)
                if key in kwargs:
                    raise TypeError(
                        "%s: %s is given twice, by position and by name." % (self.name, key)
                    )
                params[key] = param_text(value)
        for key, value in kwargs.items():
            if isinstance(value, kind):
                named[key] = value
            elif key in self.inputs and key not in self.params:
                if value is not None:
                    raise TypeError(
                        "%s: %s is %r; a %s is expected." % (self.name, key, value, kind.__name__)
                    )
            else:
                params[key] = param_text(value)
        return positional, named, params

    def signature(self, extra):
        """For help() and completion; the call itself is checked by the engine."""
        keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD
        made = []
        if self.takes_any:
            made.append(inspect.Parameter("data", inspect.Parameter.VAR_POSITIONAL))
            keyword = inspect.Parameter.KEYWORD_ONLY
        made += [inspect.Parameter(name, keyword, default=None) for name in self.inputs]
        for name, param in self.params.items():
            if name.isidentifier() and name not in self.inputs and name != self.count_param:
                made.append(inspect.Parameter(name, keyword, default=_Default(param)))
        made += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None)
            for name in extra
            if name not in self.params
        ]
        made.append(inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD))
        return inspect.Signature(made)

    def document(self, kind, extra):
        """numpydoc: inputs, parameters with type, default and meaning, and what comes out."""
        lines = [self.doc, "", "Parameters", "----------"]
        if self.takes_any:
            number = "their number is `%s`." % self.count_param
            lines += [
                "*data : %s" % kind,
                "    The inputs; " + (number if self.count_param else "as the operator lists them."),
            ]
        for name in self.inputs:
            lines += ["%s : %s" % (name, kind)]
        for name, param in self.params.items():
            if name != self.count_param:
                rest = "required" if param["required"] else "default %s" % param["default"]
                lines += ["%s : %s, %s" % (name, param["type"], rest), "    " + param["doc"]]
        for name, meaning in extra.items():
            lines += ["%s : %s" % (name, meaning)]
        return "\n".join(lines + ["", "Returns", "-------", kind])


get_operator = functools.lru_cache(maxsize=None)(Operator)


class _Default:
    """A default in a signature, printed as the operator declares it."""

    def __init__(self, param):
        self.text = "<required>" if param["required"] else param["default"] or "''"

    def __repr__(self):
        return self.text


def make_function(name, kind, extra, call, module):
    """A function for operator `name`; `call(operator, args, kwargs)` does the work."""
    operator = get_operator(name)

    def function(*args, **kwargs):
        return call(operator, args, kwargs)

    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    function.__doc__ = operator.document(kind, extra)
    function.__signature__ = operator.signature(extra)
    return function


def Prefixed(owner, prefix, make):  # noqa: N802  reads as a kind of module
    """`__getattr__` and `__dir__` of module `owner`, which has the operators of a prefix."""
    made = {}

    def get(name):
        if name not in made:
            if name.startswith("__") or not has_operator(prefix + name):
                raise AttributeError("There is no operator %r in %s." % (name, owner))
            made[name] = make(prefix + name)
        return made[name]

    def names():
        return sorted(op[len(prefix) :] for op in operator_names() if op.startswith(prefix))

    return get, names


def namespace(owner, values, make, own, former=lambda name: None):
    """`__getattr__` and `__dir__` of module `owner`, which gives operators as functions. `values`
    are the module's globals, `own` its other public names; `make(name)` makes an operator's
    function, `former(name)` gives what once was one and is a function of `_internal`."""

    class Operators(types.ModuleType):
        """Operators whose names begin with a prefix."""

        def __init__(self, name, prefixes):
            super().__init__("%s.%s" % (owner, name))
            self._prefixes = prefixes
            self._alone = NAMED_ALONE.get(name, {})

        def __getattr__(self, name):
            if not name.startswith("__"):
                known = [prefix + name for prefix in self.__dict__["_prefixes"]]
                for operator in known + [self.__dict__["_alone"].get(name, "")]:
                    if operator and has_operator(operator):
                        made = self.__dict__[name] = make(operator)
                        return made
                if "" in self.__dict__["_prefixes"] and (made := former(name)) is not None:
                    return made
            raise AttributeError("There is no operator %r in %s." % (name, self.__name__))

        def __dir__(self):
            return sorted(
                {
                    name[len(prefix) :]
                    for prefix in self._prefixes
                    for name in operator_names()
                    if name.startswith(prefix)
                }
                | set(self._alone)
            )

    def get(name):
        made = None
        if name == "_internal":
            made = Operators(name, [""])
        elif name in NAMESPACES and any(
            op.startswith(NAMESPACES[name][0]) for op in operator_names()
        ):
            made = Operators(name, NAMESPACES[name])
        elif not name.startswith("__") and has_operator(name):
            made = make(name)
        if made is None:
            raise AttributeError(
                "module %r has no attribute %r" % (owner, name), name=name, obj=sys.modules[owner]
            )
        values[name] = made
        return made

    def names():
        spaces = {
            name
            for name, prefix in NAMESPACES.items()
            if any(op.startswith(prefix[0]) for op in operator_names())
        }
        return sorted(
            {
                *own,
                *spaces,
                "_internal",
                *(name for name in operator_names() if not name.startswith("_")),
            }
        )

    return get, names
