#!/usr/bin/env python3
"""Writes the stubs of treadle.symbol and treadle.ndarray: their own names, read from the sources, and
a function for each operator, as it is declared.

usage: tools/generate_stubs.py MODULE SOURCES FOLDER
    MODULE is the built _treadle, SOURCES the package's Python files; stubs are written to FOLDER.
"""

import ast
import importlib.machinery
import importlib.util
import keyword
import os
import sys
import textwrap

NAMESPACES = {"contrib": "_contrib_", "linalg": "_linalg_"}
HEAD = """# Generated from the operators' declarations.
from collections.abc import Sequence
from typing import Any

"""


def load(path):
    loader = importlib.machinery.ExtensionFileLoader("_treadle", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("_treadle", loader))
    loader.exec_module(module)
    return module


def is_name(name):
    return name.isidentifier() and not keyword.iskeyword(name)


def python_type(param):
    """What is given for a parameter; text stands for every type, as in files."""
    kind = param["type"]
    if param["choices"]:
        made = "str"
    elif kind.startswith("tuple of int"):
        made = "Sequence[int] | int | str"
    elif kind.startswith("tuple"):
        made = "Sequence[float] | float | str"
    elif kind.startswith("bool"):
        made = "bool | str"
    elif kind.startswith("int"):
        made = "int | str"
    elif kind.startswith("float"):
        made = "float | str"
    else:  # element types and text
        made = "Any"
    return made + " | None" if param["optional"] and made != "Any" else made


def operator_stub(name, declared, kind, is_method=False):
    """The text of a function, or of a method whose object is the first input. Inputs may be left
    out: they become variables, or are not needed."""
    inputs = declared["inputs"]
    given = []
    if declared["takes_list"] or declared["is_open"]:
        given.append("*data: %s" % kind)
        inputs = []
    given += ["%s: %s | None = None" % (one, kind) for one in inputs]
    if is_method:
        given[0] = "self"
    used = {*inputs, declared["count_param"]}
    for param in declared["params"]:
        if param["name"] not in used and is_name(param["name"]):
            given.append("%s: %s = ..." % (param["name"], python_type(param)))
            used.add(param["name"])
    more = {"name": "str | None"}
    more.update({"attr": "dict[str, str] | None"} if kind == "Symbol" else {"out": "Any"})
    if not given or not given[0].startswith("*"):
        given.append("*")
    given += ["%s: %s = None" % (one, type_) for one, type_ in more.items() if one not in used]
    lines = [declared["doc"], "", "Parameters", "----------"]
    lines += ["%s : %s" % (one, kind) for one in inputs]
    for param in declared["params"]:
        rest = "required" if param["required"] else "default %s" % param["default"]
        lines += ["%s : %s, %s" % (param["name"], param["type"], rest), "    " + param["doc"]]
    doc = "\n    ".join(line for line in lines).replace("\\", "\\\\").replace('"""', "'''")
    doc = "\n".join(line.rstrip() for line in doc.split("\n"))
    count = len(declared["outputs"])
    result = kind if kind == "Symbol" or count == 1 else "list[%s] | %s" % (kind, kind)
    return 'def %s(%s, **kwargs: Any) -> %s:\n    """%s\n    """\n' % (
        name,
        ", ".join(given),
        result,
        doc,
    )


def methods(path, declared, kind):
    """The stub of a module whose class Arithmetic gets its signs and methods from tables: dicts of
    signs, and the names in _FLUENT."""
    with open(path) as file:
        tree = ast.parse(file.read())
    values = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    signs = [
        key.value
        for value in values.values()
        if isinstance(value, ast.Dict)
        for key in value.keys
    ]
    fluent = ast.literal_eval(values["_FLUENT"].func.value).split()
    lines = ["    def %s(self, other: Any) -> Any: ...\n" % name for name in sorted(set(signs))]
    lines.append("    def __neg__(self) -> %s: ...\n" % kind)
    for name in fluent:
        if name in declared:
            text = operator_stub(name, declared[name], kind, is_method=True)
            lines.append(textwrap.indent(text, "    "))
    where = ".symbol" if kind == "Symbol" else "._array"
    return "%sfrom %s import %s\n\nclass Arithmetic:\n%s" % (HEAD, where, kind, "\n".join(lines))


def own_names(path):
    """A module's imports, classes, functions and values, as a stub has them, and their names."""
    with open(path) as file:
        tree = ast.parse(file.read())

    def without_body(node):
        if isinstance(node, ast.ClassDef):
            node.body = [without_body(one) for one in node.body if is_declared(one)] or [ellipsis()]
        elif isinstance(node, ast.FunctionDef):
            doc = node.body[:1] if ast.get_docstring(node) else []
            node.body = [*doc, ellipsis()]
        return node

    def ellipsis():
        return ast.Expr(ast.Constant(...))

    def is_declared(node):
        is_doc = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        return is_doc or isinstance(
            node, (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.Assign)
        )

    kept = [without_body(node) for node in tree.body if is_declared(node)]
    # Operators come below, one by one.
    kept = [node for node in kept if getattr(node, "name", "") not in ("__getattr__", "__dir__")]
    kept = [node for node in kept if not (isinstance(node, ast.Assign) and is_computed(node))]
    names = {node.name for node in kept if hasattr(node, "name")}
    return ast.unparse(ast.Module(kept, [])), names


def is_computed(node):
    return any(isinstance(one, (ast.Call, ast.ListComp)) for one in ast.walk(node.value))


def write(folder, name, text):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    ast.parse(text)  # a stub that cannot be read fails the build
    with open(path, "w") as file:
        file.write(text)


def main(library, sources, folder):
    module = load(library)
    declared = {
        name: module.describe_operator(name)
        for name in module.operator_names()
        if module.has_operator(name)
    }
    for name, kind in ("_symbol_arithmetic", "Symbol"), ("_array_arithmetic", "NDArray"):
        text = methods(os.path.join(sources, name + ".py"), declared, kind)
        write(folder, name + ".pyi", text)
    for part, kind in ("symbol", "Symbol"), ("ndarray", "NDArray"):
        own, taken = own_names(os.path.join(sources, part, "__init__.py"))
        here = os.path.join(folder, part)
        spaces = "".join("from . import %s as %s\n" % (one, one) for one in sorted(NAMESPACES))
        functions = [
            operator_stub(name, what, kind)
            for name, what in declared.items()
            if not name.startswith("_") and is_name(name) and name not in taken
        ]
        text = HEAD + spaces + own + "\n\n" + "\n".join(functions)
        write(here, "__init__.pyi", text + "\ndef __getattr__(name: str) -> Any: ...\n")
        for space, prefix in NAMESPACES.items():
            functions = [
                operator_stub(name[len(prefix) :], what, kind)
                for name, what in declared.items()
                if name.startswith(prefix) and is_name(name[len(prefix) :])
            ]
            write(here, space + ".pyi", HEAD + "from . import %s\n\n" % kind + "\n".join(functions))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
