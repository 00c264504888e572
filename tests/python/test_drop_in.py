"""MXNet's names: modules, scripts, switches, and what is refused with a sentence."""

import os
import subprocess
import sys
import textwrap

import pytest

import treadle as mx


def test_modules_of_operators_under_their_first_names():
    assert mx._symbol_internal is mx.sym._internal
    x = mx.nd.full((2,), 3)
    assert mx._ndarray_internal._plus_scalar(x, scalar=1).asnumpy().tolist() == [4, 4]


def run(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_mxnet_is_another_name_for_the_package():
    result = run(
        """
        import treadle
        treadle.install_as_mxnet()
        treadle.install_as_mxnet()
        import mxnet as mx
        import mxnet.symbol, mxnet.nd, mxnet.ndarray.ndarray, mxnet.io as io
        from mxnet.module.base_module import BaseModule
        from mxnet.sym import Variable
        assert mx is treadle and mx.sym is treadle.symbol and io is treadle.io
        assert BaseModule is treadle.mod.BaseModule
        assert treadle.symbol.__name__ == "treadle.symbol"
        try:
            import mxnet.gluon
        except ModuleNotFoundError:
            print("fine")
        """
    )
    assert result.stdout == "fine\n", result.stderr


def test_a_script_runs_with_its_arguments(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, mxnet\nimport beside\nprint(mxnet.__name__, __name__, sys.argv[1:])\n"
    )
    (tmp_path / "beside.py").write_text("")
    result = subprocess.run(
        [sys.executable, "-m", "treadle.mxnet", str(script), "a", "b"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.stdout == "treadle __main__ ['a', 'b']\n", result.stderr
    missing = subprocess.run(
        [sys.executable, "-m", "treadle.mxnet", "gone.py"], capture_output=True, text=True
    )
    assert missing.returncode == 2 and "no script gone.py" in missing.stderr


def test_import_starts_no_thread_and_loads_little():
    result = run(
        """
        import os, sys, time
        import numpy
        start = time.process_time()
        import treadle
        spent = time.process_time() - start
        assert len(os.listdir("/proc/self/task")) == 1, "a thread was started"
        late = [name for name in ("module", "metric", "rnn", "optimizer", "io")
                if "treadle." + name in sys.modules]
        assert not late, late
        # Processor time, so that a busy machine does not fail it; a tenth of a second is the aim.
        assert spent < 0.5, spent
        print("fine")
        """
    )
    # numpy's own BLAS threads are not ours to count.
    assert "fine" in result.stdout or "a thread" in result.stderr and _numpy_threads(), result.stderr


def _numpy_threads():
    return int(run('import os, numpy; print(len(os.listdir("/proc/self/task")))').stdout) > 1


def test_every_module_can_be_had():
    for name in sorted(mx._MODULES | set(mx._LAZY)):
        assert getattr(mx, name).__doc__
    assert set(dir(mx)) >= mx._MODULES
    with pytest.raises(AttributeError, match="no attribute 'gluon'"):
        mx.gluon


def test_what_is_not_there_says_so():
    for call, sentence in (
        (lambda: mx.rtc.CudaModule("source"), "CustomOp"),
        (lambda: mx.rtc.CudaKernel(), "CustomOp"),
        (lambda: mx.rtc.Rtc("a", [], [], ""), "at run time"),
        (lambda: mx.util.set_np(), "numpy mode"),
        (lambda: mx.np_array(), "np_array is switched on"),
        (mx.use_np(lambda: None), "numpy mode"),
        (lambda: mx.nd.sparse.csr_matrix([1]), "no sparse arrays"),
        (lambda: mx.nd.zeros((1,), stype="csr"), "no sparse arrays"),
        (lambda: mx.nd.ones((1,)).tostype("row_sparse"), "no sparse arrays"),
        (lambda: mx.sym.Variable("x").gradient(["x"]), "bound and run"),
    ):
        with pytest.raises(mx.MXNetError, match=sentence):
            call()
    with pytest.raises(mx.base.NotImplementedForSymbol, match="asnumpy is not defined"):
        mx.sym.Variable("x").asnumpy()


def test_environment_and_switches():
    with mx.util.environment({"TREADLE_TEST_A": "1", "TREADLE_TEST_B": None}):
        assert mx.util.getenv("TREADLE_TEST_A") == "1"
    assert mx.util.getenv("TREADLE_TEST_A") is None
    assert not mx.util.is_np_array() and not mx.util.is_np_shape()
    with mx.util.environment({"MXNET_HOME": "/somewhere"}):
        assert mx.base.data_dir() == "/somewhere"
    with mx.util.environment({"MXNET_HOME": None}):
        assert mx.base.data_dir() == mx.base.data_dir_default() == os.path.expanduser("~/.mxnet")
    with mx.engine.bulk(10):
        assert mx.engine.set_bulk_size(10) == 10
    assert mx.runtime.Features().is_enabled("int64_tensor_size")
    assert os.path.exists(mx.libinfo.find_lib_path()[0])


def test_a_registry():
    class Base:
        def __init__(self, number=0):
            self.number = number

    register = mx.registry.get_register_func(Base, "thing")
    create = mx.registry.get_create_func(Base, "thing")

    @register
    class Thing(Base):
        pass

    mx.registry.get_alias_func(Base, "thing")("other")(Thing)
    assert create("thing", 3).number == 3 and create('["other", {"number": 4}]').number == 4
    assert create(thing="thing").number == 0
    with pytest.raises(ValueError, match="no thing 'none'; there are other, thing"):
        create("none")


def test_a_table_and_a_picture_of_a_graph(capsys):
    net = mx.sym.Convolution(mx.sym.Variable("data"), kernel=(3, 3), num_filter=4, name="conv")
    net = mx.sym.FullyConnected(mx.sym.Flatten(net), num_hidden=10, name="fc")
    net = mx.sym.SoftmaxOutput(net, name="softmax")
    total = mx.viz.print_summary(net, {"data": (1, 2, 5, 5)})
    # 3 * 3 * 2 * 4 + 4 of the convolution, 4 * 3 * 3 * 10 + 10 of the layer.
    assert total == 76 + 370
    shown = capsys.readouterr().out
    assert "conv (Convolution)" in shown and "Total params: 446" in shown
    assert "Total multiply-adds: %d" % (72 * 9 + 360) in shown
    dot = mx.viz.plot_network(net, shape={"data": (1, 2, 5, 5)})
    assert "conv" in dot.source and "conv_weight" not in dot.source and "4x3x3" in dot.source
    assert "conv_weight" in mx.viz.plot_network(net, hide_weights=False).source


def test_a_profile_of_the_programs_own_spans(tmp_path):
    import json

    path = str(tmp_path / "profile.json")
    mx.profiler.set_config(filename=path, aggregate_stats=True)
    mx.profiler.set_state("run")
    domain = mx.profiler.Domain("mine")
    with domain.new_task("work"):
        mx.nd.ones((2,)).asnumpy()
    counter = domain.new_counter("count", 3)
    counter += 2
    domain.new_marker("here").mark("process")
    text = mx.profiler.dumps()
    assert "mine::work" in text and "mine::count" in text
    mx.profiler.dump()
    with open(path) as file:
        events = json.load(file)["traceEvents"]
    assert {"work", "count", "here"} <= {event["name"] for event in events}
    json.loads(mx.profiler.dumps(reset=True, format="json"))
    with pytest.raises(ValueError, match="no option 'colour'"):
        mx.profiler.set_config(colour=1)
    with pytest.raises(ValueError, match="'run' or 'stop'"):
        mx.profiler.set_state("go")
