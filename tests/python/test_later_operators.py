"""Operators that graphs of later releases have, against what numpy says."""

import numpy as np
import pytest

import treadle as mx


def heads_of(array, parts, heads):
    """(length, batch, heads * parts * size) as (part, batch * heads, length, size)."""
    length, batch, width = array.shape
    split = array.reshape(length, batch, heads, parts, width // heads // parts)
    return split.transpose(3, 1, 2, 0, 4).reshape(parts, batch * heads, length, -1)


def joined(array, batch):
    """(batch * heads, length, size) as (length, batch, heads * size)."""
    heads, length, size = array.shape[0] // batch, array.shape[1], array.shape[2]
    split = array.reshape(batch, heads, length, size).transpose(2, 0, 1, 3)
    return split.reshape(length, batch, heads * size)


def test_self_attention():
    x = np.random.RandomState(1).uniform(-1, 1, (5, 2, 36)).astype("float32")
    query, key, value = heads_of(x, 3, 4)
    qkv = mx.sym.Variable("qkv")
    scores = mx.sym.contrib.interleaved_matmul_selfatt_qk(qkv, heads=4)
    net = mx.sym.contrib.interleaved_matmul_selfatt_valatt(qkv, mx.sym.softmax(scores), heads=4)
    exe = mx.sym.Group([scores, net]).bind(mx.cpu(), {"qkv": mx.nd.array(x)})
    made = [out.asnumpy() for out in exe.forward()]

    expected = query @ key.transpose(0, 2, 1) / np.sqrt(3)
    np.testing.assert_allclose(made[0], expected, rtol=1e-5, atol=1e-6)
    weights = np.exp(expected) / np.exp(expected).sum(-1, keepdims=True)
    np.testing.assert_allclose(made[1], joined(weights @ value, 2), rtol=1e-5, atol=1e-6)


def test_attention_between_two_sentences():
    random = np.random.RandomState(2)
    q = random.uniform(-1, 1, (5, 2, 12)).astype("float32")
    kv = random.uniform(-1, 1, (7, 2, 24)).astype("float32")
    (query,), (key, value) = heads_of(q, 1, 4), heads_of(kv, 2, 4)
    contrib = mx.nd.contrib
    scores = contrib.interleaved_matmul_encdec_qk(mx.nd.array(q), mx.nd.array(kv), heads=4)
    expected = query @ key.transpose(0, 2, 1) / np.sqrt(3)
    np.testing.assert_allclose(scores.asnumpy(), expected, rtol=1e-5, atol=1e-6)
    made = contrib.interleaved_matmul_encdec_valatt(mx.nd.array(kv), scores, heads=4)
    np.testing.assert_allclose(made.asnumpy(), joined(expected @ value, 2), rtol=1e-4, atol=1e-5)


def test_sync_batch_norm_is_batch_norm_on_one_device():
    data = mx.nd.random.uniform(shape=(4, 3, 5))

    def states():
        return [mx.nd.ones(3), mx.nd.zeros(3), mx.nd.zeros(3), mx.nd.ones(3)]

    with mx.autograd.train_mode():
        sync = mx.nd.contrib.SyncBatchNorm(data, *states(), key="bn", output_mean_var=True, eps=1e-3)
        plain = mx.nd.BatchNorm(data, *states(), output_mean_var=True, eps=1e-3)
        np.testing.assert_allclose(sync[0].asnumpy(), plain[0].asnumpy(), rtol=1e-4, atol=1e-5)
        variance = data.asnumpy().var(axis=(0, 2))
        np.testing.assert_allclose(sync[2].asnumpy(), variance, rtol=1e-4)
        with pytest.raises(mx.MXNetError, match="ndev is 2: statistics are not gathered"):
            mx.nd.contrib.SyncBatchNorm(data, *states(), key="bn", ndev=2).wait_to_read()
    mx.nd.contrib.SyncBatchNorm(data, *states(), key="bn", ndev=2).wait_to_read()


def test_boolean_mask_keeps_parts():
    data = mx.nd.array(np.arange(12).reshape(3, 4))
    data.attach_grad()
    with mx.autograd.record():
        kept = mx.nd.contrib.boolean_mask(data, mx.nd.array([1, 0, 1]))
        total = (kept * kept).sum()
    assert kept.asnumpy().tolist() == data.asnumpy()[[0, 2]].tolist()
    total.backward()
    assert data.grad.asnumpy().tolist() == [[0, 2, 4, 6], [0] * 4, [16, 18, 20, 22]]
    columns = mx.nd.contrib.boolean_mask(data, mx.nd.array([0, 1, 0, 1]), axis=1)
    assert columns.asnumpy().tolist() == [[1, 3], [5, 7], [9, 11]]
    with mx.np_shape():
        assert mx.nd.contrib.boolean_mask(data, mx.nd.zeros(3)).shape == (0, 4)
    with pytest.raises(mx.MXNetError, match=r"index has shape \(4,\) and data \(3, 4\)"):
        mx.nd.contrib.boolean_mask(data, mx.nd.ones(4))
    with pytest.raises(mx.MXNetError, match="known only when it runs"):
        mx.sym.contrib.boolean_mask(mx.sym.Variable("x"), mx.sym.Variable("i"))


def test_bytes_with_a_sign_keep_zero():
    ends = [mx.nd.array([-0.5]), mx.nd.array([1.0])]
    data = mx.nd.array([-2, -0.5, 0, 0.25, 1, 3])
    made, low, high = mx.nd.contrib.quantize(data, *ends, out_type="int8")
    assert made.dtype == np.int8 and made.asnumpy().tolist() == [-127, -64, 0, 32, 127, 127]
    assert (low.asscalar(), high.asscalar()) == (-1, 1)
    back = mx.nd.contrib.dequantize(made, low, high).asnumpy()
    np.testing.assert_allclose(back, np.clip(data.asnumpy(), -1, 1), atol=1 / 254)


def test_images_become_numbers_of_networks():
    image = np.random.RandomState(3).randint(0, 256, (2, 4, 5, 3)).astype("uint8")
    tensor = mx.nd.image.to_tensor(mx.nd.array(image, dtype="uint8"))
    expected = image.transpose(0, 3, 1, 2) / np.float32(255)
    np.testing.assert_allclose(tensor.asnumpy(), expected, rtol=1e-6)
    mean, std = (0.1, 0.2, 0.3), (1, 2, 4)
    net = mx.sym.image.normalize(mx.sym.Variable("data"), mean=mean, std=std)
    made = net.bind(mx.cpu(), {"data": tensor}).forward()[0].asnumpy()
    spread = [np.array(each, "float32").reshape(3, 1, 1) for each in (mean, std)]
    np.testing.assert_allclose(made, (expected - spread[0]) / spread[1], rtol=1e-5, atol=1e-6)
    one = mx.nd.image.normalize(tensor[0], mean=0.5, std=2.0)
    np.testing.assert_allclose(one.asnumpy(), (expected[0] - 0.5) / 2, rtol=1e-5, atol=1e-6)


def test_turned_regions_that_are_not_turned_are_plain_ones():
    data = mx.nd.random.uniform(shape=(2, 3, 8, 9))
    corners = mx.nd.array([[0, 1, 2, 6, 5], [1, 0, 0, 8, 4]])
    turned = mx.nd.array([[0, 3.5, 3.5, 5, 3, 0], [1, 4, 2, 8, 4, 360]])
    sizes = {"pooled_size": (2, 3), "spatial_scale": 1.0}
    plain = mx.nd.contrib.ROIAlign(data, corners, sample_ratio=2, **sizes)
    made = mx.nd.contrib.RROIAlign(data, turned, sampling_ratio=2, **sizes)
    np.testing.assert_allclose(made.asnumpy(), plain.asnumpy(), rtol=1e-4, atol=1e-5)
    half = mx.nd.array([[0, 3.5, 3.5, 5, 3, 180]])
    made = mx.nd.contrib.RROIAlign(data, half, sampling_ratio=2, **sizes)
    flipped = plain.asnumpy()[:1, :, ::-1, ::-1]
    np.testing.assert_allclose(made.asnumpy(), flipped, rtol=1e-4, atol=1e-5)


def test_the_norm_in_a_wider_type_has_a_gradient():
    x = np.random.RandomState(4).uniform(-1, 1, (3, 4)).astype("float16")
    for ord, slope in ((1, np.sign(x)), (2, x / np.linalg.norm(x.astype("f"), axis=1)[:, None])):
        data = mx.nd.array(x, dtype="float16")
        data.attach_grad()
        with mx.autograd.record():
            made = mx.nd.norm(data, ord=ord, axis=1, out_dtype="float32")
        made.backward()
        assert made.dtype == np.float32 and data.grad.dtype == np.float16
        expected = np.linalg.norm(x.astype("f"), ord=ord, axis=1)
        np.testing.assert_allclose(made.asnumpy(), expected, rtol=1e-5)
        np.testing.assert_allclose(data.grad.asnumpy(), slope, rtol=2e-3)


def test_same_pooling_takes_no_padding_of_any_length():
    data = mx.nd.array([[[1, 5, 2, 4, 3]]])
    made = mx.nd.Pooling(data, kernel=2, stride=2, pad=(0, 0), pooling_convention="same")
    assert made.asnumpy().tolist() == [[[5, 4, 3]]]
    with pytest.raises(mx.MXNetError, match="same takes none"):
        mx.nd.Pooling(data, kernel=2, stride=2, pad=1, pooling_convention="same")


def test_an_index_that_is_not_there_is_an_index_error():
    data = mx.nd.array([[0, 1, 2], [3, 4, 5]])
    for make in (
        lambda: mx.nd.gather_nd(data, mx.nd.array([[0, 1], [0, 3]])),
        lambda: mx.nd.gather_nd(data, mx.nd.array([[0, 1], [0, -4]])),
        lambda: mx.nd.take(data, mx.nd.array([2]), mode="raise"),
    ):
        with pytest.raises(IndexError, match="out of range") as caught:
            make().asnumpy()
        assert isinstance(caught.value, mx.MXNetError)


def test_what_cannot_be_drawn_fails_when_it_is_drawn():
    never = mx.nd.random.normal(0, -1, shape=(2,))
    with pytest.raises(mx.MXNetError, match="scale is -1; at least 0"):
        never.asnumpy()
