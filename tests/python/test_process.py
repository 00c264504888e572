"""A process as a whole: what import starts, and how it ends."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import treadle as mx

TRAIN = """
import numpy as np, treadle as mx
net = mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=100)
net = mx.sym.SoftmaxOutput(net, name='softmax')
exe = net.simple_bind(mx.cpu(), data=(500, 300))
exe.forward(is_train=True); exe.backward()
"""


def run(program, *options, **environment):
    return subprocess.run(
        [sys.executable, *options, '-c', program],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


def check(result):
    assert (result.returncode, result.stderr) == (0, ''), result.stderr
    return result.stdout


def test_import_starts_no_thread():
    # numpy's own BLAS may start some, so they are there before.
    program = """if True:
        import os, numpy
        before = set(os.listdir('/proc/self/task'))
        import treadle
        print(len(set(os.listdir('/proc/self/task')) - before))"""
    assert check(run(program)) == '0\n'


@pytest.mark.parametrize('kind', ['threaded', 'serial'])
def test_exit_with_queued_work(kind):
    """Nothing is reported: no leaked object, no lost task, no hang."""
    program = (
        TRAIN
        + "for _ in range(20): exe.forward(is_train=True); exe.backward()\nprint(mx.engine.kind())"
    )
    assert check(run(program, TREADLE_ENGINE=kind)) == kind + '\n'


@pytest.mark.parametrize('kind', ['threaded', 'serial'])
def test_exit_while_a_daemon_thread_computes(kind):
    """The thread is in the middle of any call when the interpreter goes."""
    program = TRAIN + """if True:
        import threading, time
        started = threading.Event()
        def work():
            other = net.simple_bind(mx.cpu(), data=(20, 300))
            while True:
                other.forward(is_train=True, data=np.ones((20, 300))); other.backward()
                other.outputs[0].asnumpy()
                (mx.nd.ones((10, 10)) * 2 + 1).wait_to_read()
                started.set()
        for _ in range(3):
            threading.Thread(target=work, daemon=True).start()
        started.wait()
        time.sleep(0.01)
        print('end')"""
    for _ in range(8):
        assert check(run(program, TREADLE_ENGINE=kind)) == 'end\n'


CUSTOM = """
import treadle as mx

class Twice(mx.operator.CustomOp):
    def forward(self, is_train, req, in_data, out_data, aux):
        self.assign(out_data[0], req[0], in_data[0] * 2)

@mx.operator.register('twice')
class TwiceProp(mx.operator.CustomOpProp):
    def create_operator(self, ctx, shapes, dtypes):
        return Twice()

exe = mx.sym.Custom(mx.sym.Variable('x'), op_type='twice').simple_bind(mx.cpu(), x=(2,))
exe.arg_dict['x'][:] = 3
"""


@pytest.mark.parametrize('holder', ['mine = exe', 'Twice.mine = exe'])
def test_exit_with_an_executor_that_its_operator_reaches(holder):
    """By the globals of its functions, or directly: a circle through the engine, and no leak."""
    program = CUSTOM + holder + "\nexe.forward()\nprint(exe.outputs[0].asnumpy())"
    assert check(run(program)) == '[6. 6.]\n'


def test_a_custom_operator_that_is_run_as_the_interpreter_ends_is_refused():
    program = """if True:
        import atexit
        def late():
            exe.forward()
            try:
                exe.outputs[0].asnumpy()
            except mx.MXNetError as error:
                print(error)
        atexit.register(late)
        """ + CUSTOM.replace('\n', '\n        ')
    assert 'after the interpreter has begun to end' in check(run(program))


SLOW = """
import os, signal, threading, time, treadle as mx

class Slow(mx.operator.CustomOp):
    def forward(self, is_train, req, in_data, out_data, aux):
        time.sleep(0.4)
        self.assign(out_data[0], req[0], in_data[0] + 1)

@mx.operator.register('slow')
class SlowProp(mx.operator.CustomOpProp):
    def create_operator(self, ctx, shapes, dtypes):
        return Slow()

def interrupted_after(wait):
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    start = time.perf_counter()
    try:
        wait()
    except KeyboardInterrupt:
        return time.perf_counter() - start
"""


@pytest.mark.parametrize('wait', ['slow.asnumpy()', 'slow.wait_to_read()', 'mx.nd.waitall()'])
@pytest.mark.parametrize('kind', ['threaded', 'replay:1'])
def test_ctrl_c_ends_a_wait(wait, kind):
    """Promptly: also where the thread that waits is the one that runs the callback."""
    program = SLOW + """if True:
        slow = mx.nd.ones((2,))
        for _ in range(8):
            slow = mx.nd.Custom(slow, op_type='slow')
        seconds = interrupted_after(lambda: %s)
        assert seconds < 2, seconds
        # The engine is of use still.
        print((mx.nd.ones((2,)) + 1).asnumpy())
        try:
            mx.nd.waitall()
        except mx.MXNetError as error:
            assert 'KeyboardInterrupt' in str(error), error""" % wait
    assert check(run(program, TREADLE_ENGINE=kind)) == '[2. 2.]\n'


def test_a_signal_handler_that_returns_does_not_end_a_wait():
    program = SLOW + """if True:
        seen = []
        signal.signal(signal.SIGINT, lambda *_: seen.append(1))
        slow = mx.nd.Custom(mx.nd.Custom(mx.nd.ones((2,)), op_type='slow'), op_type='slow')
        assert interrupted_after(slow.asnumpy) is None
        print(seen, slow.asnumpy())"""
    assert check(run(program)) == '[1] [3. 3.]\n'


FORK = """
import os, numpy as np, treadle as mx

