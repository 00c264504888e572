"""What is said to someone who asks for what cannot be: a sentence each, and nothing is lost."""

import re

import numpy as np
import pytest

import treadle as mx

DATA = mx.sym.Variable('data')
FC = mx.sym.FullyConnected(DATA, num_hidden=4, name='fc')
zeros = mx.nd.zeros


def fc_arrays(data=(2, 3), weight=(4, 3), bias=(4,)):
    return [mx.nd.full(shape, 0) for shape in (data, weight, bias)]


CASES = [
    # parameters
    (
        lambda: mx.sym.FullyConnected(DATA, num_hiden=3),
        mx.MXNetError,
        "FullyConnected: there is no parameter 'num_hiden'. Did you mean 'num_hidden'?",
    ),
    (
        lambda: mx.sym.FullyConnected(DATA),
        mx.MXNetError,
        "the parameter num_hidden (int) is missing",
    ),
    (
        lambda: mx.sym.FullyConnected(DATA, num_hidden='many'),
        mx.MXNetError,
        "'many' is not an integer",
    ),
    (
        lambda: mx.sym.Activation(DATA, act_type='relo'),
        mx.MXNetError,
        "one of 'relu', 'sigmoid', 'softrelu', 'softsign', 'tanh'. Did you mean 'relu'?",
    ),
    (lambda: mx.sym.Dropout(DATA, p=1.5), mx.MXNetError, "p is 1.5; between 0 and 1 is expected"),
    (
        lambda: mx.sym.FullyConnected(DATA, None, None, 4, num_hidden=4),
        TypeError,
        "num_hidden is given twice, by position and by name",
    ),
    # inputs
    (lambda: mx.sym.FullyConnected(3, num_hidden=4), TypeError, "data is 3; a Symbol is expected"),
    (
        lambda: mx.sym.FullyConnected(DATA, wieght=DATA, num_hidden=4),
        mx.MXNetError,
        "there is no input 'wieght'. Did you mean 'weight'?",
    ),
    (
        lambda: mx.sym.FullyConnected(DATA, DATA, DATA, DATA, num_hidden=4),
        TypeError,
        "4 inputs are given by position; it takes 3 (data, weight, bias)",
    ),
    (lambda: mx.sym.Group([FC, DATA]) + DATA, mx.MXNetError, "lhs is a symbol with 2 outputs"),
    (lambda: FC + 'a', TypeError, "unsupported operand"),
    (lambda: bool(FC), mx.MXNetError, "bool() is not defined for a symbol"),
    (lambda: mx.sym.Group([3]), TypeError, "3 is none"),
    (lambda: FC['fc_outptu'], mx.MXNetError, "Did you mean 'fc_output'?"),
    (lambda: FC[1], IndexError, "Output 1 is asked of a symbol with 1 outputs"),
    # attributes
    (
        lambda: mx.sym.Variable('a', attr={'x': 3}),
        ValueError,
        "the attribute 'x' is 3; attributes are text",
    ),
    (lambda: mx.AttrScope(x=3), ValueError, "attributes are text, write '3'"),
    (lambda: mx.sym.Variable('a', secret='1'), ValueError, "written __secret__="),
    (lambda: mx.sym.Variable(3), TypeError, "The name of a variable is 3"),
    # shapes and types
    (
        lambda: FC.infer_shape(data=(2, 3), fc_weight=(4, 5)),
        mx.MXNetError,
        "FullyConnected(fc): weight has shape (4, 5) (fc_weight, given by the caller), expected "
        "(4, 3): data is (2, 3) and num_hidden is 4",
    ),
    (
        lambda: FC.infer_shape(dat=(2, 3)),
        mx.MXNetError,
        "no argument 'dat' in the graph. Did you mean 'data'?",
    ),
    (lambda: FC.infer_shape(data=3), TypeError, "a tuple of int is expected"),
    (
        lambda: FC.infer_shape((2, 3)),
        ValueError,
        "1 shapes are given by position; the symbol has 3 arguments",
    ),
    (lambda: FC.infer_type(data='complex64'), TypeError, "no element type 'complex64'"),
    # binding
    (
        lambda: FC.simple_bind(mx.cpu()),
        mx.MXNetError,
        "do not follow from those given: data, fc_weight, fc_bias",
    ),
    (
        lambda: FC.simple_bind(mx.cpu(), dta=(2, 3)),
        mx.MXNetError,
        "given for 'dta', which is no input",
    ),
    (lambda: FC.simple_bind('cpu', data=(2, 3)), TypeError, "The context is 'cpu'"),
    (lambda: FC.simple_bind(mx.gpu(), data=(2, 3)), mx.MXNetError, "gpu(0)"),
    (
        lambda: FC.simple_bind(mx.cpu(), grad_req='wirte', data=(2, 3)),
        ValueError,
        "grad_req of 'data' is 'wirte'; one of null, write, add",
    ),
    (
        lambda: FC.bind(mx.cpu(), [zeros((2, 3))]),
        ValueError,
        "args has 1 arrays; the symbol needs 3",
    ),
    (
        lambda: FC.bind(mx.cpu(), dict(zip(['data', 'fc_weight'], fc_arrays()))),
        ValueError,
        "args lacks an array for 'fc_bias'",
    ),
    (
        lambda: FC.bind(mx.cpu(), fc_arrays()[:2] + [np.zeros(4)]),
        TypeError,
        "for 'fc_bias'; an NDArray is expected",
    ),
    (lambda: FC.bind(mx.cpu(), 3), TypeError, "a list or dict of NDArrays is expected"),
    (lambda: FC.bind(mx.cpu(), fc_arrays(weight=(4, 4))), mx.MXNetError, "weight has shape (4, 4)"),
    (
        lambda: FC.bind(mx.cpu(), fc_arrays(data=(0, 3))),
        mx.MXNetError,
        "'data' is an empty array of shape (0, 3)",
    ),
    (
        lambda: FC.bind(mx.cpu(), fc_arrays()[:2] + [zeros((4,), dtype='int32')]),
        mx.MXNetError,
        "int32",
    ),
    (
        lambda: FC.bind(mx.cpu(), fc_arrays(), args_grad={'data': zeros((3, 3))}),
        mx.MXNetError,
        "The gradient of 'data' has shape (3, 3), expected (2, 3)",
    ),
    # files
    (lambda: mx.sym.load_json('{"nodes": ['), mx.MXNetError, "ends at byte 11"),
    (
        lambda: mx.sym.load_json('{"nodes":[],"arg_nodes":[],"heads":[]}'),
        mx.MXNetError,
        "at least one output",
    ),
    (
        lambda: mx.sym.load_json(
            '{"nodes":[{"op":"Flatten","name":"a","inputs":[[1,0,0]]},'
            '{"op":"Flatten","name":"b","inputs":[[0,0,0]]}],"arg_nodes":[],"heads":[[1,0,0]]}'
        ),
        mx.MXNetError,
        "cycle",
    ),
    (
        lambda: mx.sym.load_json(
            '{"nodes":[{"op":"NoSuchOp","name":"a","inputs":[]}],"arg_nodes":[],'
            '"heads":[[0,0,0]]}'
        ),
        mx.MXNetError,
        "no operator 'NoSuchOp'",
    ),
    (lambda: mx.sym.load_json(3), TypeError, "JSON text is expected"),
    (lambda: mx.sym.load('/no/such/file.json'), mx.MXNetError, "/no/such/file.json cannot be read"),
    (
        lambda: mx.nd.load('/no/such/file.params'),
        mx.MXNetError,
        "/no/such/file.params cannot be read",
    ),
    (lambda: mx.nd.load_frombuffer(b'abc'), mx.MXNetError, "byte 0"),
    (lambda: mx.nd.save('x', [3]), TypeError, "NDArrays are expected"),
    # arrays
    (lambda: zeros((2, 3)) + zeros((3, 3)), mx.MXNetError, "(2, 3) and rhs (3, 3)"),
    (lambda: zeros((2, 3)) + zeros((2, 3), dtype='int32'), mx.MXNetError, "rhs is int32"),
    (lambda: zeros((2, 3))[2], IndexError, "Row 2 is asked of an array of shape (2, 3)"),
    (
        lambda: zeros((2, 3)).__setitem__(0, np.zeros(5)),
        ValueError,
        "A value of shape (5,) is assigned to a part of shape (3,)",
    ),
    (lambda: zeros((2, 3)).reshape((4, 2)), mx.MXNetError, "has 6 elements; shape (4, 2) needs 8"),
    (lambda: zeros((2, 3)).asscalar(), ValueError, "it has 6 elements"),
    (lambda: bool(zeros((2,))), ValueError, "The truth of an array of shape (2,)"),
    (lambda: mx.nd.array([[1, 2], [3]]), TypeError, "An array cannot be made from [[1, 2], [3]]"),
    (
        lambda: mx.nd.FullyConnected(zeros((2, 3)), num_hidden=2),
        mx.MXNetError,
        "1 arrays are given, expected 3 (data, weight, bias)",
    ),
    (lambda: zeros((2,)).copyto(3), TypeError, "an NDArray or a Context is expected"),
    (lambda: mx.Context('tpu'), ValueError, "no kind of device 'tpu'"),
    (lambda: mx.random.seed('x'), ValueError, "an int is expected"),
]


