"""Modules: training, sharing, reshaping, several contexts."""

import logging

import numpy as np
import pytest

import treadle as mx


def classifier(hidden=8):
    net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=hidden, name="fc1")
    net = mx.sym.Activation(net, act_type="tanh")
    net = mx.sym.FullyConnected(net, num_hidden=2, name="fc2")
    return mx.sym.SoftmaxOutput(net, name="softmax")


def points(count=200):
    data = np.random.RandomState(0).randn(count, 2).astype(np.float32)
    return data, (data[:, 0] * data[:, 1] > 0).astype(np.float32)


def iterator(batch=20, **options):
    return mx.io.NDArrayIter(*points(), batch_size=batch, **options)


@pytest.mark.parametrize("contexts", [1, 2])
@pytest.mark.parametrize("kvstore", ["local", None])
def test_training_learns(contexts, kvstore):
    mx.random.seed(1)
    np.random.seed(1)
    mod = mx.mod.Module(classifier(16), context=[mx.cpu(i) for i in range(contexts)])
    mod.fit(
        iterator(shuffle=True),
        num_epoch=40,
        kvstore=kvstore,
        optimizer_params={"learning_rate": 0.5, "momentum": 0.9},
        initializer=mx.init.Xavier(),
    )
    assert dict(mod.score(iterator(), "acc"))["accuracy"] > 0.9
    assert mod.predict(iterator()).shape == (200, 2)


def test_two_contexts_do_what_one_does():
    mx.random.seed(2)
    results = []
    weights = None
    for contexts in ([mx.cpu(0)], [mx.cpu(0), mx.cpu(1)]):
        mod = mx.mod.Module(classifier(), context=contexts)
        mod.bind(iterator().provide_data, iterator().provide_label)
        if weights is None:
            mod.init_params(mx.init.Xavier())
            weights = {k: v.copy() for k, v in mod.get_params()[0].items()}
        else:
            mod.init_params(arg_params=weights, aux_params={})
        mod.init_optimizer(optimizer_params={"learning_rate": 0.1})
        for batch in iterator():
            mod.forward_backward(batch)
            mod.update()
        results.append(mod.get_params()[0]["fc1_weight"].asnumpy())
    np.testing.assert_allclose(results[0], results[1], rtol=1e-4, atol=1e-6)


class AddsUp(mx.kvstore.KVStoreBase):
    """A store that runs no optimizer."""

    calls = []

    def broadcast(self, key, value, out, priority=0):
        self.calls.append("broadcast")
        for array in out:
            array[:] = value

    def pushpull(self, key, value, out=None, priority=0):
        self.calls.append("pushpull")
        total = mx.nd.add_n(*(array.as_in_context(mx.cpu()) for array in value))
        for array in out or value:
            array[:] = total


def test_a_store_of_ones_own_adds_up_for_the_module(tmp_path):
    assert mx.kvstore.KVStoreBase.register(AddsUp) is AddsUp
    AddsUp.calls.clear()
    store = mx.kv.create("AddsUp")
    assert store.type == "addsup" and not store.is_capable(store.OPTIMIZER)
    weights, results = None, []
    for kvstore in (store, "local"):
        mod = mx.mod.Module(classifier(), context=[mx.cpu(0), mx.cpu(1)])
        mod.bind(iterator().provide_data, iterator().provide_label)
        mx.random.seed(2)
        mod.init_params(mx.init.Xavier(), arg_params=weights)
        weights = weights or {k: v.copy() for k, v in mod.get_params()[0].items()}
        mod.init_optimizer(kvstore, optimizer_params={"learning_rate": 0.1, "momentum": 0.9})
        for batch in iterator():
            mod.forward_backward(batch)
            mod.update()
        results.append(mod.get_params()[0]["fc1_weight"].asnumpy())
        mod.save_optimizer_states(str(tmp_path / "states"))
        mod.load_optimizer_states(str(tmp_path / "states"))
    np.testing.assert_allclose(*results, rtol=1e-5, atol=1e-7)
    assert AddsUp.calls.count("broadcast") == 4 and AddsUp.calls.count("pushpull") == 40
    with pytest.raises(NotImplementedError, match="The store AddsUp has no method set_optimizer"):
        store.set_optimizer(mx.optimizer.SGD())


