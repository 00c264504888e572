"""Imperative use: a call of an operator on arrays."""

from . import _treadle
from .context import Context, current_context


def invoke(operator, args, kwargs):
    """The arrays that an operator called with arrays and parameters gives; it is queued."""
    from .ndarray import NDArray

    out, ctx = kwargs.pop("out", None), kwargs.pop("ctx", None)
    kwargs.pop("name", None)
    if out is None and len(args) > len(operator.inputs) and not operator.takes_any:
        if isinstance(args[-1], NDArray):  # MXNet's functions take it last by position, too
            out, args = args[-1], args[:-1]
    positional, named, params = operator.split(NDArray, args, kwargs)
    outputs = [] if out is None else list(out) if isinstance(out, (list, tuple)) else [out]
    device = Context(*_parse(ctx)) if isinstance(ctx, str) else ctx or current_context()
    made = _treadle.invoke(
        operator.name,
        params,
        [value.handle for value in positional],
        {key: value.handle for key, value in named.items()},
        [value.handle for value in outputs],
        device._pair,
    )
    if out is not None:
        if _treadle.is_recording():
            for value, handle in zip(outputs, made):
                value.handle = handle
        return out
    return NDArray(made[0]) if len(made) == 1 else [NDArray(handle) for handle in made]


def _parse(context):
    kind, _, number = context.partition("(")
    return kind, int(number.rstrip(")") or 0)
