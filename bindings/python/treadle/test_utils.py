"""Helpers for tests of operators and models: random arrays, comparisons, numeric gradients."""

import contextlib
import os
import random as _random

import numpy as np

from . import ndarray as nd
from . import symbol as sym
from .context import Context, current_context
from .ndarray import NDArray, array
from .util import environment

__all__ = [
    "default_context",
    "set_default_context",
    "default_dtype",
    "default_rtol",
    "default_atol",
    "get_rtol",
    "get_atol",
    "random_arrays",
    "random_sample",
    "np_reduce",
    "rand_shape_2d",
    "rand_shape_3d",
    "rand_shape_nd",
    "rand_ndarray",
    "find_max_violation",
    "same",
    "almost_equal",
    "almost_equal_ignore_nan",
    "assert_almost_equal",
    "assert_almost_equal_ignore_nan",
    "assert_allclose",
    "assert_exception",
    "reldiff",
    "simple_forward",
    "numeric_grad",
    "check_numeric_gradient",
    "check_symbolic_forward",
    "check_symbolic_backward",
    "check_consistency",
    "check_speed",
    "discard_stderr",
    "environment",
    "retry",
    "same_array",
    "set_env_var",
    "list_gpus",
    "DummyIter",
]



def default_context():
    """The context that tests run on: the one in force."""
    return current_context()


def set_default_context(ctx):
    """Makes a context the one in force."""
    Context.default_ctx = ctx


def default_dtype():
    return np.float32


def default_rtol():
    return 1e-5


def default_atol():
    return 1e-20


def get_rtol(rtol=None):
    return 1e-5 if rtol is None else rtol


def get_atol(atol=None):
    return 1e-20 if atol is None else atol


def list_gpus():
    """Numbers of the accelerators there are."""
    from .context import num_gpus

    return list(range(num_gpus()))


def random_arrays(*shapes):
    """Normal numbers of each shape; one array where one shape is given."""
    made = [np.array(np.random.randn(*shape), np.float32) for shape in shapes]
    return made[0] if len(made) == 1 else made


def random_sample(population, k):
    """k different elements, in their order."""
    chosen = sorted(_random.sample(range(len(population)), k))
    return [population[i] for i in chosen]


def rand_shape_2d(dim0=10, dim1=10):
    return rand_shape_nd(2, (dim0, dim1))


def rand_shape_3d(dim0=10, dim1=10, dim2=10):
    return rand_shape_nd(3, (dim0, dim1, dim2))


def rand_shape_nd(num_dim, dim=10, allow_zero_size=False):
    """A shape with extents from 1, or 0, to `dim`, a number or one for each axis."""
    extents = dim if isinstance(dim, (list, tuple)) else [dim] * num_dim
    low = 0 if allow_zero_size else 1
    return tuple(int(np.random.randint(low, extent + 1)) for extent in extents)


def rand_ndarray(shape, stype="default", density=None, dtype=None, ctx=None, **_):
    """Numbers from -1 to 1."""
    if stype != "default":
        from .ndarray.sparse import refuse

        refuse("rand_ndarray(stype=%r)" % stype)
    return array(np.random.uniform(-1, 1, shape), ctx, dtype or np.float32)


def np_reduce(dat, axis, keepdims, numpy_reduce_func):
    """numpy's reduction along several axes, one after the other."""
    if axis is None:
        axes = list(range(dat.ndim))
    else:
        axes = [axis] if isinstance(axis, int) else list(axis)
    made = dat
    for one in sorted((a % dat.ndim for a in axes), reverse=True):
        made = numpy_reduce_func(made, axis=one)
    if keepdims:
        kept = list(dat.shape)
        for one in axes:
            kept[one] = 1
        made = made.reshape(kept)
    return made


def _host(value):
    return value.asnumpy() if isinstance(value, NDArray) else np.asarray(value)


def same(a, b):
    """Whether two arrays are equal in every element."""
    return np.array_equal(_host(a), _host(b))


def same_array(array1, array2):
    """Whether two arrays are on the same memory: a change of one is one of the other."""
    array1[:] += 1
    if not same(array1, array2):
        array1[:] -= 1
        return False
    array1[:] -= 1
    return same(array1, array2)


def reldiff(a, b):
    """Sum of the differences relative to the sum of the sizes."""
    a, b = _host(a), _host(b)
    diff, norm = np.abs(a - b).sum(), np.abs(a).sum()
    return 0 if diff == 0 else diff / norm


def find_max_violation(a, b, rtol=None, atol=None):
    """Where two arrays differ most, in units of what is allowed, and by how much."""
    a, b = _host(a), _host(b)
    allowed = get_atol(atol) + get_rtol(rtol) * np.abs(b)
    violation = np.abs(a - b) / (allowed + 1e-20)
    place = np.unravel_index(np.argmax(violation), violation.shape)
    return place, np.max(violation)


