"""Executors: graphs bound to arrays, ready to run."""

import json

from . import _treadle
from .base import dtype_name
from .context import Context
from .ndarray import NDArray, array, zeros

__all__ = ["Executor"]

_REQUESTS = ("null", "write", "add")


class Executor:
    """Runs a symbol on arrays; made by Symbol.bind and Symbol.simple_bind. Calls return at once;
    reading an array waits for it. Threads use executors of their own.

        exe = net.simple_bind(mx.cpu(), data=(32, 100))
        exe.forward(is_train=True, data=batch)
        exe.backward()
    """

    # Arrays by name, in the order of the symbol's lists.
    arg_dict: dict
    grad_dict: dict
    aux_dict: dict
    output_dict: dict

    def __init__(
        self, handle, symbol, ctx, arg_arrays, grad_arrays, aux_arrays, grad_req, group2ctx
    ):
        self.handle = handle
        self._symbol, self._ctx, self._grad_req = symbol, ctx, grad_req
        self._group2ctx = group2ctx
        self.arg_arrays, self.grad_arrays, self.aux_arrays = arg_arrays, grad_arrays, aux_arrays
        self.outputs = [NDArray(output) for output in handle.outputs()]
        names = symbol.list_arguments()
        self.arg_dict = _by_name(names, arg_arrays)
        self.grad_dict = _by_name(names, grad_arrays)
        self.aux_dict = dict(zip(symbol.list_auxiliary_states(), aux_arrays))
        self.output_dict = dict(zip(symbol.list_outputs(), self.outputs))
        self._watch = self._watched_by = None
        self._converted = []  # gradients in the engine's type, and the user's arrays of other types
        self._has_run = False

    def forward(self, is_train=False, **kwargs):
        """Queues the computation of the outputs, and gives them. Arrays given by name are copied
        to the arguments first."""
        given = {}
        for name, value in kwargs.items():
            if name not in self.arg_dict:
                raise TypeError(
                    "The executor has no argument %r; it has %s." % (name, ", ".join(self.arg_dict))
                )
            target = self.arg_dict[name]
            if not isinstance(value, NDArray):
                value = array(value, ctx=target.context, dtype=target.dtype)
            if value.shape != target.shape:
                raise ValueError(
                    "The argument %r is given an array of shape %s; it was bound with %s."
                    % (name, value.shape, target.shape)
                )
            given[name] = value.handle
        self._has_run = True
        if self._watch is not None:
            for name, value in given.items():
                self.arg_dict[name].handle.copy_from(value)
            self._watch.forward(bool(is_train))
        else:
            self.handle.forward(bool(is_train), given)
        return self.outputs

    def set_monitor_callback(self, callback, monitor_all=False):
        """Has `callback(name, array)` called after each forward with every output of every node,
        and with `monitor_all` with their inputs too, after each backward with the gradients of the
        nodes' inputs; None ends it.

        The graph is bound once more, with all of these added."""
        from ._watch import Watch

        self._watched_by = None if callback is None else (callback, monitor_all)
        self._watch = None if callback is None else Watch(self, callback, monitor_all)

    def _watch_as(self, other):
        """Calls the callback that another executor, in whose place this one comes, calls."""
        if other._watched_by is not None:
            self.set_monitor_callback(*other._watched_by)

    def backward(self, out_grads=None, is_train=True):
        """Queues the computation of the gradients. `out_grads` are the gradients of the outputs,
        an NDArray or a list; losses need none. Axes of extent 1 may be left out of their shapes,
        other types are converted, and what is beyond the outputs is left alone. Without a forward before it, one for training is run. Where
        every request is 'null' nothing is done."""
        if out_grads is None:
            out_grads = []
        elif isinstance(out_grads, NDArray):
            out_grads = [out_grads]
        elif isinstance(out_grads, dict):
            out_grads = [out_grads.get(name) for name in self.output_dict]
        for i, gradient in enumerate(out_grads):
            if gradient is not None and not isinstance(gradient, NDArray):
                raise TypeError(
                    "The gradient of output %d is %r; an NDArray is expected." % (i, gradient)
                )
        if all(request == "null" for request in self._grad_req.values()):
            return
        if not self._has_run:
            self.forward(is_train=True)
        heads = [_fit_head(gradient, output) for gradient, output in zip(out_grads, self.outputs)]
        running = self if self._watch is None else self._watch
        running._run_backward([None if gradient is None else gradient.handle for gradient in heads])

    def _run_backward(self, heads):
        self.handle.backward(heads)
        for own, given, request in self._converted:
            made = own.astype(given.dtype)
            given[:] = made if request == "write" else given + made

    def copy_params_from(self, arg_params, aux_params=None, allow_extra_params=False):
        """Copies arrays to the arguments and auxiliary states of their names."""
        for what, given, targets in (
            ("argument", arg_params, self.arg_dict),
            ("auxiliary state", aux_params or {}, self.aux_dict),
        ):
            for name, value in given.items():
                if name in targets:
                    targets[name][:] = value
                elif not allow_extra_params:
                    raise ValueError(
                        "The executor has no %s %r; pass allow_extra_params=True to leave such "
                        "arrays out." % (what, name)
                    )

    def reshape(self, partial_shaping=False, allow_up_sizing=False, **kwargs):
        """An executor for other shapes, which shares this one's arrays as far as they reach."""
        shapes = dict(
            zip(("argument", "output", "auxiliary state"), self._symbol.infer_shape(**kwargs))
        )
        if shapes["argument"] is None:
            raise ValueError("The shapes given do not determine those of all arguments.")

        def fit(name, old, shape):
            if old is None or old.shape == shape:
                return old
            if name not in kwargs and not partial_shaping:
                raise ValueError(
                    "The shape of %r changes from %s to %s without being given; pass "
                    "partial_shaping=True if that is meant." % (name, old.shape, shape)
                )
            fits = _size(shape) <= old.size
            if not fits and not allow_up_sizing:
                raise ValueError(
                    "%r grows from %s to %s; pass allow_up_sizing=True to have it allocated anew."
                    % (name, old.shape, shape)
                )
            if fits:
                return old.reshape((-1,))[: _size(shape)].reshape(shape)
            return NDArray(_treadle.Array.full(shape, 0, old.handle.dtype, old.handle.device))

        def fit_all(arrays, shapes):
            return [fit(name, arrays[name], shape) for name, shape in zip(arrays, shapes)]

        made = bind(
            self._symbol,
            self._ctx,
            fit_all(self.arg_dict, shapes["argument"]),
            fit_all(self.grad_dict, shapes["argument"]),
            self._grad_req,
            fit_all(self.aux_dict, shapes["auxiliary state"]),
            self._group2ctx,
            self,
        )
        made._watch_as(self)
        return made

    def get_optimized_symbol(self):
        """The symbol that is run: fusing happens below symbols, so it is the one that was bound."""
        return self._symbol

    def debug_str(self):
        """The program: nodes with shapes, the kernels chosen, the memory plan, what it takes."""
        return "%s\nTotal %d MB allocated" % (
            self.handle.debug_str(),
            self.handle.allocated_bytes() >> 20,
        )


