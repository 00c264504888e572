"""Outputs and gradients of a symbol against what they should be."""

import numpy as np

from .. import symbol as sym_module
from ..ndarray import NDArray, array
from ..ndarray.sparse import refuse
from ._compare import as_host, assert_almost_equal, reldiff
from ._environment import default_context
from ._tolerances import default_numeric_eps, get_tolerance

__all__ = [
    "simple_forward",
    "numeric_grad",
    "check_numeric_gradient",
    "check_symbolic_forward",
    "check_symbolic_backward",
]


def simple_forward(sym, ctx=None, is_train=False, **inputs):
    """The outputs of a symbol for numpy arrays by name: one array, or a list."""
    ctx = ctx or default_context()
    inputs = {name: array(value, ctx) for name, value in inputs.items()}
    executor = sym.bind(ctx, args=inputs)
    executor.forward(is_train=is_train)
    outputs = [out.asnumpy() for out in executor.outputs]
    return outputs[0] if len(outputs) == 1 else outputs


def _is_own(dtype):
    """Whether each array's own type is asked for."""
    return isinstance(dtype, str) and dtype == "asnumpy"


def _check_dtype(dtype, or_own=True):
    if or_own if _is_own(dtype) else np.dtype(dtype).kind == "f":
        return
    raise ValueError(
        "The dtype is %r; float16, float32%s is expected."
        % (dtype, ", float64 or 'asnumpy', each array's own," if or_own else " or float64")
    )


def _array(value, ctx, dtype):
    """An NDArray of what is not one: of its own type if `dtype` is 'asnumpy'."""
    if isinstance(value, NDArray):
        return value
    value = np.asarray(value)
    return array(value, ctx, value.dtype if _is_own(dtype) else dtype)


def _by_name(given, names, what, ctx, dtype):
    """NDArrays by name from a dict, or a list in the order of `names`; all have to be there."""
    if not isinstance(given, dict):
        if len(given) != len(names):
            raise ValueError(
                "%d arrays are given for the %ss %s." % (len(given), what, ", ".join(names))
            )
        given = dict(zip(names, given))
    elif set(given) != set(names):
        raise ValueError(
            "Arrays are given for %s; the symbol has the %ss %s."
            % (sorted(given), what, sorted(names))
        )
    return {name: _array(given[name], ctx, dtype) for name in sorted(given)}


def _states(sym, aux_states, ctx, dtype):
    """Copies of auxiliary states, which a run changes."""
    if aux_states is None:
        return None
    names = sym.list_auxiliary_states()
    found = _by_name(aux_states, names, "auxiliary state", ctx, dtype)
    return {name: value.copy() for name, value in found.items()}


def _requests(requests, names):
    """Requests by name from one, a list, or a dict."""
    if isinstance(requests, dict):
        return requests
    if isinstance(requests, str):
        return dict.fromkeys(names, requests)
    return dict(zip(names, requests))


def _refuse_sparse(stypes, what):
    for name, stype in (stypes or {}).items():
        if stype not in (None, "default"):
            refuse("%s[%r] = %r" % (what, name, stype))


def _compare(expected, got, rtol, atol, names, equal_nan, check_eps):
    """The rule of the first releases, a bound of reldiff, where check_eps is given."""
    if check_eps is None:
        return assert_almost_equal(expected, got, rtol, atol, names, equal_nan)
    relative = reldiff(expected, got)
    if not relative <= check_eps:
        raise AssertionError(
            "%s and %s differ by %g of their size; check_eps is %g."
            % (*names, relative, check_eps)
        )


def _compare_gradient(name, request, expected, got, before, *how):
    """`expected` is the gradient alone, `before` what was in the array `got` is of."""
    got = as_host(got)
    if request == "null":
        expected = before
    elif request == "add":
        got = got - before
    elif request != "write":
        raise ValueError(
            "The request for %r is %r; write, add or null is expected." % (name, request)
        )
    _compare(expected, got, *how[:2], ("expected_%s" % name, "gradient_%s" % name), *how[2:])


def numeric_grad(
    executor, location, aux_states=None, eps=1e-4, use_forward_train=True, dtype=np.float32
):
    """Gradients of the sum of the first output by central differences: numpy arrays of `dtype` by
    name, for the numpy arrays by name that `location` holds; 0 for those of whole numbers."""
    _check_dtype(dtype, or_own=False)
    found = {}
    for name, value in location.items():
        executor.arg_dict[name][:] = value

    def output():
        for name, value in (aux_states or {}).items():
            executor.aux_dict[name][:] = value
        executor.forward(is_train=use_forward_train)
        return executor.outputs[0].asnumpy().astype(np.float64)

    for name, value in location.items():
        host, target = as_host(value), executor.arg_dict[name]
        found[name] = grad = np.zeros(host.shape, dtype)
        if host.dtype.kind != "f":
            continue
        for place in np.ndindex(*host.shape):
            outputs = []
            for step in (eps / 2, -eps / 2):
                moved = host.copy()
                moved[place] += step
                target[:] = moved
                outputs.append(output())
            grad[place] = (outputs[0] - outputs[1]).sum() / eps
        target[:] = host
    return found


