"""Initializers: the first values of parameters. The random ones are drawn by the engine."""

import json
import math
import re

import numpy as np

from . import _treadle
from .base import string_types

__all__ = [
    "InitDesc",
    "Initializer",
    "Zero",
    "One",
    "Constant",
    "Uniform",
    "Normal",
    "Xavier",
    "MSRAPrelu",
    "Orthogonal",
    "Bilinear",
    "LSTMBias",
    "FusedRNN",
    "Load",
    "Mixed",
    "alias",
    "create",
    "register",
]

_registry = {}


def register(klass):
    """Makes a class known to `create`, and so to `__init__` attributes, by its lower-case name."""
    _registry[klass.__name__.lower()] = klass
    return klass


def alias(*aliases):
    """Decorator: makes a class known by further names."""

    def decorate(klass):
        _registry.update((name.lower(), klass) for name in aliases)
        return klass

    return decorate


def create(initializer, **kwargs):
    """An initializer from its name, or from what `dumps` gave."""
    if isinstance(initializer, (Initializer, Load, Mixed)):
        return initializer
    if not isinstance(initializer, str):
        raise TypeError("An initializer is %r; an Initializer or a name is expected." % (initializer,))
    if initializer.startswith("["):
        initializer, kwargs = json.loads(initializer)
    if initializer.lower() not in _registry:
        raise ValueError(
            "There is no initializer %r; there are %s."
            % (initializer, ", ".join(sorted(_registry)))
        )
    return _registry[initializer.lower()](**kwargs)


class InitDesc(str):
    """A parameter's name with its attributes."""

    def __new__(cls, name, attrs=None, global_init=None):
        made = super().__new__(cls, name)
        made.attrs, made.global_init = attrs or {}, global_init
        return made


def _spread(array):
    return str((array.norm() / math.sqrt(array.size)).asscalar())


class Initializer:
    """A rule for weights; override `_init_weight`. Called with a name and an array, it writes the
    values that the name asks for: the rule's for *weight, 0 for *bias, *beta and *moving_mean, 1
    for *gamma and *moving_var. A variable's `__init__` attribute wins over its name."""

    _print_func = None  # with set_verbosity, what is logged of an array

    def __init__(self, **kwargs):
        self._kwargs = kwargs

    def set_verbosity(self, verbose=False, print_func=None):
        """Has a line logged for each array: its name, its role, and what `print_func(array)` gives,
        the norm over the root of the size unless given. Gives the initializer."""
        self._print_func = (print_func or _spread) if verbose else None
        return self

    def _log(self, desc, role, arr):
        if self._print_func is not None:
            import logging

            logging.info("Initialized %s as %s: %s", desc, role, self._print_func(arr))

    def dumps(self):
        """Text from which `create` makes the initializer again."""
        return json.dumps([type(self).__name__.lower(), self._kwargs])

    def __eq__(self, other):
        return type(self) is type(other) and self._kwargs == other._kwargs

    __hash__ = object.__hash__

    def __call__(self, desc, arr):
        if not isinstance(desc, string_types):
            raise TypeError("The name of an array to initialise is %r; text is expected." % (desc,))
        given = getattr(desc, "attrs", {}).get("__init__")
        if given:
            create(given)._init_weight(desc, arr)
            return self._log(desc, given, arr)
        if desc.startswith("upsampling"):
            self._init_bilinear(desc, arr)
            return self._log(desc, "upsampling", arr)
        for ending, method in self._ROLES:
            if desc.endswith(ending):
                getattr(self, method)(desc, arr)
                return self._log(desc, ending, arr)
        return self._init_default(desc, arr)

    _ROLES = (
        ("weight", "_init_weight"),
        ("bias", "_init_bias"),
        ("gamma", "_init_gamma"),
        ("beta", "_init_beta"),
        ("moving_mean", "_init_zero"),
        ("running_mean", "_init_zero"),
        ("moving_var", "_init_one"),
        ("running_var", "_init_one"),
        ("moving_inv_var", "_init_zero"),
        ("moving_avg", "_init_zero"),
        ("min", "_init_zero"),
        ("max", "_init_one"),
    )

    def _init_zero(self, _, arr):
        arr[:] = 0

    def _init_one(self, _, arr):
        arr[:] = 1

    _init_bias = _init_beta = _init_zero
    _init_gamma = _init_one

    def _init_bilinear(self, _, arr):
        _bilinear(arr)

    def _init_weight(self, name, arr):
        raise NotImplementedError("An initializer overrides _init_weight(name, array).")

    def _init_default(self, name, _):
        raise ValueError(
            "The name %r does not say how to initialise the parameter; names end in weight, bias, "
            "gamma, beta, moving_mean or moving_var. Rename it, or give its variable an init."
            % str(name)
        )


