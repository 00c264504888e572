"""Optimizers, learning rates, initializers, checkpoints."""

import json

import numpy as np
import pytest

import treadle as mx


def steps(optimizer, count, weight=1.0, gradient=0.5, index=0):
    value = mx.nd.full((2,), weight)
    update = mx.optimizer.get_updater(optimizer)
    for _ in range(count):
        update(index, mx.nd.full((2,), gradient), value)
    return value.asnumpy()[0]


def test_sgd_follows_its_formula():
    assert steps(mx.optimizer.SGD(learning_rate=0.1), 2) == pytest.approx(1 - 2 * 0.1 * 0.5)
    clipped = mx.optimizer.SGD(learning_rate=0.1, rescale_grad=4, clip_gradient=0.3, wd=0.01)
    assert steps(clipped, 1) == pytest.approx(1 - 0.1 * (0.3 + 0.01))
    momentum, weight = 0, 1
    for _ in range(3):
        momentum = 0.9 * momentum - 0.1 * (0.5 + 0.01 * weight)
        weight += momentum
    assert steps(
        mx.optimizer.create('sgd', learning_rate=0.1, momentum=0.9, wd=0.01), 3
    ) == pytest.approx(weight)


def test_multipliers_from_names_attributes_and_caller():
    net = mx.sym.FullyConnected(
        mx.sym.Variable('data'),
        weight=mx.sym.Variable('w_weight', lr_mult=3, wd_mult=2),
        num_hidden=2,
        name='fc',
    )
    optimizer = mx.optimizer.SGD(
        learning_rate=0.1, wd=1.0, sym=net, param_idx2name={0: 'w_weight', 1: 'fc_bias'}
    )
    assert [optimizer._get_lr(i) for i in (0, 1)] == pytest.approx([0.3, 0.1])
    assert [optimizer._get_wd(i) for i in (0, 1)] == [2, 0]  # no decay of a bias
    optimizer.set_lr_mult({'fc_bias': 5, 0: 7})
    optimizer.set_wd_mult({'fc_bias': 1})
    assert [optimizer._get_lr(i) for i in (0, 1)] == pytest.approx(
        [0.7, 0.5]
    ) and optimizer._get_wd(1) == 1


def test_subclass_and_states():
    @mx.optimizer.register
    class Half(mx.optimizer.Optimizer):
        def create_state(self, index, weight):
            return mx.nd.zeros(weight.shape)

        def update(self, index, weight, grad, state):
            state += 1
            weight *= 0.5

    update = mx.optimizer.get_updater(mx.optimizer.create('half'))
    weight = mx.nd.ones((2,))
    update([0, 1], [weight, weight], [weight, mx.nd.ones((2,))])
    assert weight.asnumpy().tolist() == [0.5, 0.5]
    other = mx.optimizer.get_updater(mx.optimizer.create('half'))
    other.set_states(update.get_states())
    assert other.states[1].asnumpy().tolist() == [1, 1]
    with pytest.raises(ValueError, match="no optimizer 'nosuch'; there are .*sgd"):
        mx.optimizer.create('nosuch')


def test_schedulers():
    optimizer = mx.optimizer.SGD(
        learning_rate=1.0, lr_scheduler=mx.lr_scheduler.FactorScheduler(2, 0.5)
    )
    assert steps(optimizer, 4, gradient=1.0) == pytest.approx(1 - 1 - 1 - 0.5 - 0.5)
    poly = mx.lr_scheduler.PolyScheduler(10, base_lr=1.0, pwr=1, warmup_steps=2)
    assert [poly(n) for n in (0, 1, 2, 6, 10, 99)] == pytest.approx([0, 0.5, 1, 0.5, 0, 0])
    multi = mx.lr_scheduler.MultiFactorScheduler([2, 4], 0.1, base_lr=1.0)
    assert [multi(n) for n in (1, 3, 5)] == pytest.approx([1, 0.1, 0.01])
    for make in (
        lambda: mx.lr_scheduler.FactorScheduler(0),
        lambda: mx.lr_scheduler.FactorScheduler(2, 1.5),
        lambda: mx.lr_scheduler.MultiFactorScheduler([3, 2]),
        lambda: mx.lr_scheduler.CosineScheduler(0),
    ):
        with pytest.raises(ValueError, match="expected"):
            make()


def filled(initializer, name, *shape):
    array = mx.nd.full(shape, -7)
    initializer(name, array)
    return array.asnumpy()


