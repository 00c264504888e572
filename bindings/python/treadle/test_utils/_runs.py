"""Whole runs against each other: a symbol on several contexts and types, an optimizer against
another; and how long runs take."""

import time
import traceback

import numpy as np

from .. import ndarray as nd
from .. import random
from ..ndarray.sparse import refuse
from ..symbol import Symbol
from ._compare import as_host, assert_almost_equal, compare_ndarray_tuple
from ._environment import default_context
from ._tolerances import effective_dtype, get_tols

__all__ = ["check_consistency", "check_speed", "compare_optimizer"]


def _width(kind):
    return kind.itemsize


def _less_precise(value, output):
    """A value in the type of the run's output if that has fewer bits: of a float16 network the
    float32 gradients are float16's in what they are worth."""
    kinds = effective_dtype(value), effective_dtype(output)
    return np.empty(0, min(kinds, key=_width))


def _compare_runs(values, truth, outputs, best_output, rtol, atol, equal_nan, raise_on_err, what):
    for name, value in values.items():
        wanted = truth.get(name)
        if value is None and wanted is None:
            continue
        if value is None or wanted is None:
            raise AssertionError("%s: only one of the two has a %s." % (what, name))
        tols = get_tols(
            _less_precise(value, outputs), _less_precise(wanted, best_output), rtol, atol
        )
        try:
            assert_almost_equal(value, wanted, *tols, (name, "expected"), equal_nan)
        except AssertionError as error:
            if raise_on_err:
                raise AssertionError("%s: %s" % (what, error)) from None
            traceback.print_exc()


def check_consistency(
    sym,
    ctx_list,
    scale=1.0,
    grad_req="write",
    arg_params=None,
    aux_params=None,
    rtol=None,
    atol=None,
    raise_on_err=True,
    ground_truth=None,
    equal_nan=False,
    use_uniform=False,
    rand_type=np.float64,
    tol=None,
):
    """Compares a symbol's outputs, and its gradients for these outputs, over contexts and types.

    `sym` is a symbol, or one for each run; each entry of `ctx_list` a dict with ctx, shapes by
    name, and type_dict. The run with the widest type says what is right, or `ground_truth`, arrays
    by name. Arguments that `arg_params` lacks are normal numbers of deviation `scale`, or uniform
    ones; auxiliary states are 0. With raise_on_err=False differences are printed. `tol` stands for both
    tolerances, as before 1.6. Gives what was right."""
    if len(ctx_list) < 2:
        raise ValueError("ctx_list has %d entries; two runs at least are compared." % len(ctx_list))
    rtol, atol = (rtol, atol) if tol is None else (tol, tol)
    symbols = [sym] * len(ctx_list) if isinstance(sym, Symbol) else list(sym)
    names = symbols[0].list_arguments(), symbols[0].list_outputs()
    if len(symbols) != len(ctx_list) or any(
        (one.list_arguments(), one.list_outputs()) != names for one in symbols
    ):
        raise ValueError(
            "%d symbols are given for %d contexts; one for each, with the same arguments and "
            "outputs, is expected." % (len(symbols), len(ctx_list))
        )
    runs = [one.simple_bind(grad_req=grad_req, **entry) for one, entry in zip(symbols, ctx_list)]
    values = dict(arg_params or {})
    for name, target in sorted(runs[0].arg_dict.items()):
        if name not in values:
            drawn = (
                np.random.uniform(-0.92 * scale, 0.92 * scale, target.shape)
                if use_uniform
                else np.random.normal(0, scale, target.shape)
            )
            values[name] = np.asarray(drawn, rand_type)
    for run in runs:
        for name, target in run.arg_dict.items():
            target[:] = as_host(values[name]).astype(target.dtype)
        for name, target in run.aux_dict.items():
            target[:] = (aux_params or {}).get(name, 0)
        for gradient in run.grad_arrays:
            if gradient is not None:
                gradient[:] = 0
    best = max(runs, key=lambda run: effective_dtype(run.outputs[0]).itemsize)

    def compare(phase, get):
        truth = ground_truth or get(best)
        for i, run in enumerate(runs):
            if run is not best:
                _compare_runs(
                    get(run), truth, run.outputs[0], best.outputs[0], rtol, atol, equal_nan,
                    raise_on_err, "%s, run %d of %s" % (phase, i, run._ctx),
                )
        return truth

    for run in runs:
        run.forward(is_train=False)
    truth = compare("Forward", lambda run: run.output_dict)
    if grad_req != "null":
        for run in runs:
            run.forward(is_train=True)
        # Heads that every run has exactly: the first one's outputs in the least precise type.
        heads = [
            out.asnumpy().astype(
                min((effective_dtype(run.outputs[i]) for run in runs), key=_width)
            )
            for i, out in enumerate(runs[0].outputs)
        ]
        for run in runs:
            run.backward(
                [nd.array(head, run._ctx, out.dtype) for head, out in zip(heads, run.outputs)]
            )
        truth = compare("Training", lambda run: {**run.output_dict, **run.grad_dict})
    return truth