def train(steps=3):
    mx.random.seed(3)
    random = np.random.RandomState(0)
    net = mx.sym.Convolution(mx.sym.Variable('data'), kernel=(5, 5), num_filter=8, name='conv1')
    net = mx.sym.Pooling(mx.sym.Activation(net, act_type='tanh'), pool_type='max', kernel=(2, 2),
                         stride=(2, 2))
    net = mx.sym.FullyConnected(mx.sym.Flatten(net), num_hidden=10, name='fc1')
    net = mx.sym.SoftmaxOutput(net, name='softmax')
    exe = net.simple_bind(mx.cpu(), data=(8, 1, 28, 28))
    for array in exe.arg_arrays:
        array[:] = random.uniform(-0.1, 0.1, array.shape)
    for _ in range(steps):
        exe.forward(is_train=True); exe.backward()
        for name in ('conv1_weight', 'fc1_weight'):
            weight = exe.arg_dict[name]
            mx.nd.sgd_update(weight, exe.grad_dict[name], lr=0.1, out=weight)
    return exe.arg_dict['conv1_weight'].asnumpy()

def child_agrees(expected):
    pid = os.fork()
    if pid == 0:
        os._exit(0 if np.array_equal(train(), expected) else 1)
    return os.waitpid(pid, 0)[1] == 0
"""


def test_a_forked_child_trains():
    check(run(FORK + """if True:
        expected = train()
        for _ in range(3):
            assert child_agrees(expected)
        assert np.array_equal(train(), expected)"""))


def test_the_child_of_a_busy_parent_trains():
    check(run(FORK + """if True:
        expected = train()
        busy = mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=500, name='fc')
        busy = busy.simple_bind(mx.cpu(), data=(500, 500))
        for _ in range(4):
            for _ in range(20):
                busy.forward(is_train=True); busy.backward(mx.nd.ones((500, 500)))
            assert child_agrees(expected)
        mx.nd.waitall()"""))


@pytest.mark.parametrize(
    'end',
    [
        "raise SystemExit(0)",
        "del net",
        "mx.keep = [net, exe, exe.outputs]",
        "exe.self = exe",
        "import sys; sys.last = (exe, mx.sym.Convolution, mx.nd.concat)",
        "import os; os._exit(0)",
    ],
)
def test_exit_reports_nothing(end):
    check(run(TRAIN + end, '-X', 'dev'))


def test_uncaught_error_ends_as_python_does():
    result = run("import treadle as mx\nmx.sym.FullyConnected(num_hidden=0)")
    assert (
        result.returncode == 1
        and 'treadle.base.MXNetError: FullyConnected: num_hidden is 0' in result.stderr
    )
    assert 'nanobind' not in result.stderr


def test_engines_give_the_same_bits():
    program = TRAIN + """if True:
        mx.random.seed(3)
        rng = np.random.RandomState(1)
        for name, array in exe.arg_dict.items():
            label = 'label' in name
            array[:] = rng.randint(100, size=500) if label else rng.randn(*array.shape)
        for _ in range(5):
            exe.forward(is_train=True); exe.backward()
            for name in exe.arg_dict:
                if 'fully' in name: exe.arg_dict[name] -= exe.grad_dict[name] * 0.01
        print(exe.outputs[0].asnumpy().tobytes().hex())"""
    outputs = {check(run(program, TREADLE_ENGINE=kind)) for kind in ('threaded', 'serial')}
    assert len(outputs) == 1


def test_threads_with_executors_of_their_own():
    net = mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=20, name='fc')
    weight, bias = mx.nd.array(np.random.RandomState(0).randn(20, 30)), mx.nd.zeros((20,))
    results, errors = {}, []

    def work(number):
        try:
            exe = net.bind(
                mx.cpu(), {'data': mx.nd.zeros((10, 30)), 'fc_weight': weight, 'fc_bias': bias}
            )
            for step in range(30):
                exe.forward(data=np.full((10, 30), number + step))
                results[number, step] = exe.outputs[0].asnumpy()
            with mx.name.Prefix('t%d_' % number), mx.AttrScope(thread=str(number)):
                made = mx.sym.Flatten(mx.sym.Variable('x'), name='f')
                assert made.name == 't%d_f' % number and made.attr('thread') == str(number)
        except Exception as error:  # shown below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    sums = weight.asnumpy().sum(axis=1)
    for (number, step), output in results.items():
        np.testing.assert_allclose(
            output, np.tile((number + step) * sums, (10, 1)), rtol=1e-4, atol=1e-3
        )
    assert len(results) == 180


def test_scopes_of_one_thread_do_not_reach_another():
    seen = []
    with mx.AttrScope(outer='1'), mx.Context('cpu', 3), mx.name.Prefix('p_'):
        thread = threading.Thread(
            target=lambda: seen.append(
                (
                    mx.sym.Variable('x').attr('outer'),
                    mx.current_context(),
                    mx.sym.Flatten(mx.sym.Variable('x')).name,
                )
            )
        )
        thread.start()
        thread.join()
    assert seen == [(None, mx.cpu(0), 'flatten0')]


def test_other_threads_run_while_one_waits():
    net = mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=2000, name='fc')
    exe = net.simple_bind(mx.cpu(), grad_req='null', data=(2000, 2000))
    exe.forward()[0].wait_to_read()
    go, ran = threading.Event(), []

    def other():
        go.wait()
        ran.append(True)

    thread = threading.Thread(target=other)
    thread.start()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(100)  # from here the interpreter changes hands only when it is given away
    try:
        exe.forward()
        go.set()
        exe.outputs[0].wait_to_read()
        assert ran == [True]
    finally:
        sys.setswitchinterval(interval)
        thread.join()