def _fit_head(gradient, output):
    """An output's gradient in the output's type, and in its shape if they differ by axes of extent
    1 alone."""
    if gradient is None:
        return gradient
    if gradient.dtype != output.dtype:
        gradient = gradient.astype(output.dtype)
    if gradient.shape == output.shape:
        return gradient
    if [n for n in gradient.shape if n != 1] != [n for n in output.shape if n != 1]:
        return gradient  # the engine says what is wrong
    return gradient.reshape(output.shape)


def _by_name(names, arrays):
    """A dict of the arrays, without those whose name several variables have."""
    if len(set(names)) == len(names):
        return dict(zip(names, arrays))
    return {name: array for name, array in zip(names, arrays) if names.count(name) == 1}


def _size(shape):
    size = 1
    for extent in shape:
        size *= extent
    return size


def _requests(grad_req, names):
    """'write', a list or a dict to a request per argument."""
    if isinstance(grad_req, str):
        grad_req = dict.fromkeys(names, grad_req)
    elif not grad_req:
        grad_req = {}
    elif isinstance(grad_req, (list, tuple)):
        if len(grad_req) != len(names):
            raise ValueError(
                "grad_req has %d entries; the symbol has %d arguments (%s)."
                % (len(grad_req), len(names), ", ".join(names))
            )
        grad_req = dict(zip(names, grad_req))
    elif not isinstance(grad_req, dict):
        raise TypeError("grad_req is %r; text, a list or a dict is expected." % (grad_req,))
    for name, request in grad_req.items():
        if request not in _REQUESTS:
            raise ValueError(
                "grad_req of %r is %r; one of %s is expected."
                % (name, request, ", ".join(_REQUESTS))
            )
    return {name: grad_req.get(name, "null") for name in names}