def check_speed(sym, location=None, ctx=None, N=20, grad_req=None, typ="whole", **kwargs):
    """Seconds of a run of a symbol, the mean of N: forward and backward ('whole'), or 'forward'.
    `location` are the arguments by name; without it normal numbers of the shapes given by name."""
    if typ not in ("whole", "forward"):
        raise ValueError("typ is %r; 'whole' or 'forward' is expected." % (typ,))
    ctx = ctx or default_context()
    if location is not None:
        kwargs.update((name, value.shape) for name, value in location.items())
    executor = sym.simple_bind(ctx, grad_req or "write", **kwargs)
    for name, target in executor.arg_dict.items():
        if location is None or name not in location:
            target[:] = np.random.normal(size=target.shape)
        else:
            target[:] = location[name].astype(target.dtype)

    def run():
        executor.forward(is_train=typ == "whole")
        if typ == "whole":
            executor.backward(executor.outputs)

    run()
    nd.waitall()
    start = time.perf_counter()
    for _ in range(N):
        run()
    nd.waitall()
    return (time.perf_counter() - start) / N


def _random_pair(shape, dtype):
    """Two arrays of the same uniform numbers."""
    made = random.uniform(shape=shape, ctx=default_context(), dtype=dtype)
    return made.copy(), made


def compare_optimizer(
    opt1,
    opt2,
    shape,
    dtype,
    w_stype="default",
    g_stype="default",
    rtol=1e-4,
    atol=1e-5,
    compare_states=True,
    ntensors=1,
):
    """Compares the weights and the states that two optimizers make in a step of random numbers.

    With a list of shapes the first one updates an array at a time, the second one all `ntensors` of
    them at once."""
    for name, stype in (("w_stype", w_stype), ("g_stype", g_stype)):
        if stype != "default":
            refuse("compare_optimizer(%s=%r)" % (name, stype))
    is_list = isinstance(shape, list)
    shapes = shape if is_list else [shape]
    if len(shapes) != ntensors:
        raise ValueError("%d shapes are given for ntensors=%s." % (len(shapes), ntensors))
    weights = [_random_pair(one, dtype) for one in shapes]
    gradients = [_random_pair(one, dtype) for one in shapes]
    states = [
        (opt1.create_state_multi_precision(i, weight), opt2.create_state_multi_precision(i, other))
        for i, (weight, other) in enumerate(weights)
    ]
    if compare_states:
        for pair in states:
            compare_ndarray_tuple(*pair)
    for i in range(ntensors):
        opt1.update_multi_precision(i, weights[i][0], gradients[i][0], states[i][0])
    second = [[pair[1] for pair in pairs] for pairs in (weights, gradients, states)]
    if is_list:
        opt2.update_multi_precision(list(range(ntensors)), *second)
    else:
        opt2.update_multi_precision(0, *(each[0] for each in second))
    for i in range(ntensors):
        if compare_states:
            compare_ndarray_tuple(*states[i], rtol, atol)
        assert_almost_equal(*weights[i], rtol=rtol, atol=atol)
