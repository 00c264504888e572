"""Executors: arguments, gradients, requests, states, reshaping."""

import numpy as np
import pytest

import treadle as mx


def net():
    return mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=4, name='fc')


def test_bind_takes_lists_and_dicts():
    symbol = mx.sym.Variable('a') * mx.sym.Variable('b')
    a, b, da, db = (mx.nd.full((2,), value) for value in (2, 3, 0, 0))
    by_list = symbol.bind(mx.cpu(), [a, b], args_grad=[da, db])
    by_dict = symbol.bind(mx.cpu(), {'b': b, 'a': a, 'other': b}, args_grad={'a': da})
    for exe in by_list, by_dict:
        exe.forward(is_train=True)
        exe.backward(mx.nd.full((2,), 10))
        assert exe.outputs[0].asnumpy().tolist() == [6, 6] and da.asnumpy().tolist() == [30, 30]
    assert db.asnumpy().tolist() == [20, 20] and by_dict.grad_dict['b'] is None
    assert by_list.arg_dict['a'] is a and by_list.arg_arrays == [a, b]


def test_variables_of_one_name_are_told_apart_by_their_places():
    symbol = mx.sym.Variable('x') * mx.sym.Variable('x')
    a, b, da, db = (mx.nd.full((2,), value) for value in (2, 3, 0, 7))
    exe = symbol.bind(mx.cpu(), [a, b], args_grad=[da, db], grad_req=['write', 'add'])
    exe.forward(is_train=True)
    exe.backward(mx.nd.ones((2,)))
    assert exe.outputs[0].asnumpy().tolist() == [6, 6]
    assert da.asnumpy().tolist() == [3, 3] and db.asnumpy().tolist() == [9, 9]
    assert exe.arg_dict == {} and exe.arg_arrays == [a, b]
    with pytest.raises(mx.MXNetError, match="Several variables are called 'x'"):
        symbol.bind(mx.cpu(), {'x': a})


def test_head_gradients_may_lack_axes_of_extent_one_and_have_other_types():
    exe = (2 * mx.sym.Variable('x')).simple_bind(mx.cpu(), x=(3, 1))
    exe.forward(is_train=True)
    exe.backward(mx.nd.array([1, 2, 3], dtype='int32'))
    assert exe.grad_arrays[0].asnumpy().tolist() == [[2], [4], [6]]
    exe.forward(is_train=True)
    with pytest.raises(mx.MXNetError, match='has shape \\(1, 2\\), expected \\(3, 1\\)'):
        exe.backward(mx.nd.ones((1, 2)))


def test_backward_alone_runs_forward_for_training_first():
    exe = (mx.sym.Variable('x') ** 2).simple_bind(mx.cpu(), x=(2,))
    exe.arg_dict['x'][:] = 3
    exe.backward(mx.nd.ones((2,)))
    assert exe.grad_dict['x'].asnumpy().tolist() == [6, 6]
    assert exe.outputs[0].asnumpy().tolist() == [9, 9]


def test_bound_arrays_are_seen_by_the_next_forward():
    a = mx.nd.ones((2,))
    exe = (mx.sym.Variable('a') + 1).bind(mx.cpu(), [a])
    assert exe.forward()[0].asnumpy().tolist() == [2, 2]
    a[:] = 5
    assert exe.forward()[0].asnumpy().tolist() == [6, 6]


def test_requests():
    symbol = mx.sym.Variable('a') * mx.sym.Variable('b')
    grads = [mx.nd.full((1,), 100), mx.nd.full((1,), 100)]
    exe = symbol.bind(
        mx.cpu(), [mx.nd.full((1,), 2), mx.nd.full((1,), 3)], grads, grad_req=['add', 'null']
    )
    for _ in range(2):
        exe.forward(is_train=True)
        exe.backward(mx.nd.ones((1,)))
    assert [g.asscalar() for g in grads] == [106, 100]
    exe = net().simple_bind(mx.cpu(), data=(2, 3), grad_req={'fc_weight': 'write'})
    assert [n for n, g in exe.grad_dict.items() if g is not None] == ['fc_weight']


def test_forward_takes_arrays_by_name():
    exe = net().simple_bind(mx.cpu(), data=(2, 3))
    exe.arg_dict['fc_weight'][:] = 1
    assert exe.forward(data=np.ones((2, 3)))[0].asnumpy()[0, 0] == 3
    assert exe.forward(data=mx.nd.full((2, 3), 2))[0].asnumpy()[0, 0] == 6


def test_types():
    exe = net().simple_bind(mx.cpu(), data=(2, 3), type_dict={'data': np.float64})
    assert {a.dtype for a in exe.arg_arrays + exe.grad_arrays + exe.outputs} == {np.float64}


