"""Contexts of accelerators: emulated ones, in processes that ask for them."""

import os
import subprocess
import sys

import numpy as np
import pytest

import treadle as mx

PROGRAM = """
import contextlib
import numpy as np
import treadle as mx

def lenet():
    net = mx.sym.Variable('data')
    with mx.AttrScope(ctx_group='first'):
        net = mx.sym.Convolution(net, kernel=(5, 5), num_filter=8, name='conv1')
        net = mx.sym.Activation(net, act_type='tanh', name='tanh1')
        net = mx.sym.Pooling(net, pool_type='max', kernel=(2, 2), stride=(2, 2), name='pool1')
    with mx.AttrScope(ctx_group='second'):
        net = mx.sym.FullyConnected(mx.sym.Flatten(net), num_hidden=30, name='fc1')
        net = mx.sym.Dropout(net, p=0.3, name='drop1')
        net = mx.sym.FullyConnected(net, num_hidden=10, name='fc2')
        return mx.sym.SoftmaxOutput(net, name='softmax')

def train(ctx, group2ctx=None, use_bind=False):
    mx.random.seed(3)
    random = np.random.RandomState(0)
    net = lenet()
    shapes = {'data': (8, 1, 28, 28), 'softmax_label': (8,)}
    exe = net.simple_bind(ctx, grad_req='write', group2ctx=group2ctx, **shapes)
    if use_bind:
        exe = net.bind(ctx, exe.arg_arrays, exe.grad_arrays, group2ctx=group2ctx)
    inputs = ('data', 'softmax_label')
    for name, array in exe.arg_dict.items():
        if name not in inputs:
            array[:] = random.uniform(-0.1, 0.1, array.shape)
    for _ in range(3):
        exe.forward(is_train=True, data=random.uniform(0, 1, shapes['data']),
                    softmax_label=random.randint(0, 10, (8,)))
        exe.backward()
        for name, array in exe.arg_dict.items():
            if name not in inputs:
                mx.nd.sgd_update(array, exe.grad_dict[name], lr=0.01, out=array)
    return exe

def values(exe):
    return {name: array.asnumpy() for name, array in exe.arg_dict.items()}

def check(exe, expected):
    for name, value in values(exe).items():
        assert np.array_equal(value, expected[name]), name
"""


def run(program, **environment):
    environment.setdefault('TREADLE_EMULATED_GPUS', '2')
    result = subprocess.run(
        [sys.executable, '-c', PROGRAM + program],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )
    assert (result.returncode, result.stderr) == (0, ''), result.stderr
    return result.stdout


def test_lenet_trains_on_devices_with_the_numbers_of_the_host():
    run(
        """
expected = values(train(mx.cpu()))
check(train(mx.gpu(0)), expected)
exe = train(mx.gpu(0), {'first': mx.gpu(0), 'second': mx.gpu(1)})
check(exe, expected)
assert exe.arg_dict['conv1_weight'].context == mx.gpu(0)
assert exe.arg_dict['fc1_weight'].context == mx.gpu(1)
assert exe.outputs[0].context == mx.gpu(1)
check(train(mx.gpu(0), {'first': mx.gpu(0), 'second': mx.gpu(1)}, use_bind=True), expected)
check(train(mx.cpu(), {'first': mx.cpu(), 'second': mx.gpu(1)}), expected)
smaller = exe.reshape(data=(4, 1, 28, 28), softmax_label=(4,))
smaller.forward()
assert smaller.outputs[0].asnumpy().shape == (4, 10)
assert smaller.outputs[0].context == mx.gpu(1)
"""
    )


def test_arrays_move_between_contexts():
    run(
        """
assert mx.num_gpus() == 2
with mx.Context('gpu', 1):
    a = mx.nd.ones((2, 3))
assert a.context == mx.gpu(1)
b = (a * 2 + 1).as_in_context(mx.gpu(0))
assert b.context == mx.gpu(0) and (b.asnumpy() == 3).all()
assert b.as_in_context(mx.gpu(0)) is b
c = mx.nd.zeros((2, 3))
b.copyto(c)
assert (c.asnumpy() == 3).all()
b[1] = 7
assert b.asnumpy().tolist() == [[3, 3, 3], [7, 7, 7]]
assert mx.nd.array([1, 2], ctx=mx.gpu(1)).asnumpy().tolist() == [1, 2]
import pickle
d = pickle.loads(pickle.dumps(b))
assert d.context == mx.gpu(0) and (d.asnumpy() == b.asnumpy()).all()
try:
    a + b
    raise SystemExit('arrays of two devices are added')
except mx.MXNetError as error:
    assert 'is on gpu(0)' in str(error), error
"""
    )


def test_random_numbers_are_those_of_the_host():
    run(
        """
def draw(ctx):
    mx.random.seed(9)
    exe = mx.sym.Dropout(mx.sym.Variable('x'), p=0.5).simple_bind(ctx, x=(100,))
    exe.arg_dict['x'][:] = 1
    exe.forward(is_train=True)
    return exe.outputs[0].asnumpy()
assert np.array_equal(draw(mx.cpu()), draw(mx.gpu(0)))
"""
    )


def test_a_process_may_end_with_work_on_a_device():
    for engine in ('threaded', 'serial'):
        run(
            "exe = train(mx.gpu(0)); exe.forward(is_train=True); exe.backward()",
            TREADLE_ENGINE=engine,
            TREADLE_EMULATED_DELAY_US='3000',
        )


def test_a_wrong_number_of_devices_is_an_error():
    run(
        """
try:
    mx.nd.zeros((1,), ctx=mx.gpu(0))
    raise SystemExit('no error')
except mx.MXNetError as error:
    assert "TREADLE_EMULATED_GPUS is 'two'; expected a number of devices" in str(error), error
""",
        TREADLE_EMULATED_GPUS='two',
    )


@pytest.mark.skipif(mx.num_gpus() > 0, reason='this process has accelerators')
def test_without_accelerators_their_contexts_are_refused():
    net = mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=2)
    for use in (
        lambda: mx.nd.zeros((1,), ctx=mx.gpu(0)),
        lambda: net.simple_bind(mx.gpu(0), data=(2, 3)),
        lambda: mx.nd.zeros((1,)).as_in_context(mx.gpu(0)),
    ):
        with pytest.raises(mx.MXNetError, match=r'gpu\(0\): there is no such device; this process '
                                                r'has no accelerator'):
            use()
    assert np.array_equal(mx.nd.zeros((1,)).asnumpy(), [0])