def test_a_module_is_saved_and_loaded_with_its_optimizer(tmp_path):
    prefix = str(tmp_path / "net")
    mod = mx.mod.Module(classifier())
    mod.fit(iterator(), num_epoch=1, optimizer_params={"learning_rate": 0.1, "momentum": 0.9})
    mod.save_checkpoint(prefix, 1, save_optimizer_states=True)
    again = mx.mod.Module.load(prefix, 1, load_optimizer_states=True)
    again.bind(iterator().provide_data, iterator().provide_label)
    again.init_optimizer(optimizer_params={"learning_rate": 0.1, "momentum": 0.9})
    for one in (mod, again):
        for batch in iterator():
            one.forward_backward(batch)
            one.update()
    for name, value in mod.get_params()[0].items():
        assert np.array_equal(value.asnumpy(), again.get_params()[0][name].asnumpy())


def test_batches_of_another_size_rebind():
    mod = mx.mod.Module(classifier())
    mod.bind([("data", (20, 2))], [("softmax_label", (20,))])
    mod.init_params()
    mod.forward(mx.io.DataBatch([mx.nd.ones((7, 2))], [mx.nd.ones((7,))]))
    assert mod.get_outputs()[0].shape == (7, 2)
    mod.reshape([("data", (3, 2))], [("softmax_label", (3,))])
    mod.forward(mx.io.DataBatch([mx.nd.ones((3, 2))], None), is_train=False)
    assert mod.get_outputs()[0].shape == (3, 2)


def test_gradients_of_inputs_and_fixed_parameters():
    mod = mx.mod.Module(classifier(), fixed_param_names=["fc1_weight"])
    mod.bind([("data", (4, 2))], [("softmax_label", (4,))], inputs_need_grad=True)
    mod.init_params(mx.init.One())
    mod.init_optimizer(optimizer_params={"learning_rate": 1.0})
    before = mod.get_params()[0]["fc1_weight"].asnumpy().copy()
    mod.forward_backward(mx.io.DataBatch([mx.nd.ones((4, 2))], [mx.nd.ones((4,))]))
    mod.update()
    assert mod.get_input_grads()[0].shape == (4, 2)
    assert np.array_equal(mod.get_params()[0]["fc1_weight"].asnumpy(), before)


def test_buckets_share_parameters_and_memory():
    def shared(length):
        data = mx.sym.Variable("data")
        net = mx.sym.FullyConnected(data, num_hidden=3, name="fc")
        return mx.sym.SoftmaxOutput(net, name="softmax"), ["data"], ["softmax_label"]

    mod = mx.mod.BucketingModule(shared, default_bucket_key=10)
    mod.bind([("data", (10, 4))], [("softmax_label", (10,))])
    mod.init_params(mx.init.Xavier())
    mod.init_optimizer(optimizer_params={"learning_rate": 0.5})
    for length in (10, 5, 10, 3, 5):
        batch = mx.io.DataBatch(
            [mx.nd.ones((length, 4))],
            [mx.nd.zeros((length,))],
            bucket_key=length,
            provide_data=[("data", (length, 4))],
            provide_label=[("softmax_label", (length,))],
        )
        mod.forward_backward(batch)
        mod.update()
        assert mod.get_outputs()[0].shape == (length, 3)
    mod.switch_bucket(10, None)
    ones = mx.io.DataBatch([mx.nd.ones((10, 4))], None, bucket_key=10)
    ones.provide_data, ones.provide_label = [("data", (10, 4))], [("softmax_label", (10,))]
    mod.forward(ones, is_train=False)
    assert mod.get_outputs()[0].asnumpy()[0, 0] > 0.5


