"""MXNet's page on the symbolic API, statement by statement."""

import pickle

import treadle as mx


def mlp():
    net = mx.symbol.Variable('data')
    net = mx.symbol.FullyConnected(data=net, name='fc1', num_hidden=128)
    net = mx.symbol.Activation(data=net, name='relu1', act_type="relu")
    net = mx.symbol.FullyConnected(data=net, name='fc2', num_hidden=64)
    return mx.symbol.SoftmaxOutput(data=net, name='out')


def test_compose_layers():
    net = mlp()
    assert type(net) is mx.symbol.Symbol
    assert net.list_arguments() == [
        'data',
        'fc1_weight',
        'fc1_bias',
        'fc2_weight',
        'fc2_bias',
        'out_label',
    ]
    assert net.list_outputs() == ['out_output']


def test_add_symbols():
    a = mx.symbol.Variable('a')
    b = mx.symbol.Variable('b')
    c = a + b
    assert c.list_arguments() == ['a', 'b']
    exe = c.bind(mx.cpu(), {'a': mx.nd.ones((2,)), 'b': mx.nd.full((2,), 3)})
    assert exe.forward()[0].asnumpy().tolist() == [4, 4]


def test_attributes():
    data = mx.sym.Variable('data', attr={'mood': 'angry'})
    op = mx.sym.Convolution(
        data=data, name='conv', kernel=(1, 1), num_filter=1, attr={'mood': 'so so'}
    )
    assert data.attr('mood') == 'angry'
    assert op.list_attr() == {'mood': 'so so'}
    assert op.list_attr(recursive=True) == {
        'data_mood': 'angry',
        'conv_mood': 'so so',
        'conv_weight_mood': 'so so',
        'conv_bias_mood': 'so so',
    }


def test_attributes_with_weight_given():
    weight = mx.sym.Variable('crazy_weight', attr={'size': '5'})
    data = mx.sym.Variable('data', attr={'mood': 'angry'})
    op = mx.sym.Convolution(
        data=data, weight=weight, name='conv', kernel=(1, 1), num_filter=1, attr={'mood': 'so so'}
    )
    assert op.list_attr(recursive=True) == {
        'conv_mood': 'so so',
        'conv_bias_mood': 'so so',
        'crazy_weight_size': '5',
        'data_mood': 'angry',
    }


def test_attr_scope():
    data = mx.symbol.Variable('data')
    with mx.AttrScope(group='4', data='great'):
        fc1 = mx.symbol.Activation(data, act_type='relu')
        with mx.AttrScope(init_bias='0.0'):
            fc2 = mx.symbol.FullyConnected(fc1, num_hidden=10, name='fc2')
    assert fc1.attr('data') == 'great'
    assert fc2.attr('data') == 'great'
    assert fc2.attr('init_bias') == '0.0'
    assert fc1.attr('init_bias') is None
    assert mx.sym.Variable('outside').attr('group') is None


def test_serialization(tmp_path):
    path = str(tmp_path / 'symbol-c.json')
    a = mx.symbol.Variable('a')
    b = mx.symbol.Variable('b')
    c = a + b
    c.save(path)
    c2 = mx.symbol.load(path)
    assert c.tojson() == c2.tojson()
    assert pickle.loads(pickle.dumps(c)).tojson() == c.tojson()


def test_multiple_outputs():
    net = mx.symbol.Variable('data')
    fc1 = mx.symbol.FullyConnected(data=net, name='fc1', num_hidden=128)
    net = mx.symbol.Activation(data=fc1, name='relu1', act_type="relu")
    net = mx.symbol.FullyConnected(data=net, name='fc2', num_hidden=64)
    out = mx.symbol.SoftmaxOutput(data=net, name='softmax')
    group = mx.symbol.Group([fc1, out])
    assert group.list_outputs() == ['fc1_output', 'softmax_output']
    exe = group.simple_bind(mx.cpu(), data=(8, 20))
    assert [output.shape for output in exe.forward()] == [(8, 128), (8, 64)]
    assert list(exe.output_dict) == ['fc1_output', 'softmax_output']


def test_simple_bind_trains():
    exe = mlp().simple_bind(mx.cpu(), data=(8, 20))
    assert exe.arg_dict['fc1_weight'].shape == (128, 20)
    exe.forward(is_train=True)
    exe.backward()
    # Of zero weights every class has probability 1/64, so only the last bias has a gradient.
    gradient = exe.grad_dict['fc2_bias'].asnumpy()
    assert abs(gradient[0] - 8 * (1 / 64 - 1)) < 1e-5 and abs(gradient[1] - 8 / 64) < 1e-5