class _Engine(Initializer):
    """One whose values the engine writes."""

    def _init_weight(self, name, arr):
        _treadle.initialize(self._text(), str(name), arr.handle)

    def _text(self):
        return self.dumps()


@register
class Zero(_Engine):
    """All 0."""

    def __init__(self):
        super().__init__()


@register
class One(_Engine):
    """All 1."""

    def __init__(self):
        super().__init__()


@register
class Constant(Initializer):
    """All `value`, a number or an array."""

    def __init__(self, value):
        is_array = hasattr(value, "asnumpy") or isinstance(value, np.ndarray)
        listed = getattr(value, "asnumpy", lambda: value)().tolist() if is_array else value
        super().__init__(value=listed)
        self.value = value

    def _init_weight(self, _, arr):
        arr[:] = self.value


alias("zeros")(Zero)
alias("ones")(One)


@register
class Uniform(_Engine):
    """Uniform between -scale and scale."""

    def __init__(self, scale=0.07):
        super().__init__(scale=scale)
        self.scale = scale


@register
class Normal(_Engine):
    """Normal with mean 0 and deviation `sigma`."""

    def __init__(self, sigma=0.01):
        super().__init__(sigma=sigma)
        self.sigma = sigma


@register
class Xavier(_Engine):
    """Scaled by the numbers of inputs and outputs, so that signals keep their size from layer to
    layer: with s = sqrt(magnitude / factor), uniform in [-s, s) or normal with deviation s."""

    def __init__(self, rnd_type="uniform", factor_type="avg", magnitude=3):
        super().__init__(rnd_type=rnd_type, factor_type=factor_type, magnitude=magnitude)
        self.rnd_type, self.factor_type, self.magnitude = rnd_type, factor_type, float(magnitude)

    def _text(self):
        return json.dumps(
            [
                "xavier",
                {
                    "rnd_type": self.rnd_type,
                    "factor_type": self.factor_type,
                    "magnitude": self.magnitude,
                },
            ]
        )


@register
class MSRAPrelu(Xavier):
    """Xavier for layers behind a rectifier with `slope` on its negative side."""

    def __init__(self, factor_type="avg", slope=0.25):
        super().__init__("gaussian", factor_type, 2.0 / (1 + slope**2))
        self._kwargs = {"factor_type": factor_type, "slope": slope}


@register
class Orthogonal(Initializer):
    """Rows, or columns where there are fewer, that are orthogonal and of length `scale`."""

    def __init__(self, scale=1.414, rand_type="uniform"):
        super().__init__(scale=scale, rand_type=rand_type)
        self.scale, self.rand_type = scale, rand_type

    def _init_weight(self, name, arr):
        from .ndarray import empty

        rows, columns = arr.shape[0], int(np.prod(arr.shape[1:]))
        drawn = empty((rows, columns))
        draw = Uniform(1.0) if self.rand_type == "uniform" else Normal(1.0)
        draw._init_weight(name, drawn)
        left, _, right = np.linalg.svd(drawn.asnumpy().astype(np.float64), full_matrices=False)
        arr[:] = self.scale * (left if left.shape == (rows, columns) else right).reshape(arr.shape)