@pytest.mark.parametrize('index', range(len(CASES)))
def test_sentence(index):
    ask, error, words = CASES[index]
    with pytest.raises(error, match=re.escape(words)):
        ask()
    mx.nd.waitall()  # nothing of it was queued


def test_running():
    exe = FC.simple_bind(mx.cpu(), data=(2, 3))
    exe.forward(is_train=True)
    for heads, error, words in [
        (None, mx.MXNetError, "needs the gradient of output 0, 'fc_output'"),
        (zeros((3, 4)), mx.MXNetError, r"has shape \(3, 4\), expected \(2, 4\)"),
        ([np.zeros((2, 4))], TypeError, "an NDArray is expected"),
    ]:
        with pytest.raises(error, match=words):
            exe.backward(heads)
    with pytest.raises(TypeError, match="no argument 'datum'"):
        exe.forward(datum=zeros((2, 3)))
    with pytest.raises(ValueError, match=r"shape \(2, 4\); it was bound with \(2, 3\)"):
        exe.forward(data=zeros((2, 4)))
    exe.backward(zeros((2, 4)))
    exe.backward([zeros((2, 4)), zeros((7,))])  # as in MXNet what is beyond the outputs is left alone


def test_failed_bind_leaves_the_arrays_alone():
    arrays = [mx.nd.ones((2, 3)), mx.nd.ones((4, 9)), mx.nd.ones((4,))]
    grads = [mx.nd.ones((2, 3))] + [None] * 2
    with pytest.raises(mx.MXNetError):
        FC.bind(mx.cpu(), arrays, grads)
    assert all((array.asnumpy() == 1).all() for array in arrays + grads[:1])