def almost_equal(a, b, rtol=None, atol=None, equal_nan=False):
    """Whether two arrays differ by no more than atol + rtol * |b|."""
    return np.allclose(_host(a), _host(b), get_rtol(rtol), get_atol(atol), equal_nan)


def assert_almost_equal(
    a, b, rtol=None, atol=None, names=("a", "b"), equal_nan=False, use_broadcast=True
):
    """Raises AssertionError, with the place, where almost_equal is False."""
    a, b = _host(a), _host(b)
    if not use_broadcast and a.shape != b.shape:
        raise AssertionError("Shapes %s and %s differ." % (a.shape, b.shape))
    if almost_equal(a, b, rtol, atol, equal_nan):
        return
    a, b = np.broadcast_arrays(a, b)
    place, most = find_max_violation(np.nan_to_num(a), np.nan_to_num(b), rtol, atol)
    raise AssertionError(
        "%s and %s differ by %g times what is allowed (rtol=%s, atol=%s), most at %s: %r and %r.\n"
        "%s: %s\n%s: %s"
        % (names[0], names[1], most, get_rtol(rtol), get_atol(atol), tuple(map(int, place)),
           a[place], b[place], names[0], a, names[1], b)
    )


def _without_nan(a, b):
    a, b = _host(a).copy(), _host(b).copy()
    unknown = np.isnan(a) | np.isnan(b)
    a[unknown] = b[unknown] = 0
    return a, b


def almost_equal_ignore_nan(a, b, rtol=None, atol=None):
    """As almost_equal, where neither is NaN."""
    return almost_equal(*_without_nan(a, b), rtol, atol)


def assert_almost_equal_ignore_nan(a, b, rtol=None, atol=None, names=("a", "b")):
    """As assert_almost_equal, where neither is NaN."""
    assert_almost_equal(*_without_nan(a, b), rtol, atol, names)


def assert_allclose(a, b, rtol=1e-07, atol=0, equal_nan=True):
    """numpy's, for arrays of either kind."""
    np.testing.assert_allclose(_host(a), _host(b), rtol, atol, equal_nan)


def assert_exception(f, exception_type, *args, **kwargs):
    """Raises AssertionError unless `f` raises that exception."""
    try:
        f(*args, **kwargs)
    except exception_type:
        return
    raise AssertionError("%s was expected; none was raised." % exception_type.__name__)


def retry(n):
    """Decorator: a test that draws numbers may fail n - 1 times."""

    def decorate(function):
        def run(*args, **kwargs):
            for left in reversed(range(n)):
                try:
                    return function(*args, **kwargs)
                except AssertionError:
                    if left == 0:
                        raise

        run.__name__, run.__doc__ = function.__name__, function.__doc__
        return run

    return decorate


def set_env_var(key, val, default_val=""):
    """Sets an environment variable and gives what it was."""
    before = os.environ.get(key, default_val)
    os.environ[key] = val
    return before


@contextlib.contextmanager
def discard_stderr():
    """Nothing written to the standard error stream within is seen."""
    import sys

    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def simple_forward(sym, ctx=None, is_train=False, **inputs):
    """The outputs of a symbol for numpy arrays by name: one array, or a list."""
    ctx = ctx or default_context()
    inputs = {name: array(value, ctx) for name, value in inputs.items()}
    executor = sym.bind(ctx, args=inputs)
    executor.forward(is_train=is_train)
    outputs = [out.asnumpy() for out in executor.outputs]
    return outputs[0] if len(outputs) == 1 else outputs


def _by_name(symbol, given, names, what, ctx, dtype=None):
    """Arrays by name from a dict, or a list in the order of `names`."""
    if given is None:
        return {}
    if isinstance(given, dict):
        if what == "location" and set(given) != set(names):
            raise ValueError(
                "Arrays are given for %s; the symbol has the arguments %s."
                % (sorted(given), sorted(names))
            )
    else:
        given = dict(zip(names, given))
    made = {}
    for name, value in given.items():
        if isinstance(value, NDArray):
            made[name] = value
        elif value is not None:
            value = np.asarray(value)
            made[name] = array(value, ctx, dtype or _float_of(value))
    return made


def _float_of(value):
    return value.dtype if value.dtype in (np.float16, np.float64) else np.float32


