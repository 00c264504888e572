"""The package as a whole: what importing it costs, and what editors read of it."""

import ast
import os
import subprocess
import sys

import pytest

import treadle as mx

FOLDER = os.path.dirname(mx.__file__)


def run(program):
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_import_takes_a_tenth_of_a_second_beyond_numpy():
    # Time of the processor, and the least of several: other programs must not count.
    program = (
        "import time, numpy; begin = time.process_time(); import treadle; "
        "print(time.process_time() - begin)"
    )
    assert min(float(run(program)) for _ in range(5)) <= 0.1


def test_import_starts_no_thread():
    program = (
        "import numpy, os; count = lambda: len(os.listdir('/proc/self/task')); before = count(); "
        "import treadle; print(count() - before)"
    )
    assert run(program).strip() == "0"


@pytest.mark.parametrize("part", ["symbol", "ndarray"])
def test_stubs_have_every_operator_with_its_parameters(part):
    assert os.path.exists(os.path.join(FOLDER, "py.typed"))
    with open(os.path.join(FOLDER, part, "__init__.pyi")) as file:
        stub = ast.parse(file.read())
    functions = {node.name: node for node in stub.body if isinstance(node, ast.FunctionDef)}
    module = getattr(mx, part)
    operators = [name for name in dir(module) if mx._treadle.has_operator(name)]
    assert len(operators) > 200 and not set(operators) - set(functions)
    convolution = functions["Convolution"]
    named = [argument.arg for argument in convolution.args.args]
    assert named[:3] == ["data", "weight", "bias"] and "kernel" in named
    assert "Extents of the kernel" in ast.get_docstring(convolution)
    assert any(isinstance(node, ast.ClassDef) and node.name == "Symbol" for node in stub.body) == (
        part == "symbol"
    )


def test_stubs_have_the_signs_and_methods_that_operators_give():
    for file, one in ("_symbol_arithmetic", mx.sym.Variable("x")), (
        "_array_arithmetic",
        mx.nd.ones((1,)),
    ):
        with open(os.path.join(FOLDER, file + ".pyi")) as text:
            tree = ast.parse(text.read())
        (arithmetic,) = (node for node in tree.body if isinstance(node, ast.ClassDef))
        methods = {node.name for node in arithmetic.body if isinstance(node, ast.FunctionDef)}
        assert {"__add__", "__rsub__", "__lt__", "sum", "softmax"} <= methods
        assert all(hasattr(one, name) for name in methods)


def test_help_shows_what_an_operator_declares():
    shown = run("import treadle as mx; help(mx.sym.Convolution)")
    assert "num_filter : int, required" in shown and "Channels of the output." in shown


def test_the_folder_for_cmake_is_there_or_none():
    found = mx.get_cmake_dir()
    assert found is None or os.path.exists(os.path.join(found, "treadle-config.cmake"))


def test_helpers_of_classes_and_documentation():
    base = mx.base

    class Meta(type):
        def __init__(cls, name, bases, namespace):
            super().__init__(name, bases, namespace)
            cls.made = name

    class Made(base.with_metaclass(Meta, dict)):
        @base.classproperty
        def shown(cls):
            """Its words."""
            return cls.made

    assert Made.shown == Made().shown == "Made" and isinstance(Made(), dict)
    made = base.build_param_doc(["a", "num_args", "a", "b"], ["int"] * 4, ["What.", "", "No.", ""])
    assert made == "Parameters\n----------\na : int\n    What.\nb : int\n"
    assert "No." in base.build_param_doc(["a", "a"], ["int"] * 2, ["What.", "No."], False)
    error = base.NotSupportedForSparseNDArray(run, "go", mx.nd.ones((1,)))
    assert str(error) == "run (go) is not defined for sparse arrays, given NDArray."
    assert mx.util.set_module("elsewhere")(Made).__module__ == "elsewhere"
    assert mx.util.set_module(None)(Made).__module__ == "elsewhere"


def test_what_is_not_known_of_accelerators_is_said():
    with pytest.raises(mx.MXNetError, match=r"memory of gpu\(1\).*not reported"):
        mx.context.gpu_memory_info(1)
    with pytest.raises(mx.MXNetError, match=r"capability of gpu\(0\) is not reported"):
        mx.util.get_cuda_compute_capability(mx.gpu(0))
    with pytest.raises(ValueError, match="a gpu is expected"):
        mx.npx.get_cuda_compute_capability(mx.cpu())