def _bilinear(arr):
    shape = arr.shape
    f = math.ceil(shape[3] / 2.0)
    centre = (2 * f - 1 - f % 2) / (2.0 * f)
    x, y = (1 - np.abs(np.arange(extent) / f - centre) for extent in (shape[3], shape[2]))
    arr[:] = np.broadcast_to(np.outer(y, x), shape)


@register
class Bilinear(Initializer):
    """The kernel that interpolates when a deconvolution enlarges."""

    def __init__(self):
        super().__init__()

    def _init_weight(self, _, arr):
        _bilinear(arr)


@register
class LSTMBias(Initializer):
    """All 0, but `forget_bias` for the forget gates, the second quarter."""

    def __init__(self, forget_bias=1.0):
        super().__init__(forget_bias=forget_bias)
        self.forget_bias = forget_bias

    def _init_weight(self, _, arr):
        units = arr.shape[0] // 4
        arr[:] = 0
        arr[units : 2 * units] = self.forget_bias


@register
class FusedRNN(Initializer):
    """The one vector of a FusedRNNCell: each gate's weights by `init`, or by the initializer of the
    whole model when that is None, biases 0 but for the forget gates of an LSTM."""

    def __init__(
        self, init, num_hidden, num_layers, mode, bidirectional=False, forget_bias=1.0
    ):
        init = create(init) if isinstance(init, str) and init else init
        super().__init__(
            init=init.dumps() if init is not None else None,
            num_hidden=num_hidden,
            num_layers=num_layers,
            mode=mode,
            bidirectional=bidirectional,
            forget_bias=forget_bias,
        )
        self._init, self._num_hidden, self._num_layers = init, num_hidden, num_layers
        self._mode, self._bidirectional, self._forget_bias = mode, bidirectional, forget_bias

    def _init_weight(self, desc, arr):
        from .rnn import FusedRNNCell

        cell = FusedRNNCell(
            self._num_hidden,
            self._num_layers,
            self._mode,
            self._bidirectional,
            forget_bias=self._forget_bias,
            prefix="",
        )
        parts = cell._slice_weights(arr, cell._num_inputs(arr.size), self._num_hidden)
        rule = self._init or getattr(desc, "global_init", None) or Uniform()
        for name, part in parts.items():
            if self._mode == "lstm" and name.endswith("_f_bias"):
                # The cell adds two biases; one of them holds it.
                part[:] = self._forget_bias if "_i2h" in name else 0
            else:
                rule(InitDesc(name, global_init=rule), part)


class Load:
    """Values from a dict or file of arrays, by name; `default_init` for the others."""

    def __init__(self, param, default_init=None, verbose=False):
        from .ndarray import load

        param = load(param) if isinstance(param, string_types) else param
        self.param = {
            name[4:] if name.startswith(("arg:", "aux:")) else name: value
            for name, value in param.items()
        }
        self.default_init, self.verbose = default_init, verbose

    def __call__(self, name, arr):
        if name in self.param:
            if self.param[name].shape != arr.shape:
                raise ValueError(
                    "The loaded array %r has shape %s; the parameter has %s."
                    % (str(name), self.param[name].shape, arr.shape)
                )
            arr[:] = self.param[name]
        elif self.default_init is None:
            raise ValueError(
                "No array %r was loaded and there is no default initializer." % str(name)
            )
        else:
            self.default_init(name, arr)


class Mixed:
    """Initializers by patterns of names; the first that matches is used."""

    def __init__(self, patterns, initializers):
        if len(patterns) != len(initializers):
            raise ValueError(
                "%d patterns are given for %d initializers." % (len(patterns), len(initializers))
            )
        self.map = [
            (re.compile(pattern), initializer)
            for pattern, initializer in zip(patterns, initializers)
        ]

    def __call__(self, name, arr):
        for pattern, initializer in self.map:
            if pattern.match(name):
                return initializer(name, arr)
        raise ValueError("No pattern matches the parameter %r; add '.*' as the last." % str(name))