def numeric_grad(
    executor, location, aux_states=None, eps=1e-4, use_forward_train=True, dtype=np.float32
):
    """Gradients of the sum of the first output by central differences, by name."""
    found = {}
    for name, value in (aux_states or {}).items():
        executor.aux_dict[name][:] = value
    for name, value in location.items():
        executor.arg_dict[name][:] = value
    for name, value in location.items():
        host = np.array(_host(value), dtype=np.float64)
        grad = np.zeros(host.shape, dtype)
        for place in np.ndindex(*host.shape):
            sums = []
            for step in (eps / 2, -eps / 2):
                moved = host.copy()
                moved[place] += step
                executor.arg_dict[name][:] = moved
                for state, kept in (aux_states or {}).items():
                    executor.aux_dict[state][:] = kept
                executor.forward(is_train=use_forward_train)
                sums.append(executor.outputs[0].asnumpy().astype(np.float64).sum())
            grad[place] = (sums[0] - sums[1]) / eps
        executor.arg_dict[name][:] = host
        found[name] = grad
    return found


def check_numeric_gradient(
    sym_,
    location,
    aux_states=None,
    numeric_eps=1e-3,
    rtol=1e-2,
    atol=None,
    grad_nodes=None,
    use_forward_train=True,
    ctx=None,
    grad_stype_dict=None,
    dtype=np.float32,
    **_
):
    """Compares a symbol's gradients with central differences, on a random combination of its
    outputs. `location` are the arguments, a list or a dict; `grad_nodes` those that are looked at,
    all unless said."""
    ctx = ctx or default_context()
    names = sym_.list_arguments()
    location = _by_name(sym_, location, names, "location", ctx, dtype)
    states = _by_name(sym_, aux_states, sym_.list_auxiliary_states(), "aux_states", ctx, dtype)
    requests = (
        dict(grad_nodes)
        if isinstance(grad_nodes, dict)
        else dict.fromkeys(names if grad_nodes is None else grad_nodes, "write")
    )
    shapes = {name: value.shape for name, value in location.items()}
    shape = sym_.infer_shape(**shapes)[1][0]
    # Not the plain sum: of a softmax that is constant. No weight is near 0.
    weights = array(np.random.uniform(0.5, 1.5, shape), ctx, dtype)
    proxy = sym.Variable("__random_proj")
    loss = sym.MakeLoss(sym.sum(sym_[0] * proxy))
    arguments = {**{n: v.copy() for n, v in location.items()}, "__random_proj": weights}
    before = {
        name: array(np.random.normal(0, 0.01, location[name].shape), ctx, dtype)
        for name, request in requests.items()
        if request != "null"
    }
    grads = {name: value.copy() for name, value in before.items()}
    executor = loss.bind(
        ctx, arguments, grads, requests, {n: v.copy() for n, v in states.items()}
    )
    executor.forward(is_train=True)
    executor.backward()
    found = {name: value.asnumpy() for name, value in grads.items()}
    hosts = {name: location[name].asnumpy() for name in grads}
    kept = {name: value.asnumpy() for name, value in states.items()}
    numeric = numeric_grad(executor, hosts, kept, numeric_eps, use_forward_train, dtype)
    for name, request in requests.items():
        if request == "null":
            continue
        expected = numeric[name] + (before[name].asnumpy() if request == "add" else 0)
        assert_almost_equal(
            expected, found[name], rtol, 1e-4 if atol is None else atol,
            ("numeric gradient of %s" % name, "gradient of %s" % name),
        )


def check_symbolic_forward(
    sym,
    location,
    expected,
    rtol=1e-4,
    atol=None,
    aux_states=None,
    ctx=None,
    equal_nan=False,
    dtype=np.float32,
):
    """Compares a symbol's outputs with arrays, a list or a dict by name; gives the outputs."""
    ctx = ctx or default_context()
    location = _by_name(sym, location, sym.list_arguments(), "location", ctx, dtype)
    states = _by_name(sym, aux_states, sym.list_auxiliary_states(), "aux_states", ctx, dtype)
    names = sym.list_outputs()
    if isinstance(expected, dict):
        expected = [expected[name] for name in names]
    executor = sym.bind(ctx, location, aux_states=states or None)
    executor.forward(is_train=False)
    outputs = [out.asnumpy() for out in executor.outputs]
    for name, wanted, got in zip(names, expected, outputs):
        assert_almost_equal(
            wanted, got, rtol, atol, ("expected %s" % name, "forward %s" % name), equal_nan
        )
    return executor.outputs