def test_buckets_from_symbols_and_parameters():
    def shared(length, hidden=3):
        net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=hidden, name="fc")
        return mx.sym.identity(net, name="out"), ["data"], []

    given = {"fc_weight": mx.nd.ones((2, 4)), "fc_bias": mx.nd.zeros((2,))}
    symbols = {key: shared(key, 2)[0] for key in (10, 5)}
    mod = mx.mod.BucketingModule.load_dict(
        symbols, shared, default_bucket_key=10, arg_params=given, aux_params={}
    )
    mod.bind([("data", (10, 4))], for_training=False)
    for length in (10, 5):
        batch = mx.io.DataBatch(
            [mx.nd.ones((length, 4))], None, bucket_key=length, provide_data=[("data", (length, 4))]
        )
        mod.forward(batch, is_train=False)
        assert mod.get_outputs()[0].asnumpy().tolist() == [[4, 4]] * length
    with pytest.raises(ValueError, match="load_dict needs sym_dict"):
        mx.mod.BucketingModule.load_dict(symbols, shared, 10)


def test_modules_in_a_row():
    first = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=8, name="a")
    first = mx.sym.Activation(first, act_type="tanh")
    second = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=2, name="b")
    second = mx.sym.SoftmaxOutput(second, name="softmax")
    row = mx.mod.SequentialModule()
    row.add(mx.mod.Module(first, label_names=None))
    row.add(mx.mod.Module(second), take_labels=True, auto_wiring=True)
    mx.random.seed(3)
    row.fit(
        iterator(),
        num_epoch=40,
        optimizer_params={"learning_rate": 0.5, "momentum": 0.9},
        initializer=mx.init.Xavier(),
    )
    assert dict(row.score(iterator(), "acc"))["accuracy"] > 0.9


def test_a_loss_in_python():
    loss = mx.mod.PythonLossModule(grad_func=lambda scores, labels: scores - labels)
    loss.bind([("data", (2, 1))], [("softmax_label", (2, 1))])
    batch = mx.io.DataBatch([mx.nd.ones((2, 1))], [mx.nd.zeros((2, 1))])
    loss.forward(batch)
    loss.backward()
    assert loss.get_input_grads()[0].asnumpy().tolist() == [[1], [1]]


def test_a_monitor_sees_every_output():
    seen = []
    monitor = mx.mon.Monitor(1, lambda array: array * 1, pattern="fc.*", sort=True)
    monitor_print, monitor.toc_print = monitor.toc_print, lambda: seen.extend(monitor.toc())
    mod = mx.mod.Module(classifier())
    mod.fit(iterator(), num_epoch=1, monitor=monitor)
    names = {name for _, name, _ in seen}
    assert {"fc1_output", "fc2_output", "fc1_weight", "fc2_bias"} <= names
    assert callable(monitor_print)


def test_a_callback_stays_when_batches_of_another_size_come():
    mod, seen = mx.mod.Module(classifier()), []
    mod.bind([("data", (20, 2))], for_training=False)
    mod.init_params()
    mod._exec_group.execs[0].set_monitor_callback(lambda name, array: seen.append(array.shape))
    for size in (20, 5):
        mod.forward(mx.io.DataBatch([mx.nd.ones((size, 2))]), is_train=False)
        mx.nd.waitall()
    assert seen[0][0] == 20 and seen[-1][0] == 5 and len(seen) % 2 == 0


