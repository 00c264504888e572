"""Key-value stores."""

import numpy as np
import pytest

import treadle as mx


def filled(value):
    return mx.nd.full((2, 2), value)


def test_pushes_are_added_up_and_replace_the_value():
    store = mx.kv.create("local")
    store.init("a", filled(0))
    store.push("a", [filled(1), filled(2), filled(4)])
    outs = [mx.nd.zeros((2, 2)), mx.nd.zeros((2, 2))]
    store.pull("a", outs)
    assert [out.asnumpy()[0, 0] for out in outs] == [7, 7]


def test_several_keys_at_once():
    store = mx.kv.create("device")
    store.init([1, 2], [filled(0)] * 2)
    store.push([1, 2], [[filled(1), filled(2)], [filled(3), filled(4)]])
    outs = [filled(0), filled(0)]
    store.pull([1, 2], out=outs)
    assert [out.asnumpy()[0, 0] for out in outs] == [3, 7]
    store.pushpull(1, filled(9), out=outs[0])
    assert outs[0].asnumpy()[0, 0] == 9


def test_an_updater_decides():
    store = mx.kv.create()
    store.init(3, filled(1))
    calls = []

    def update(key, merged, stored):
        calls.append(key)
        stored += merged * 2

    store.set_updater(update)
    store.push(3, [filled(1), filled(1)])
    out = filled(0)
    store.pull(3, out)
    assert out.asnumpy()[0, 0] == 5 and calls == [3]


def test_an_optimizer_and_its_states(tmp_path):
    def run(store, steps):
        out = filled(0)
        for _ in range(steps):
            store.push("w", filled(1))
        store.pull("w", out)
        return out.asnumpy()[0, 0]

    store = mx.kv.create()
    store.init("w", filled(0))
    store.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.5))
    assert run(store, 1) == pytest.approx(-0.1)
    path = str(tmp_path / "states")
    store.save_optimizer_states(path)
    assert run(store, 1) == pytest.approx(-0.25)
    other = mx.kv.create()
    other.init("w", filled(-0.1))
    other.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.5))
    other.load_optimizer_states(path)
    assert run(other, 1) == pytest.approx(-0.25)


def test_what_it_says_of_itself():
    store = mx.kv.create("local")
    assert (store.type, store.rank, store.num_workers) == ("local", 0, 1)
    assert store.is_capable("optimizer")


def test_refusals_are_sentences():
    store = mx.kv.create()
    store.init(1, filled(0))
    for call, sentence in (
        (lambda: store.init(1, filled(0)), "initialised already"),
        (lambda: store.push(2, filled(0)), "before it is initialised"),
        (lambda: store.push(1, mx.nd.ones((3,))), r"shape \(2, 2\); one of shape \(3,\)"),
        (lambda: mx.kv.create("dist_sync"), "across machines"),
        (lambda: mx.kv.create("lokal"), "no KVStore 'lokal'"),
        (lambda: store.save_optimizer_states("x"), "set_optimizer was not called"),
        (lambda: store.row_sparse_pull(1), "no sparse arrays"),
    ):
        with pytest.raises(mx.MXNetError, match=sentence):
            call()
    with pytest.raises(TypeError, match="NDArrays are expected"):
        store.push(1, np.ones((2, 2)))


def test_servers_are_refused():
    with pytest.raises(mx.MXNetError, match="stores across machines are not part of this build"):
        mx.kvstore.KVStoreServer(mx.kv.create("local"))
    assert isinstance(mx.kv.create("LOCAL"), mx.kvstore.KVStoreBase)