def test_auxiliary_states_change_in_training_only():
    symbol = mx.sym.BatchNorm(mx.sym.Variable('data'), name='bn', momentum=0.5, fix_gamma=False)
    exe = symbol.simple_bind(mx.cpu(), data=(4, 2))
    exe.copy_params_from({'bn_gamma': mx.nd.ones((2,))}, {'bn_moving_var': mx.nd.ones((2,))})
    data = np.array([[1, 2], [3, 4], [5, 6], [7, 8]])
    exe.forward(is_train=False, data=data)
    assert exe.aux_dict['bn_moving_mean'].asnumpy().tolist() == [0, 0]
    exe.forward(is_train=True, data=data)
    exe.backward(mx.nd.ones((4, 2)))
    assert exe.aux_dict['bn_moving_mean'].asnumpy().tolist() == [2, 2.5]


def test_copy_params_refuses_unknown_names():
    exe = net().simple_bind(mx.cpu(), data=(2, 3))
    with pytest.raises(ValueError, match="no argument 'other'; pass allow_extra_params"):
        exe.copy_params_from({'other': mx.nd.ones((1,))})
    exe.copy_params_from(
        {'other': mx.nd.ones((1,)), 'fc_bias': np.ones(4)}, allow_extra_params=True
    )
    assert exe.arg_dict['fc_bias'].asnumpy().sum() == 4


def test_reshape_shares_parameters():
    exe = net().simple_bind(mx.cpu(), data=(5, 3))
    smaller = exe.reshape(data=(2, 3))
    exe.arg_dict['fc_weight'][:] = 1
    exe.arg_dict['data'][:] = 1
    assert smaller.forward()[0].asnumpy().tolist() == [[3] * 4] * 2
    with pytest.raises(
        ValueError, match="'data' grows from .5, 3. to .9, 3.; pass allow_up_sizing"
    ):
        exe.reshape(data=(9, 3))
    larger = exe.reshape(allow_up_sizing=True, data=(9, 3))
    assert larger.arg_dict['fc_weight'] is exe.arg_dict['fc_weight'] and larger.outputs[
        0
    ].shape == (9, 4)


def test_seed_decides_dropout():
    exe = mx.sym.Dropout(mx.sym.Variable('x'), p=0.5).bind(mx.cpu(), [mx.nd.ones((1000,))])

    def masks(seed):
        mx.random.seed(seed)
        return [exe.forward(is_train=True)[0].asnumpy() for _ in range(2)]

    first, second = masks(7)
    again = masks(7)
    assert (first == again[0]).all() and (second == again[1]).all() and (first != second).any()
    assert (masks(8)[0] != first).any() and 400 < (first > 0).sum() < 600


def test_groups_on_the_host_are_accepted_and_others_refused():
    exe = net().simple_bind(mx.cpu(), group2ctx={'a': mx.cpu(1)}, data=(2, 3))
    assert exe.forward()[0].shape == (2, 4)
    with mx.AttrScope(ctx_group='a'):
        grouped = net()
    with pytest.raises(mx.MXNetError, match=r'gpu\(63\): there is no such device'):
        grouped.simple_bind(mx.cpu(), group2ctx={'a': mx.gpu(63)}, data=(2, 3))
    with pytest.raises(mx.MXNetError, match="its ctx_group 'a' has no device; group2ctx has b"):
        grouped.simple_bind(mx.cpu(), group2ctx={'b': mx.cpu()}, data=(2, 3))


def test_debug_str_says_what_it_takes():
    assert 'MB allocated' in net().simple_bind(mx.cpu(), data=(2, 3)).debug_str()


def test_memory_budget_gives_the_same_bits_in_less_memory():
    net = mx.sym.Variable('data')
    for i in range(40):
        net = mx.sym.Activation(net + 0.25, act_type='tanh', name='t%d' % i)

    def run(budget):
        exe = net.simple_bind(mx.cpu(), data=(64, 100), memory_budget=budget)
        exe.arg_dict['data'][:] = np.linspace(-1, 1, 6400).reshape(64, 100)
        exe.forward(is_train=True)
        exe.backward([mx.nd.ones((64, 100))])
        return exe.handle.allocated_bytes(), exe.grad_dict['data'].asnumpy()

    whole, expected = run(None)
    half, found = run(whole // 2)
    assert half <= whole // 2 and (found == expected).all()
    with pytest.raises(mx.MXNetError, match='memory takes at least [0-9]+ bytes'):
        run(64)
    for wrong in (0, -1, 'small'):
        with pytest.raises(ValueError, match='memory_budget is'):
            run(wrong)
    data = {'data': mx.nd.ones((64, 100))}
    grad = {'data': mx.nd.zeros((64, 100))}
    assert net.bind(mx.cpu(), data, grad, memory_budget=half).handle.allocated_bytes() == half


def test_backward_without_any_request_does_nothing():
    net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=2, name="fc")
    exe = net.simple_bind(mx.cpu(), grad_req="null", data=(2, 3))
    exe.forward(is_train=True)
    exe.backward(mx.nd.ones((2, 2)))
    assert exe.grad_arrays == [None] * 3


def test_parameters_among_the_shapes_are_left_out():
    net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=2, name="fc")
    assert net.simple_bind(mx.cpu(), data=(2, 3), axis=1, mode="clip").outputs[0].shape == (2, 2)
    with pytest.raises(mx.MXNetError, match="'datum', which is no input"):
        net.simple_bind(mx.cpu(), data=(2, 3), datum=(2, 3))