def test_callbacks(tmp_path, caplog, capsys):
    prefix = str(tmp_path / "net")
    caplog.set_level(logging.INFO)
    mod = mx.mod.Module(classifier())
    mod.fit(
        iterator(),
        iterator(),
        num_epoch=2,
        epoch_end_callback=mx.callback.do_checkpoint(prefix, 2),
        batch_end_callback=[
            mx.callback.Speedometer(20, 4),
            mx.callback.ProgressBar(10, 20),
            mx.callback.log_train_metric(5),
        ],
        eval_end_callback=mx.callback.LogValidationMetricsCallback(),
    )
    assert not (tmp_path / "net-0001.params").exists() and (tmp_path / "net-0002.params").exists()
    text = caplog.text
    assert "samples/sec" in text and "Validation-accuracy" in text and "Train-accuracy" in text
    assert "=" in capsys.readouterr().out


def test_feed_forward(tmp_path):
    mx.random.seed(4)
    np.random.seed(4)
    data, label = points()
    model = mx.model.FeedForward.create(
        classifier(16),
        data,
        label,
        num_epoch=40,
        learning_rate=0.5,
        momentum=0.9,
        initializer=mx.init.Xavier(),
        numpy_batch_size=20,
    )
    assert model.score(iterator()) > 0.9
    outputs, inputs, labels = model.predict(iterator(), return_data=True)
    assert outputs.shape == (200, 2) and inputs.shape == (200, 2) and labels.shape == (200,)
    model.save(str(tmp_path / "ff"))
    loaded = mx.model.FeedForward.load(str(tmp_path / "ff"), 40)
    assert np.array_equal(loaded.predict(data), outputs)


def test_several_metrics_give_a_list_of_values():
    model = mx.model.FeedForward(classifier(), num_epoch=1, numpy_batch_size=20)
    model.fit(*points())
    score = model.score(iterator(), ["acc", mx.metric.create("ce")])
    assert len(score) == 2 and 0 <= score[0] <= 1 and score[1] > 0


def test_backward_where_no_gradient_is_wanted_does_nothing():
    net = mx.sym.Activation(mx.sym.Variable("data"), act_type="relu")
    model = mx.mod.Module(net, label_names=None)
    model.bind([("data", (2, 3))])
    model.init_params()
    model.forward(mx.io.DataBatch([mx.nd.ones((2, 3))], None))
    model.backward([mx.nd.ones((2, 3))])
    assert model.get_outputs()[0].asnumpy().tolist() == [[1, 1, 1]] * 2


def test_automatic_names_are_those_of_every_bucket():
    def generate(length):
        net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=3, flatten=False)
        return mx.sym.SoftmaxOutput(net, name="softmax"), ["data"], ["softmax_label"]

    mx.sym.FullyConnected(mx.sym.Variable("x"), num_hidden=1)  # takes a number elsewhere
    mod = mx.mod.BucketingModule(generate, default_bucket_key=4)
    mod.bind([("data", (2, 4))], [("softmax_label", (2,))])
    assert "fullyconnected0_weight" in mod.symbol.list_arguments()


def test_batches_of_other_classes():
    class Batch:
        def __init__(self, data):
            self.data = [data]

    mod = mx.mod.Module(2 * mx.sym.Variable("data"), label_names=None)
    mod.bind([("data", (1, 3))])
    mod.init_params()
    for shape in (1, 3), (2, 5):
        mod.forward(Batch(mx.nd.ones(shape)))
        assert mod.get_outputs()[0].shape == shape


def test_labels_are_read_before_the_next_batch_is_fetched():
    class Reused:
        """An iterator that gives one batch again and again, with other contents."""

        provide_data, provide_label = [("data", (20, 2))], [("softmax_label", (20,))]

        def __init__(self):
            self.batch = mx.io.DataBatch(None, None)
            self.reset()

        def reset(self):
            self.source = iterator()

        def __iter__(self):
            for one in self.source:
                self.batch.data, self.batch.label = one.data, one.label
                yield self.batch
                self.batch.label = None

    counted = mx.metric.create("acc")
    mx.mod.Module(classifier()).fit(Reused(), eval_metric=counted, num_epoch=1)
    assert counted.num_inst == 200