def check_numeric_gradient(
    sym,
    location,
    aux_states=None,
    numeric_eps=None,
    rtol=None,
    atol=None,
    grad_nodes=None,
    use_forward_train=True,
    ctx=None,
    grad_stype_dict=None,
    dtype=np.float32,
    check_eps=None,
):
    """Compares a symbol's gradients with central differences of steps `numeric_eps`, on a random
    combination of its output.

    `location` are the arguments, `aux_states` the auxiliary states, lists or dicts; `grad_nodes`
    are the names that are looked at, or a dict of their requests, all unless said. `check_eps` bounds
    the sum of the differences relative to the sum of the sizes, as in the first releases."""
    _check_dtype(dtype, or_own=False)
    _refuse_sparse(grad_stype_dict, "grad_stype_dict")
    ctx = ctx or default_context()
    names = sym.list_arguments()
    location = _by_name(location, names, "argument", ctx, dtype)
    states = _states(sym, aux_states, ctx, dtype)
    hosts = {name: value.asnumpy() for name, value in location.items()}
    kept = states and {name: value.asnumpy() for name, value in states.items()}
    if grad_nodes is None:
        grad_nodes = names
    requests = dict.fromkeys(grad_nodes, "write")
    if isinstance(grad_nodes, dict):
        requests.update(grad_nodes)
    before = {name: np.random.normal(0, 0.01, location[name].shape) for name in requests}
    grads = {name: array(value, ctx, dtype) for name, value in before.items()}
    before = {name: value.asnumpy() for name, value in grads.items()}
    shape = sym.infer_shape(**{name: value.shape for name, value in location.items()})[1][0]
    # Not the plain sum: of a softmax that is constant. No weight is near 0.
    location["__random_proj"] = array(np.random.uniform(0.1, 1.1, shape), ctx, dtype)
    loss = sym_module.make_loss(sym * sym_module.Variable("__random_proj"))
    executor = loss.bind(ctx, location, grads, requests, states)
    executor.forward(is_train=True)
    eps = get_tolerance(executor.outputs[0], numeric_eps, default_numeric_eps())
    if np.dtype(dtype).itemsize < 8 and eps < 1e-5:
        raise ValueError(
            "numeric_eps is %g; in %s differences of such steps are rounding alone. Take 1e-5 or "
            "more." % (eps, np.dtype(dtype))
        )
    executor.backward()
    found = {name: value.asnumpy() for name, value in grads.items()}
    numeric = numeric_grad(executor, hosts, kept, eps, use_forward_train, dtype)
    for name, request in requests.items():
        _compare_gradient(
            name, request, numeric[name], found[name], before[name], rtol, atol, False, check_eps
        )


def check_symbolic_forward(
    sym,
    location,
    expected,
    rtol=None,
    atol=None,
    aux_states=None,
    ctx=None,
    equal_nan=False,
    dtype=np.float32,
    check_eps=None,
):
    """Compares a symbol's outputs with arrays, a list or a dict by name; gives the outputs."""
    _check_dtype(dtype)
    ctx = ctx or default_context()
    location = _by_name(location, sym.list_arguments(), "argument", ctx, dtype)
    names = sym.list_outputs()
    if isinstance(expected, dict):
        expected = [expected[name] for name in names]
    executor = sym.bind(ctx, location, aux_states=_states(sym, aux_states, ctx, dtype))
    executor.forward(is_train=False)
    for name, wanted, got in zip(names, expected, executor.outputs):
        labels = ("expected_%s" % name, "forward_%s" % name)
        _compare(wanted, got, rtol, atol, labels, equal_nan, check_eps)
    return executor.outputs


def check_symbolic_backward(
    sym,
    location,
    out_grads,
    expected,
    rtol=None,
    atol=None,
    aux_states=None,
    grad_req="write",
    ctx=None,
    grad_stypes=None,
    equal_nan=False,
    dtype=np.float32,
    check_eps=None,
):
    """Compares a symbol's gradients for `out_grads` with arrays, a list or a dict by name; gives
    the gradients by name. Those that are added to what was there are compared without it, those
    that are not asked for with it."""
    _check_dtype(dtype)
    _refuse_sparse(grad_stypes, "grad_stypes")
    ctx = ctx or default_context()
    names = sym.list_arguments()
    location = _by_name(location, names, "argument", ctx, dtype)
    if not isinstance(expected, dict):
        expected = dict(zip(names, expected))
    requests = _requests(grad_req, names)
    grads = {}
    for name in sorted(expected):
        wanted = as_host(expected[name])
        noise = np.random.normal(size=wanted.shape)
        grads[name] = array(noise, ctx, wanted.dtype if _is_own(dtype) else dtype)
    before = {name: value.asnumpy() for name, value in grads.items()}
    executor = sym.bind(ctx, location, grads, requests, _states(sym, aux_states, ctx, dtype))
    executor.forward(is_train=True)
    if isinstance(out_grads, dict):
        out_grads = [out_grads.get(name) for name in sym.list_outputs()]
    if out_grads is not None:
        out_grads = [None if one is None else _array(one, ctx, dtype) for one in out_grads]
    executor.backward(out_grads)
    for name, wanted in expected.items():
        _compare_gradient(
            name, requests.get(name, "null"), wanted, grads[name], before[name],
            rtol, atol, equal_nan, check_eps,
        )
    return grads
