"""The same bits from every engine: operators in Python, random numbers, imperative calls."""

import os
import subprocess
import sys

import pytest

PROGRAM = """if True:
    import hashlib
    import numpy as np
    import treadle as mx

    class Scale(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            # A number of the library's and one that counts the calls.
            aux[0][:] = aux[0] + 1
            noise = mx.nd.random_uniform(0, 1, shape=in_data[0].shape)
            self.assign(out_data[0], req[0], in_data[0] * aux[0] + 0.01 * noise)

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            self.assign(in_grad[0], req[0], out_grad[0] * aux[0])

    @mx.operator.register("engines_scale")
    class ScaleProp(mx.operator.CustomOpProp):
        def list_auxiliary_states(self):
            return ["calls"]
        def infer_shape(self, shapes):
            return shapes, shapes, [(1,)]
        def create_operator(self, ctx, shapes, dtypes):
            return Scale()

    class Shift(mx.operator.NumpyOp):
        def forward(self, in_data, out_data):
            out_data[0][:] = in_data[0] + 1
        def backward(self, out_grad, in_data, out_data, in_grad):
            in_grad[0][:] = 2 * out_grad[0]

    digest = hashlib.sha256()
    def note(*arrays):
        for array in arrays:
            digest.update(array.asnumpy().tobytes())

    mx.random.seed(42)
    net = mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=32, name='fc1')
    net = mx.sym.Dropout(mx.sym.Activation(net, act_type='tanh'), p=0.5)
    net = mx.sym.Custom(net, op_type='engines_scale', name='scale')
    net = Shift(need_top_grad=True)(net, name='shift')
    net = mx.sym.LeakyReLU(net, act_type='rrelu')[0]
    net = mx.sym.SoftmaxOutput(mx.sym.FullyConnected(net, num_hidden=5, name='fc2'), name='softmax')
    exe = net.simple_bind(mx.cpu(), data=(20, 10))
    for name, array in sorted(exe.arg_dict.items()):
        if name != 'softmax_label':
            array[:] = mx.nd.random_normal(0, 0.1, shape=array.shape)
    exe.arg_dict['softmax_label'][:] = np.arange(20) % 5
    for step in range(3):
        exe.forward(is_train=True)
        exe.backward()
        for name, gradient in sorted(exe.grad_dict.items()):
            weight = exe.arg_dict[name]
            mx.nd.sgd_update(weight, gradient, lr=0.1, out=weight)
    note(*exe.outputs, *exe.arg_arrays, *exe.grad_arrays, *exe.aux_arrays)
    assert exe.aux_dict['scale_calls'].asnumpy()[0] == 3

    # Many calls in flight, whose numbers are drawn in the order of the calls.
    drawn = [mx.nd.random_gamma(2.0, 1.0, shape=(100,)) for _ in range(10)]
    drawn += [mx.nd.shuffle(mx.nd.arange(50)), mx.nd.random_poisson(3, shape=(40,))]
    drawn += [mx.nd.sample_multinomial(mx.nd.array([[0.2, 0.3, 0.5]]), shape=30)]
    note(*drawn)

    a = mx.nd.array(np.linspace(-1, 1, 60).reshape(6, 10))
    a.attach_grad()
    with mx.autograd.record():
        b = mx.nd.Custom(mx.nd.Dropout(a, p=0.3), mx.nd.zeros((1,)), op_type='engines_scale')
        c = (b * b).sum()
    c.backward()
    note(a.grad, b, c)
    print(digest.hexdigest())"""


def digest(engine, **environment):
    result = subprocess.run(
        [sys.executable, '-c', PROGRAM],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, 'TREADLE_ENGINE': engine, **environment},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope='module')
def expected():
    return digest('serial')


@pytest.mark.parametrize('engine', ['threaded', 'replay:1', 'replay:77'])
def test_python_operators_and_random_numbers_do_not_depend_on_the_engine(engine, expected):
    assert digest(engine) == expected


def test_nor_on_the_number_of_threads(expected):
    assert digest('threaded', TREADLE_NUM_THREADS='4') == expected