def test_what_is_missing_is_said_before_what_is_too_much():
    mod = mx.mod.Module(classifier())
    mod.bind([("data", (20, 2))], [("softmax_label", (20,))])
    other = {"other": mx.nd.ones((1,))}
    with pytest.raises(RuntimeError, match="is not among the parameters given"):
        mod.set_params(other, {})
    with pytest.raises(ValueError, match="has no argument 'other'"):
        mod.set_params(other, {}, allow_missing=True)


def in_groups(contexts, group2ctxs):
    with mx.AttrScope(ctx_group="first"):
        a = mx.sym.Variable("a") * 2
    with mx.AttrScope(ctx_group="second"):
        net = a + mx.sym.Variable("b")
    mod = mx.mod.Module(
        net, ["a", "b"], label_names=None, context=contexts, group2ctxs=group2ctxs
    )
    mod.bind([("a", (2, 5)), ("b", (2, 5))], inputs_need_grad=True)
    mod.init_params()
    mod.forward(mx.io.DataBatch([mx.nd.ones((2, 5)), mx.nd.ones((2, 5))]), is_train=True)
    mod.backward([mx.nd.ones((2, 5))])
    assert (mod.get_outputs()[0].asnumpy() == 3).all()
    return mod


@pytest.mark.parametrize(
    "count, groups",
    [
        (1, {"first": mx.cpu(1), "second": mx.cpu(2)}),
        (1, {"first": [mx.cpu(1)], "second": mx.cpu(2)}),
        (2, {"first": mx.cpu(1), "second": [mx.cpu(2)]}),
        (2, {"first": [mx.cpu(1), mx.cpu(1)], "second": mx.cpu(2)}),
        (2, [{"first": mx.cpu(1), "second": mx.cpu(2)}] * 2),
    ],
)
def test_groups_of_a_module_have_contexts_of_their_own(count, groups):
    mod = in_groups([mx.cpu(i) for i in range(count)], groups)
    merged = mod.get_input_grads()
    assert [one.context for one in merged] == [mx.cpu(1), mx.cpu(2)]
    assert [(one.asnumpy() == value).all() for one, value in zip(merged, (2, 1))] == [True, True]


def test_bad_groups_of_a_module():
    with pytest.raises(ValueError, match="3 contexts for the group 'first'; the module has 2"):
        in_groups([mx.cpu(0), mx.cpu(1)], {"first": [mx.cpu(1)] * 3})
    with pytest.raises(ValueError, match="group2ctxs has 1 entries; the module has 2 contexts"):
        in_groups([mx.cpu(0), mx.cpu(1)], [{}])


def test_refusals_are_sentences():
    with pytest.raises(TypeError, match="The shape of 'data' is"):
        mx.mod.Module(classifier()).bind([("data", mx.nd.array([4, 2]))])
    with pytest.raises(ValueError, match="data_names has 'x', which is no argument"):
        mx.mod.Module(classifier(), data_names=["x"])
    mod = mx.mod.Module(classifier())
    with pytest.raises(AssertionError, match="call bind first"):
        mod.init_params()
    mod.bind([("data", (4, 2))], [("softmax_label", (4,))])
    with pytest.raises(AssertionError, match="call init_params first"):
        mod.forward(mx.io.DataBatch([mx.nd.ones((4, 2))]))
    with pytest.raises(RuntimeError, match="allow_missing=True"):
        mod.init_params(arg_params={}, aux_params={})
    with pytest.raises(ValueError, match="no argument 'extra'"):
        mod.init_params(arg_params={"extra": mx.nd.ones((1,))}, allow_missing=True)
    with pytest.raises(ValueError, match="cannot be divided among 3"):
        mx.mod.Module(classifier(), context=[mx.cpu(i) for i in range(3)]).bind([("data", (2, 2))])
    with pytest.raises(ValueError, match="needs num_epoch"):
        mod.fit(iterator())