def _context(ctx):
    if not isinstance(ctx, Context):
        raise TypeError("The context is %r; a Context such as mx.cpu() is expected." % (ctx,))
    return ctx


def _groups(group2ctx):
    """The context of each group as the engine takes it."""
    return {str(name): _context(context)._pair for name, context in (group2ctx or {}).items()}


def simple_bind(
    symbol, ctx, grad_req, type_dict, group2ctx, shapes, shared=None, memory_budget=None
):
    _context(ctx)
    arguments = inputs = symbol.list_arguments()
    if type_dict or any(name not in arguments for name in shapes):
        inputs = symbol.list_inputs()
        # What is neither an input nor a shape is left out, as in MXNet: callers hand parameters on.
        shapes = {
            name: shape
            for name, shape in shapes.items()
            if name in inputs or isinstance(shape, (tuple, list))
        }
    for name, shape in shapes.items():
        if name not in inputs:
            raise _treadle.MXNetError(
                "A shape is given for %r, which is no input of the symbol; its inputs are %s."
                % (name, ", ".join(inputs))
            )
        if not isinstance(shape, (tuple, list)):
            raise TypeError("The shape of %r is %r; a tuple of int is expected." % (name, shape))
    requests = _requests(grad_req, arguments)
    types = {name: dtype_name(dtype) for name, dtype in (type_dict or {}).items() if name in inputs}
    if group2ctx or ctx.device_type == "cpu" and ctx.device_id:
        return _bind_in_groups(
            symbol, ctx, requests, types, group2ctx or {}, shapes, shared, memory_budget
        )
    handle = _treadle.Executor.simple_bind(
        symbol.handle,
        ctx._pair,
        {name: tuple(map(int, shape)) for name, shape in shapes.items()},
        types,
        requests,
        "null",
        _groups(group2ctx),
        shared.handle if shared is not None else None,
        _budget(memory_budget),
    )
    return Executor(
        handle,
        symbol,
        ctx,
        [NDArray(a) for a in handle.arguments()],
        [None if a is None else NDArray(a) for a in handle.gradients()],
        [NDArray(a) for a in handle.auxiliaries()],
        requests,
        group2ctx,
    )


def _bind_in_groups(
    symbol, ctx, requests, types, group2ctx, shapes, shared, memory_budget=None
):
    """As simple_bind, with each array on the context of its variable's group. To the engine all
    contexts of the host are one; the arrays keep the number that the program knows them by."""
    attributes = symbol.attr_dict()

    def make(names, shapes, types):
        made = {}
        for name, shape, dtype in zip(names, shapes, types):
            group = attributes.get(name, {}).get("__ctx_group__")
            place = group2ctx.get(group, ctx)
            made[name] = NDArray(_treadle.Array.full(shape, 0, dtype_name(dtype), place._pair))
        return made

    arg_shapes, _, aux_shapes = symbol.infer_shape(**shapes)
    if arg_shapes is None:
        raise _treadle.MXNetError(
            "The shapes given do not determine those of all arguments: %s are given." % (shapes,)
        )
    arg_types, _, aux_types = symbol.infer_type(**types)
    if arg_types is None:
        arg_types, aux_types = ["float32"] * len(arg_shapes), ["float32"] * len(aux_shapes)
    arguments, states = symbol.list_arguments(), symbol.list_auxiliary_states()
    grads = make(arguments, arg_shapes, arg_types)
    return bind(
        symbol,
        ctx,
        make(arguments, arg_shapes, arg_types),
        {name: grads[name] for name in arguments if requests[name] != "null"},
        requests,
        make(states, aux_shapes, aux_types),
        group2ctx,
        shared,
        memory_budget,
    )


