"""Gradients of imperative code: what is computed under `record()` can be gone through backwards."""

from . import _treadle
from .ndarray import NDArray, zeros

__all__ = [
    "record",
    "pause",
    "train_mode",
    "predict_mode",
    "is_recording",
    "is_training",
    "set_recording",
    "set_training",
    "mark_variables",
    "backward",
    "grad",
    "get_symbol",
    "Function",
    "NDArray",
]

is_recording = _treadle.is_recording
is_training = _treadle.is_training


def set_recording(is_record):
    """Turns recording on or off for this thread and gives what it was."""
    return _treadle.set_recording(bool(is_record))


def set_training(train_mode):
    """Turns training on or off for this thread and gives what it was."""
    return _treadle.set_training(bool(train_mode))


class _Scope:
    """A state of this thread for a `with`; None leaves it as it is."""

    def __init__(self, records, learns):
        self._state = records, learns
        self._before = []

    def __enter__(self):
        records, learns = self._state
        self._before.append(
            (
                None if records is None else _treadle.set_recording(records),
                None if learns is None else _treadle.set_training(learns),
            )
        )
        return self

    def __exit__(self, *error):
        records, learns = self._before.pop()
        if records is not None:
            _treadle.set_recording(records)
        if learns is not None:
            _treadle.set_training(learns)


def record(train_mode=True):
    """Records what is computed within, for `backward`."""
    return _Scope(True, train_mode)


def pause(train_mode=False):
    """Records nothing within."""
    return _Scope(False, train_mode)


def train_mode():
    """Operators such as Dropout learn within, recorded or not."""
    return _Scope(None, True)


def predict_mode():
    """Operators such as Dropout do not learn within."""
    return _Scope(None, False)


def _list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _handles(what, arrays):
    for value in arrays:
        if not isinstance(value, NDArray):
            raise TypeError("%s is %r; an NDArray is expected." % (what, value))
    return [value.handle for value in arrays]


def mark_variables(variables, gradients, grad_reqs="write"):
    """Makes arrays variables, whose gradients `backward` writes ('write'), adds to ('add') or
    leaves alone ('null')."""
    variables, gradients = _list(variables), _list(gradients)
    if isinstance(grad_reqs, str):
        grad_reqs = [grad_reqs] * len(variables)
    if not len(variables) == len(gradients) == len(grad_reqs):
        raise ValueError(
            "%d variables, %d gradients and %d requests are given; their numbers must be equal."
            % (len(variables), len(gradients), len(grad_reqs))
        )
    for variable, gradient, request in zip(variables, gradients, grad_reqs):
        _handles("A gradient", [gradient])
        _handles("A variable", [variable])
        request = {0: "null", 1: "write", 3: "add"}.get(request, request)
        if request not in ("write", "add", "null"):
            raise ValueError("grad_req is %r; 'write', 'add' or 'null' is expected." % (request,))
        _treadle.mark_variable(variable.handle, gradient.handle, request)
        variable._grad = gradient


def _head_gradients(heads, gradients):
    if gradients is None:
        return []
    gradients = _list(gradients)
    if len(gradients) != len(heads):
        raise ValueError(
            "%d head gradients are given for %d heads." % (len(gradients), len(heads))
        )
    return [None if one is None else one.handle for one in gradients]


def backward(heads, head_grads=None, retain_graph=False, train_mode=True):
    """Computes the gradients of all marked variables that `heads` were made of."""
    heads = _list(heads)
    _treadle.backward(
        _handles("A head", heads), _head_gradients(heads, head_grads), bool(retain_graph)
    )


def grad(
    heads, variables, head_grads=None, retain_graph=None, create_graph=False, train_mode=True
):
    """The gradients of `heads` with respect to `variables`, as a list of new arrays, of one where one
    variable is given, as MXNet 1.x has it. With `create_graph` they
    are recorded in turn, so that they can be differentiated again, as far as the gradients of the
    operators are made of operators; those that are not say so then."""
    if retain_graph is None:
        retain_graph = create_graph
    heads, many = _list(heads), _list(variables)
    made = _treadle.gradients_of(
        _handles("A head", heads),
        _handles("A variable", many),
        _head_gradients(heads, head_grads),
        bool(retain_graph or create_graph),
        bool(create_graph),
    )
    return [NDArray(handle) for handle in made]


def get_symbol(x):
    """What was recorded to make an array, as a symbol. Its variables var0, var1 and so on are the
    marked arrays and those that were not recorded."""
    from .symbol import Symbol

    _handles("An array", [x])
    return Symbol(_treadle.symbol_of(x.handle))


class Function:
    """Work with a gradient of its own: override `forward` and `backward`, then call the object.

        class Double(mx.autograd.Function):
            def forward(self, x):
                return 2 * x
            def backward(self, dy):
                return 2 * dy
    """

    def __init__(self):
        self._saved = ()

    def save_for_backward(self, *arrays):
        self._saved = arrays

    @property
    def saved_tensors(self):
        return self._saved

    def forward(self, *inputs):
        raise NotImplementedError("A Function overrides forward(*inputs).")

    def backward(self, *output_grads):
        raise NotImplementedError("A Function overrides backward(*output_grads).")

    def __call__(self, *inputs):
        with pause():
            outputs = self.forward(*inputs)
        if not is_recording():
            return outputs
        several = isinstance(outputs, (list, tuple))
        arrays = list(outputs) if several else [outputs]

        def gradients(handles):
            given = [
                zeros(array.shape, array.context, array.dtype) if one is None else NDArray(one)
                for one, array in zip(handles, arrays)
            ]
            made = self.backward(*given)
            made = list(made) if isinstance(made, (list, tuple)) else [made]
            if len(made) != len(inputs):
                raise ValueError(
                    "%s.backward gives %d gradients for %d inputs."
                    % (type(self).__name__, len(made), len(inputs))
                )
            return [None if one is None else one.handle for one in made]

        handles = _treadle.record_function(
            type(self).__name__,
            _handles("An input", inputs),
            _handles("An output", arrays),
            gradients,
        )
        made = [NDArray(handle) for handle in handles]
        return type(outputs)(made) if several else made[0]