def test_out_of_memory_is_a_memory_error():
    with pytest.raises(MemoryError, match="no room for 17592186044416 bytes") as caught:
        mx.nd.empty((1 << 42,))
    assert isinstance(caught.value, mx.MXNetError) and isinstance(caught.value, RuntimeError)
    assert mx.nd.ones((2,)).asnumpy().sum() == 2


def test_truncated_parameters(tmp_path):
    path = tmp_path / 'x.params'
    mx.nd.save(path, {'weight': mx.nd.ones((3, 4))})
    whole = path.read_bytes()
    without_checksum = len(whole) - 16  # a whole file of other writers
    for length in set(range(len(whole))) - {without_checksum}:
        with pytest.raises(mx.MXNetError, match="byte"):
            mx.nd.load_frombuffer(whole[:length])
    assert mx.nd.load_frombuffer(whole)['weight'].shape == (3, 4)


def test_truncated_symbol():
    whole = FC.tojson()
    for length in range(len(whole.rstrip()) - 1):
        with pytest.raises(mx.MXNetError):
            mx.sym.load_json(whole[:length])
    assert mx.sym.load_json(whole).tojson() == whole


def test_failed_save_leaves_the_file(tmp_path):
    path = tmp_path / 'net.json'
    FC.save(path)
    before = path.read_text()
    with pytest.raises(mx.MXNetError):
        DATA.save(tmp_path / 'nowhere' / 'net.json')
    assert path.read_text() == before and [p.name for p in tmp_path.iterdir()] == ['net.json']


def test_arrays_without_elements_crash_nothing():
    def empty(*shape):
        return mx.nd.ones(shape)

    with mx.np_shape():
        for made, shape in (
            (mx.nd.concat(empty(2, 0), empty(2, 0), dim=1), (2, 0)),
            (mx.nd.concat(empty(0, 2), empty(0, 3), dim=1), (0, 5)),
            (mx.nd.concat(empty(0, 2), empty(3, 2), empty(0, 2), dim=0), (3, 2)),
            (mx.nd.space_to_depth(empty(1, 3, 0, 0), block_size=2), (1, 12, 0, 0)),
            (mx.nd.depth_to_space(empty(0, 4, 2, 2), block_size=2), (0, 1, 4, 4)),
        ):
            assert made.asnumpy().shape == shape


def test_arrays_without_elements_are_computed_within_np_shape_alone():
    for make, shape in (
        (lambda: mx.nd.zeros((0, 3)), (0, 3)),
        (lambda: mx.nd.ones(()), ()),
        (lambda: mx.nd.full((0, 3), 1) + 1, (0, 3)),
    ):
        with pytest.raises(mx.MXNetError, match=r"within mx\.np_shape\(\)"):
            make()
        with mx.np_shape():
            assert make().shape == shape
