"""Random numbers: the seed, and arrays of samples."""

from . import _treadle
from ._invoke import invoke
from ._operators import get_operator
from .ndarray import NDArray

# Function: its parameters in order. With arrays for them it draws for each of their elements.
_SAMPLERS = {
    "uniform": ("low", "high"),
    "normal": ("loc", "scale"),
    "exponential": ("lam",),
    "gamma": ("alpha", "beta"),
    "poisson": ("lam",),
    "negative_binomial": ("k", "p"),
    "generalized_negative_binomial": ("mu", "alpha"),
    "randint": ("low", "high"),
}

__all__ = ["seed", "multinomial", "shuffle", "randn", *_SAMPLERS]


def seed(seed_state, ctx="all"):
    """Starts the sequence of random numbers anew: the same seed gives the same numbers, however
    many threads run."""
    if (
        isinstance(seed_state, bool)
        or not isinstance(seed_state, int)
        and not hasattr(seed_state, "__index__")
    ):
        raise ValueError("The seed is %r; an int is expected." % (seed_state,))
    _treadle.seed(int(seed_state))


def _sampler(name, parameters):
    def sample(*args, **kwargs):
        values = dict(zip((*parameters, "shape", "dtype", "ctx", "out"), args))
        for key, value in kwargs.items():
            if key in values:
                raise TypeError("%s: %s is given twice, by position and by name." % (name, key))
            values[key] = value
        values = {key: value for key, value in values.items() if value is not None}
        arrays = [values[key] for key in parameters if isinstance(values.get(key), NDArray)]
        if arrays:
            return _for_each(name, parameters, values)
        out = values.get("out")
        if "shape" not in values:
            values["shape"] = (1,) if out is None else out.shape
        if out is not None and "dtype" not in values:
            values["dtype"] = out.dtype
        return invoke(get_operator("_random_" + name), (), values)

    sample.__name__ = sample.__qualname__ = name
    sample.__doc__ = (
        "Random numbers: %s(%s, shape, dtype, ctx, out).\n\n%s With arrays in place of numbers, "
        "`shape` numbers for each of their elements."
        % (name, ", ".join(parameters), get_operator("_random_" + name).doc)
    )
    return sample


def _for_each(name, parameters, values):
    inputs = []
    for key in parameters:
        value = values.pop(key, None)
        if not isinstance(value, NDArray):
            raise TypeError(
                "%s: %s is %r; where one parameter is an NDArray all are expected to be."
                % (name, key, value)
            )
        inputs.append(value)
    return invoke(get_operator("_sample_" + name), tuple(inputs), values)


for _name, _parameters in _SAMPLERS.items():
    if _treadle.has_operator("_random_" + _name):
        globals()[_name] = _sampler(_name, _parameters)


def randn(*shape, loc=0.0, scale=1.0, dtype=None, ctx=None, out=None):
    """Normally distributed numbers: randn(2, 3) has shape (2, 3)."""
    return normal(loc, scale, shape or None, dtype, ctx, out)  # noqa: F821, made above


def multinomial(data, shape=None, get_prob=False, out=None, dtype="int32"):
    """Numbers of classes, drawn by the probabilities on the last axis of data."""
    params = {"get_prob": get_prob, "dtype": dtype}
    if shape is not None:
        params["shape"] = shape
    if out is not None:
        params["out"] = out
    return invoke(get_operator("_sample_multinomial"), (data,), params)


def shuffle(data, out=None):
    """The slices of data along its first axis in random order."""
    return invoke(get_operator("_shuffle"), (data,), {} if out is None else {"out": out})