def _arrays(what, given, names, may_lack):
    """A list or dict of NDArrays to a list in the order of `names`; None where one may lack."""
    if isinstance(given, dict):
        given = [given.get(name) for name in names]
    elif given is None:
        given = [None] * len(names)
    elif not isinstance(given, (list, tuple)):
        raise TypeError("%s is %r; a list or dict of NDArrays is expected." % (what, given))
    if len(given) != len(names):
        raise ValueError(
            "%s has %d arrays; the symbol needs %d (%s)."
            % (what, len(given), len(names), ", ".join(names))
        )
    for name, value in zip(names, given):
        if value is None and not may_lack:
            raise ValueError("%s lacks an array for %r." % (what, name))
        if value is not None and not isinstance(value, NDArray):
            raise TypeError("%s has %r for %r; an NDArray is expected." % (what, value, name))
    return list(given)


def _distinct(symbol):
    """The same graph, its variables numbered: lists of arrays tell twins apart, names do not."""
    from .symbol import load_json

    graph = json.loads(symbol.tojson())
    variables = [node for node in graph["nodes"] if node["op"] == "null"]
    for number, node in enumerate(variables):
        node["name"] = "%s of place %d" % (node["name"], number)
    return load_json(json.dumps(graph))


def _budget(memory_budget):
    """Bytes; 0 for any number."""
    if memory_budget is None:
        return 0
    if not isinstance(memory_budget, int) or memory_budget <= 0:
        raise ValueError(
            "memory_budget is %r; a positive number of bytes is expected." % (memory_budget,)
        )
    return memory_budget


def _of_own_types(arguments, gradients, requests):
    """The gradients as the engine takes them, in the types of their arguments; and for each that the
    user has in another type a triple of the engine's array, the user's and the request, whose
    numbers are handed over after each backward."""
    own, converted = list(gradients), []
    for i, (argument, gradient, request) in enumerate(zip(arguments, gradients, requests)):
        if gradient is None or request == "null" or gradient.dtype == argument.dtype:
            continue
        if gradient.shape == argument.shape:  # else the engine says what is wrong
            own[i] = zeros(argument.shape, argument.context, argument.dtype)
            converted.append((own[i], gradient, request))
            requests[i] = "write"
    return own, converted


def bind(
    symbol, ctx, args, args_grad, grad_req, aux_states, group2ctx, shared=None, memory_budget=None
):
    _context(ctx)
    names, states = symbol.list_arguments(), symbol.list_auxiliary_states()
    arg_arrays = _arrays("args", args, names, False)
    grad_arrays = _arrays("args_grad", args_grad, names, True)
    aux_arrays = _arrays("aux_states", aux_states, states, False)
    requests = given_requests = _requests(grad_req, names)
    bound = symbol
    has_twins = len(set(names)) < len(names)
    if has_twins and not any(isinstance(one, dict) for one in (args, args_grad, aux_states)):
        bound = _distinct(symbol)
        if isinstance(grad_req, (list, tuple)):
            each = list(grad_req)
        else:
            each = [given_requests[name] for name in names]
        names, states = bound.list_arguments(), bound.list_auxiliary_states()
        requests = dict(zip(names, each))

    def by_name(keys, arrays):
        return {key: value.handle for key, value in zip(keys, arrays) if value is not None}

    each = [requests[name] for name in names]
    own_grads, converted = _of_own_types(arg_arrays, grad_arrays, each)
    handle = _treadle.Executor.bind(
        bound.handle,
        ctx._pair,
        by_name(names, arg_arrays),
        by_name(names, own_grads),
        by_name(states, aux_arrays),
        dict(zip(names, each)),
        _groups(group2ctx),
        shared.handle if shared is not None else None,
        _budget(memory_budget),
    )
    made = Executor(
        handle, symbol, ctx, arg_arrays, grad_arrays, aux_arrays, given_requests, group2ctx
    )
    made._converted = converted
    return made