def check_symbolic_backward(
    sym,
    location,
    out_grads,
    expected,
    rtol=1e-5,
    atol=None,
    aux_states=None,
    grad_req="write",
    ctx=None,
    grad_stypes=None,
    equal_nan=False,
    dtype=np.float32,
):
    """Compares a symbol's gradients for `out_grads` with arrays, a list or a dict by name; gives
    them."""
    ctx = ctx or default_context()
    names = sym.list_arguments()
    location = _by_name(sym, location, names, "location", ctx, dtype)
    states = _by_name(sym, aux_states, sym.list_auxiliary_states(), "aux_states", ctx, dtype)
    if isinstance(expected, (list, tuple)):
        expected = dict(zip(names, expected))
    if isinstance(grad_req, str):
        grad_req = dict.fromkeys(names, grad_req)
    elif isinstance(grad_req, (list, tuple)):
        grad_req = dict(zip(names, grad_req))
    before = {
        name: np.random.normal(size=location[name].shape).astype(_host(location[name]).dtype)
        for name in expected
    }
    grads = {name: array(value, ctx, value.dtype) for name, value in before.items()}
    executor = sym.bind(ctx, location, grads, grad_req, states or None)
    executor.forward(is_train=True)
    if isinstance(out_grads, dict):
        out_grads = [out_grads[name] for name in sym.list_outputs()]
    if out_grads is not None:
        out_grads = [
            one if isinstance(one, NDArray) else array(one, ctx, _float_of(np.asarray(one)))
            for one in out_grads
        ]
    executor.backward(out_grads)
    found = {name: value.asnumpy() for name, value in grads.items()}
    for name, wanted in expected.items():
        request = grad_req.get(name, "null")
        target = {
            "write": lambda: wanted,
            "add": lambda: _host(wanted) + before[name],
            "null": lambda: before[name],
        }[request]()
        assert_almost_equal(
            target, found[name], rtol, atol,
            ("expected gradient of %s" % name, "gradient of %s" % name), equal_nan,
        )
    return executor.grad_arrays


def check_consistency(
    sym,
    ctx_list,
    scale=1.0,
    grad_req="write",
    arg_params=None,
    aux_params=None,
    tol=None,
    raise_on_err=True,
    ground_truth=None,
    **_
):
    """Compares a symbol's outputs and gradients over contexts and types: each entry of `ctx_list` is
    a dict with ctx, shapes by name, and type_dict. The widest type says what is right."""
    tolerances = {np.dtype(np.float16): 1e-1, np.dtype(np.float32): 1e-3, np.dtype(np.float64): 1e-5}
    if isinstance(tol, (int, float)):
        tolerances = dict.fromkeys(tolerances, tol)
    elif tol:
        tolerances.update((np.dtype(key), value) for key, value in tol.items())
    symbols = sym if isinstance(sym, (list, tuple)) else [sym] * len(ctx_list)
    runs = []
    values = dict(arg_params or {})
    for symbol, entry in zip(symbols, ctx_list):
        executor = symbol.simple_bind(grad_req=grad_req, **entry)
        for name, target in executor.arg_dict.items():
            if name not in values:
                values[name] = np.random.normal(size=target.shape, scale=scale)
            target[:] = _host(values[name]).astype(target.dtype)
        for name, target in executor.aux_dict.items():
            target[:] = (aux_params or {}).get(name, 0)
        executor.forward(is_train=grad_req != "null")
        if grad_req != "null":
            executor.backward([out.copy() for out in executor.outputs])
        got = {name: out.asnumpy() for name, out in executor.output_dict.items()}
        got = dict(zip(range(len(got)), got.values()))
        got.update(
            (name, grad.asnumpy())
            for name, grad in executor.grad_dict.items()
            if grad is not None
        )
        runs.append((np.dtype(executor.outputs[0].dtype), got))
    truth = ground_truth or max(runs, key=lambda run: run[0].itemsize)[1]
    for kind, got in runs:
        for name, value in got.items():
            try:
                allowed = tolerances.get(kind, 0)
                assert_almost_equal(value, truth[name], allowed, allowed, (str(name), "truth"))
            except AssertionError:
                if raise_on_err:
                    raise
    return truth


def check_speed(sym, location=None, ctx=None, N=20, grad_req="write", typ="whole", **kwargs):
    """Seconds of a run of a symbol, the mean of N: forward and backward ('whole'), or 'forward'."""
    import time

    if typ not in ("whole", "forward"):
        raise ValueError("typ is %r; 'whole' or 'forward' is expected." % (typ,))
    ctx = ctx or default_context()
    if location is not None:
        kwargs.update((name, value.shape) for name, value in location.items())
    executor = sym.simple_bind(ctx, grad_req if typ == "whole" else "null", **kwargs)
    for name, target in executor.arg_dict.items():
        target[:] = (
            location[name] if location is not None else np.random.normal(size=target.shape)
        )

    def run():
        executor.forward(is_train=typ == "whole")
        if typ == "whole":
            executor.backward([out.copy() for out in executor.outputs])

    run()
    nd.waitall()
    start = time.time()
    for _ in range(N):
        run()
    nd.waitall()
    return (time.time() - start) / N


class DummyIter:
    """The first batch of an iterator, again and again."""

    def __init__(self, real_iter):
        self.real_iter = real_iter
        self.provide_data, self.provide_label = real_iter.provide_data, real_iter.provide_label
        self.batch_size = real_iter.batch_size
        self.the_batch = next(iter(real_iter))

    def __iter__(self):
        return self

    def __next__(self):
        return self.the_batch

    next = __next__

    def reset(self):
        """There is no end to come back from."""
