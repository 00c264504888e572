"""Names, attributes, structure and inference of symbols."""

import copy
import inspect
import json
import threading

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


def test_operators_of_a_name_that_python_has_leave_it_alone():
    symbol = mx.sym.slice(var('x'), begin=(0,), end=(1,), name='part')
    mx.sym.abs(symbol)  # both are functions of mx.sym from now on
    assert symbol[0].name == 'part' and symbol[:1].list_outputs() == ['part_output']
    assert [s.name for s in (symbol + symbol).get_children()] == ['part', 'part']


def test_methods_take_a_name():
    x = var('x')
    assert x.abs(name='size').list_outputs() == ['size_output']
    assert x.reshape(shape=(-1,), name='row').name == 'row'
    size = abs(x)
    assert size.list_arguments() == ['x'] and size.name.startswith('abs')
    assert size.eval(x=mx.nd.array([-2, 3]))[0].asnumpy().tolist() == [2, 3]
    assert len(x.split_v2(3, axis=1)) == 3 and len(x.split_v2((1, 2))) == 3


def test_the_operator_of_a_symbol_alone():
    net = fc(mx.sym.Activation(var('data'), act_type='relu'), num_hidden=7)
    alone = net._gen_atomic_symbol()
    assert alone.name == 'fc' and alone.attr('num_hidden') == '7'
    assert alone.list_arguments() == ['fc_data', 'fc_weight', 'fc_bias']
    cut = mx.sym.SliceChannel(net, num_outputs=2, name='cut')._gen_atomic_symbol()
    assert cut.list_outputs() == ['cut_output0', 'cut_output1'] and len(cut.list_arguments()) == 1
    assert var('x')._gen_atomic_symbol().list_arguments() == ['x']
    with pytest.raises(mx.MXNetError, match='no single operator'):
        mx.sym.Group([net, var('x')])._gen_atomic_symbol()


def test_storage_of_variables():
    assert var('x', stype='default').list_attr() == {}
    with pytest.raises(mx.MXNetError, match="Variable.w, stype='csr'. is asked for: .* no sparse"):
        var('w', stype='csr')


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


def test_shapes_as_numpy_writes_them():
    product = mx.sym.dot(var('a'), var('b'))
    assert product.infer_shape_partial(a=(0, 3), b=(3, 5))[1] == [(0, 5)]
    with mx.np_shape():
        assert mx.is_np_shape() and mx.util.is_np_shape()
        assert product.infer_shape_partial(a=(-1, 3), b=(3, 5)) == ([(-1, 3), (3, 5)], [(-1, 5)], [])
        assert product.infer_shape_partial() == ([None, None], [None], [])
        assert product.infer_shape(a=(2, 3), b=(3, 5))[1] == [(2, 5)]
        assert product.infer_shape(a=(-1, 3), b=(3, 5)) == (None, None, None)
        for shape, what in ((2, 0), 'an array without elements'), ((), 'a scalar'):
            with pytest.raises(mx.MXNetError, match='shape of a is .*, that of %s' % what):
                product.infer_shape(a=shape)
        with mx.np_shape(False):
            assert product.infer_shape_partial(a=(0, 3), b=(3, 5))[1] == [(0, 5)]
        weight = fc(var('data'), weight=var('w', shape=(4, -1)))
        assert weight.infer_shape(data=(2, 3))[0] == [(2, 3), (4, 3), (4,)]
    assert not mx.is_np_shape()


def test_the_meaning_of_shapes_is_chosen_for_a_thread():
    assert mx.util.set_np_shape(True) is False
    try:
        seen = []
        thread = threading.Thread(target=lambda: seen.append(mx.is_np_shape()))
        thread.start()
        thread.join()
        assert seen == [False] and mx.is_np_shape()
    finally:
        assert mx.util.set_np_shape(False) is True

    @mx.use_np_shape
    def shape_of(symbol):
        return symbol.infer_shape_partial()[1]

    assert shape_of(fc(var('x'))) == [None] and not mx.is_np_shape()


def test_files_say_how_shapes_are_meant():
    net = fc(var('x'))
    plain = json.loads(net.tojson())
    with mx.np_shape():
        marked = net.tojson()
    assert json.loads(marked)['attrs'].pop('is_np_shape') == ['int', 1]
    assert 'is_np_shape' not in plain['attrs'] and json.loads(marked)['nodes'] == plain['nodes']
    assert mx.sym.load_json(marked).list_arguments() == net.list_arguments()


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


def test_extents_of_constants_follow_from_their_use():
    sum_ = mx.sym.ones(shape=(2, -1)) + mx.sym.transpose(mx.sym.zeros(shape=[3, -1]))
    made = sum_.bind(mx.cpu(), args={}).forward()[0].asnumpy()
    assert made.shape == (2, 3) and (made == 1).all()


def test_what_operators_take_is_told():
    names = mx.operator.get_all_registered_operators()
    assert "Activation" in names and "concat" in names and names == sorted(names)
    told = mx.operator.get_operator_arguments("Activation")
    choices = "{'relu', 'sigmoid', 'softrelu', 'softsign', 'tanh'}, required"
    assert told == (2, ["data", "act_type"], ["NDArray-or-Symbol", choices])
    assert mx.operator.get_operator_arguments("Dropout").types[1].endswith(", optional, default='0.5'")
    with pytest.raises(mx.MXNetError, match="no operator 'Activatoin'"):
        mx.operator.get_operator_arguments("Activatoin")


def test_partial_inference_answers_as_far_as_mxnet_does():
    x, y, cond = (mx.sym.Variable(name) for name in ("x", "y", "cond"))
    product = mx.sym.batch_dot(x, y)
    for shapes, answer in (
        ({"x": (0, 3, 4), "y": (0, 4, 5)}, (0, 3, 5)),
        ({"x": (0, 3, 4), "y": (0, 0, 5)}, ()),
    ):
        assert product.infer_shape_partial(**shapes)[1] == [answer]
    chosen = mx.sym.where(cond, x, y)
    assert chosen.infer_shape_partial(cond=(0,), x=(2, 2), y=(2, 2))[1] == [()]
    assert chosen.infer_shape_partial(cond=(2,), x=(2, 0), y=(2, 2))[1] == [(2, 2)]