def test_initializers_by_name():
    rule = mx.init.Uniform(0.5)
    assert (
        abs(filled(rule, 'fc_weight', 50, 40)).max() <= 0.5
        and filled(rule, 'fc_weight', 50, 40).std() > 0.2
    )
    for name, value in dict(
        fc_bias=0, bn_gamma=1, bn_beta=0, bn_moving_mean=0, bn_moving_var=1
    ).items():
        assert (filled(rule, name, 3) == value).all()
    with pytest.raises(ValueError, match="'oddly_named' does not say how"):
        filled(rule, 'oddly_named', 3)
    described = mx.init.InitDesc('oddly_named', {'__init__': mx.init.Constant(2.5).dumps()})
    assert (filled(rule, described, 3) == 2.5).all()


def test_seed_decides_initial_values():
    def draw(seed):
        mx.random.seed(seed)
        return filled(mx.init.Xavier(), 'w_weight', 20, 30)

    assert (draw(1) == draw(1)).all() and (draw(1) != draw(2)).any()
    assert abs(draw(1)).max() <= np.sqrt(3 / 25)


def test_initializer_text_round_trip():
    for initializer in (
        mx.init.Xavier(rnd_type='gaussian', factor_type='in', magnitude=2),
        mx.init.Zero(),
        mx.init.MSRAPrelu(slope=0.1),
        mx.init.Normal(2),
        mx.init.LSTMBias(2.0),
    ):
        assert mx.init.create(initializer.dumps()) == initializer
    assert filled(mx.init.create(mx.init.LSTMBias(2.0).dumps()), 'x_weight', 4).tolist() == [
        0,
        2,
        0,
        0,
    ]


def test_a_scheduler_brings_its_rate():
    schedule = mx.lr_scheduler.FactorScheduler(step=1, base_lr=8)
    assert mx.optimizer.SGD(lr_scheduler=schedule).learning_rate == 8
    assert mx.optimizer.SGD(lr_scheduler=schedule, learning_rate=2).learning_rate == 2
    assert schedule.base_lr == 2 and mx.optimizer.SGD().learning_rate == 0.01


def test_constant_arrays_are_written_as_lists():
    for value in mx.nd.array([[1, 2]]), np.array([[1.0, 2.0]]):
        text = mx.init.Constant(value).dumps()
        assert text == '["constant", {"value": [[1.0, 2.0]]}]'
        filled = mx.nd.zeros((1, 2))
        mx.init.create(*json.loads(text)[:1], **json.loads(text)[1])("weight", filled)
        assert filled.asnumpy().tolist() == [[1, 2]]


def test_load_and_mixed():
    load = mx.init.Load({'arg:a': mx.nd.ones((2,))}, default_init=mx.init.Zero())
    assert filled(load, 'a', 2).tolist() == [1, 1] and filled(load, 'b_weight', 2).tolist() == [
        0,
        0,
    ]
    with pytest.raises(ValueError, match=r"'a' has shape \(2,\); the parameter has \(3,\)"):
        filled(load, 'a', 3)
    mixed = mx.init.Mixed(['special.*', '.*'], [mx.init.Constant(5), mx.init.One()])
    assert filled(mixed, 'special_weight', 1) == 5 and filled(mixed, 'other_weight', 1) == 1


def test_checkpoint_gives_the_same_outputs(tmp_path):
    net = mx.sym.BatchNorm(
        mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=3, name='fc'), name='bn'
    )
    exe = net.simple_bind(mx.cpu(), data=(4, 2))
    for name, array in {**exe.arg_dict, **exe.aux_dict}.items():
        mx.init.Xavier()(name if name != 'data' else 'data_weight', array)
    params = {name: array for name, array in exe.arg_dict.items() if name != 'data'}
    prefix = str(tmp_path / 'model')
    mx.model.save_checkpoint(prefix, 7, net, params, exe.aux_dict)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        'model-0007.params',
        'model-symbol.json',
    ]
    symbol, args, aux = mx.model.load_checkpoint(prefix, 7)
    again = symbol.bind(mx.cpu(), {**args, 'data': exe.arg_dict['data']}, aux_states=aux)
    assert (again.forward()[0].asnumpy() == exe.forward()[0].asnumpy()).all()


def test_initializers_have_further_names_and_tell_what_they_do(caplog):
    @mx.init.register
    @mx.init.alias("halves", "Half")
    class AllHalf(mx.init.Initializer):
        def _init_weight(self, name, array):
            array[:] = 0.5

    assert all(type(mx.init.create(name)) is AllHalf for name in ("halves", "half", "allhalf"))
    rule, array = AllHalf(), mx.nd.zeros((4, 4))
    with caplog.at_level("INFO"):
        assert rule.set_verbosity(True) is rule
        rule("a_weight", array)
        rule.set_verbosity(True, lambda x: "sum %g" % x.sum().asscalar())("a_bias", array)
        rule.set_verbosity(False)("b_weight", array)
    assert caplog.messages == [
        "Initialized a_weight as weight: 0.5",
        "Initialized a_bias as bias: sum 0",
    ]
