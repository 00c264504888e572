"""Names, attributes, structure and inference of symbols."""

import copy
import inspect

import numpy as np
import pytest

import treadle as mx


def var(name, **kwargs):
    return mx.sym.Variable(name, **kwargs)


def fc(data, name='fc', num_hidden=4, **kwargs):
    return mx.sym.FullyConnected(data, num_hidden=num_hidden, name=name, **kwargs)


def test_automatic_names_count_per_operator():
    with mx.name.NameManager():
        first = mx.sym.FullyConnected(var('x'), num_hidden=2)
        second = mx.sym.FullyConnected(first, num_hidden=2)
        total = 1 - (first + second) * 2
        names = total.get_internals().list_outputs()
    assert names == [
        'x',
        'fullyconnected0_weight',
        'fullyconnected0_bias',
        'fullyconnected0_output',
        'fullyconnected1_weight',
        'fullyconnected1_bias',
        'fullyconnected1_output',
        '_plus0_output',
        '_mulscalar0_output',
        '_rminusscalar0_output',
    ]


def test_refused_call_draws_no_name():
    with mx.name.NameManager():
        with pytest.raises(mx.MXNetError):
            mx.sym.Activation(var('x'), act_type='none')
        assert mx.sym.Activation(var('x'), act_type='relu').name == 'activation0'


def test_prefix_and_subclass_of_name_manager():
    class Upper(mx.name.NameManager):
        def get(self, name, hint):
            return super().get(name, hint).upper()

    with mx.name.Prefix('net_'):
        assert fc(var('x')).list_arguments() == ['x', 'net_fc_weight', 'net_fc_bias']
    with Upper():
        assert mx.sym.Flatten(var('x')).name == 'FLATTEN0'


def test_error_in_name_manager_arrives():
    class Broken(mx.name.NameManager):
        def get(self, name, hint):
            raise KeyError(hint)

    with Broken(), pytest.raises(KeyError, match='flatten'):
        mx.sym.Flatten(var('x'))


def test_variable_attributes():
    symbol = var(
        'w',
        shape=(2, 3),
        lr_mult=2.0,
        wd_mult=0.5,
        dtype=np.float16,
        init='["zero", {}]',
        __own__='1',
    )
    assert symbol.list_attr() == {
        '__shape__': '(2, 3)',
        '__lr_mult__': '2.0',
        'lr_mult': '2.0',
        '__wd_mult__': '0.5',
        'wd_mult': '0.5',
        '__dtype__': '2',
        '__init__': '["zero", {}]',
        '__own__': '1',
    }
    assert symbol.attr('lr_mult') == '2.0' and symbol.attr('nothing') is None
    assert (symbol + var('b')).infer_shape() == ([(2, 3), (2, 3)], [(2, 3)], [])


def test_multipliers_of_automatic_inputs():
    symbol = fc(var('x'), weight_lr_mult=0.5, wd_mult=2)
    attributes = symbol.attr_dict()
    assert (
        attributes['fc_weight']['__lr_mult__'] == '0.5' and 'lr_mult' not in attributes['fc_bias']
    )
    assert attributes['fc_bias']['wd_mult'] == '2' and attributes['fc']['num_hidden'] == '4'


def test_set_attr_and_ctx_group():
    with mx.AttrScope(ctx_group='first'):
        symbol = fc(var('x'))
    symbol._set_attr(color='blue')
    assert symbol.attr('color') == 'blue'
    assert symbol.attr('ctx_group') == symbol.attr('__ctx_group__') == 'first'
    assert symbol.list_attr(recursive=True)['fc_weight_ctx_group'] == 'first'


def test_index_iterate_children():
    group = mx.sym.Group([fc(var('x')), var('y')])
    assert [s.name for s in group] == ['fc', 'y'] and len(group) == 2
    assert group['fc_output'].name == group[0].name == 'fc'
    assert group[:1].list_outputs() == ['fc_output']
    assert group[0].get_children().list_outputs() == ['x', 'fc_weight', 'fc_bias']
    assert var('x').get_children() is None and group.name is None
    assert repr(group) == '<Symbol group [fc_output, y]>' and repr(var('x')) == '<Symbol x>'


def test_positional_parameters_and_numpy_values():
    symbol = mx.sym.Convolution(
        var('x'), None, None, np.array([3, 3]), num_filter=np.int64(2), name='c'
    )
    assert symbol.attr('kernel') == '(3, 3)' and symbol.attr('num_filter') == '2'
    assert symbol.list_arguments() == ['x', 'c_weight', 'c_bias']


def test_compose_replaces_variables():
    inner, outer = fc(var('data'), 'a', 3), fc(var('data2'), 'b', 2)
    made = outer(data2=inner, name='c')
    assert made.list_arguments() == ['data', 'a_weight', 'a_bias', 'b_weight', 'b_bias']
    assert made.name == 'c' and outer.list_arguments()[0] == 'data2'
    with pytest.raises(mx.MXNetError, match="no variable 'nothere'"):
        outer(nothere=inner)


def test_copies_are_independent():
    symbol = fc(var('x'))
    for other in copy.copy(symbol), copy.deepcopy(symbol):
        other._set_attr(color='red')
        assert other.attr('color') == 'red' and symbol.attr('color') is None


def test_infer_shape():
    net = mx.sym.SoftmaxOutput(fc(var('data')), name='softmax')
    expected = ([(8, 3), (4, 3), (4,), (8,)], [(8, 4)], [])
    assert net.infer_shape(data=(8, 3)) == expected
    assert net.infer_shape((8, 3), (4, 3), (4,), (8,)) == expected
    assert net.infer_shape(fc_weight=(4, 3)) == (None, None, None)
    assert net.infer_shape_partial(fc_weight=(4, 3))[0][1:] == [(4, 3), (), ()]


def test_infer_type():
    net = fc(var('data'))
    assert net.infer_type(data=np.float16) == ([np.float16] * 3, [np.float16], [])
    assert net.infer_type(data='float64')[1] == [np.float64]
    assert net.infer_type() in [(None, None, None), ([np.float32] * 3, [np.float32], [])]


def test_functions_document_themselves():
    function = mx.sym.Convolution
    assert (
        function.__name__ == 'Convolution' and 'kernel : tuple of int, required' in function.__doc__
    )
    parameters = inspect.signature(function).parameters
    assert (
        list(parameters)[:4] == ['data', 'weight', 'bias', 'kernel']
        and repr(parameters['no_bias'].default) == 'False'
    )
    assert {'Convolution', 'Variable', 'flatten'} <= set(dir(mx.sym)) and not hasattr(
        mx.sym, 'NoSuchOperator'
    )
    assert mx.sym.Convolution is function and mx.sym._internal._Plus.__name__ == '_Plus'


def test_eval():
    a = var('a')
    assert (a * 3).eval(a=mx.nd.ones((2,)))[0].asnumpy().tolist() == [3, 3]


def test_install_as_mxnet():
    mx.install_as_mxnet()
    import mxnet
    import mxnet.symbol
    from mxnet.ndarray import NDArray

    assert mxnet is mx and mxnet.symbol is mx.sym and NDArray is mx.nd.NDArray
