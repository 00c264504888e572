"""mx.nd.random and mx.sym.random: one function per distribution, whose parameters are numbers or,
for samples of several distributions at once, arrays."""

import importlib
import math

from .base import is_scalar

# Distribution: its parameters with defaults, and the operator's names for them.
_DISTRIBUTIONS = {
    "uniform": (("low", 0), ("high", 1)),
    "normal": (("loc", 0), ("scale", 1)),
    "gamma": (("alpha", 1), ("beta", 1)),
    "exponential": (("scale", 1),),
    "poisson": (("lam", 1),),
    "negative_binomial": (("k", 1), ("p", 1)),
    "generalized_negative_binomial": (("mu", 1), ("alpha", 1)),
}



def install(module, kind):
    """Puts the functions for arrays ('ndarray') or symbols ('symbol') into a module and gives their
    names."""
    names = []
    for distribution, params in _DISTRIBUTIONS.items():
        for function in (
            _distribution(kind, distribution, params),
            _like(kind, distribution, params),
        ):
            function.__module__ = module.__name__
            setattr(module, function.__name__, function)
            names.append(function.__name__)
    for make in (_randn, _randint, _multinomial, _shuffle, _bernoulli):
        function = make(kind)
        function.__module__ = module.__name__
        setattr(module, function.__name__, function)
        names.append(function.__name__)
    return names


def _operators(kind):
    return importlib.import_module("treadle." + kind)._internal


def _clean(options):
    """Options that were given; the type None stands for the operator's own default."""
    return {key: value for key, value in options.items() if value is not None}


def _rate(distribution, values):
    """Exponential distributions are given by their mean and computed by their rate."""
    return [1.0 / values[0]] if distribution == "exponential" else values


def _bind(params, args, kwargs):
    names = [name for name, _ in params] + ["shape", "dtype", "ctx", "out"]
    if len(args) > len(names):
        raise TypeError("%d arguments are given; at most %d are taken." % (len(args), len(names)))
    given = dict(zip(names, args))
    for key, value in kwargs.items():
        if key in given:
            raise TypeError("%s is given twice, by position and by name." % key)
        given[key] = value
    # The first releases had ctx after shape.
    if "dtype" in given and type(given["dtype"]).__name__ == "Context":
        given["ctx"] = given.pop("dtype")
    values = [given.pop(name, default) for name, default in params]
    return values, given


def _distribution(kind, distribution, params):
    def sample(*args, **kwargs):
        if distribution == "exponential" and "lam" in kwargs:  # the first releases took the rate
            kwargs["scale"] = 1.0 / kwargs.pop("lam")
        values, options = _bind(params, args, kwargs)
        if options.get("out") is not None:
            options.setdefault("dtype", options["out"].dtype)
        if all(is_scalar(value) for value in values):
            if options.get("shape") is None:
                options.pop("shape", None)
                if options.get("out") is not None:
                    options["shape"] = options["out"].shape
                elif kind == "ndarray":
                    options["shape"] = (1,)
            operator = getattr(_operators(kind), "_random_" + distribution)
            names = ["lam"] if distribution == "exponential" else [name for name, _ in params]
            values = dict(zip(names, _rate(distribution, values)))
            return operator(**values, **_clean(options))
        if any(is_scalar(value) for value in values):
            raise ValueError(
                "%s: either all parameters are numbers or all are arrays." % distribution
            )
        options.pop("ctx", None)
        operator = getattr(_operators(kind), "_sample_" + distribution)
        return operator(*_rate(distribution, values), **_clean(options))

    sample.__name__ = sample.__qualname__ = distribution
    sample.__doc__ = "Samples of the distribution; parameters %s, then shape, dtype, ctx, out." % (
        ", ".join("%s=%s" % one for one in params)
    )
    return sample


def _like(kind, distribution, params):
    def sample(*args, **kwargs):
        if args and "data" not in kwargs:
            *args, data = args if not is_scalar(args[-1]) else (*args[1:], args[0])
        else:
            data = kwargs.pop("data")
        if distribution == "exponential" and "lam" in kwargs:
            kwargs["scale"] = 1.0 / kwargs.pop("lam")
        values, options = _bind(params, args, kwargs)
        operator = getattr(_operators(kind), "_random_%s_like" % distribution)
        names = ["lam"] if distribution == "exponential" else [name for name, _ in params]
        return operator(data, **dict(zip(names, _rate(distribution, values))), **_clean(options))

    sample.__name__ = sample.__qualname__ = distribution + "_like"
    sample.__doc__ = "As %s, with the shape of `data`." % distribution
    return sample


def _randn(kind):
    def randn(*shape, loc=0, scale=1, **options):
        """Normal numbers of the shape given extent by extent."""
        options.pop("data", None)  # MXNet takes it here, too, and makes nothing of it
        normal = importlib.import_module("treadle.%s.random" % kind).normal
        return normal(loc, scale, shape=shape or None, **options)

    return randn


def _randint(kind):
    def randint(low, high, shape=None, dtype=None, ctx=None, out=None, **options):
        """Whole numbers from `low` to before `high`."""
        if shape is None:
            shape = out.shape if out is not None else (1,) if kind == "ndarray" else None
        options.update(shape=shape, dtype=dtype or "int32", ctx=ctx, out=out)
        return _operators(kind)._random_randint(low=low, high=high, **_clean(options))

    return randint


def _multinomial(kind):
    def multinomial(data, shape=None, get_prob=False, out=None, dtype="int32", **options):
        """Classes drawn by the probabilities in the rows of `data`."""
        options.update(shape=shape, get_prob=get_prob, out=out, dtype=dtype)
        return _operators(kind)._sample_multinomial(data, **_clean(options))

    return multinomial


def _shuffle(kind):
    def shuffle(data, **options):
        """The rows in a random order."""
        return _operators(kind)._shuffle(data, **options)

    return shuffle


def _bernoulli(kind):
    def bernoulli(prob=0.5, shape=None, dtype="float32", ctx=None, out=None):
        """1 with probability `prob`, else 0."""
        uniform = importlib.import_module("treadle.%s.random" % kind).uniform
        drawn = uniform(0, 1, shape=shape, dtype=dtype, ctx=ctx) < prob
        if out is None:
            return drawn
        out[:] = drawn
        return out

    return bernoulli


def draw_zipfian(space, num_sampled, range_max, **where):
    """For `rand_zipfian` of mx.nd and mx.sym, of which `space` is one: the classes drawn, and a
    function that gives how often each of some classes is expected."""
    top = math.log(range_max + 1)
    drawn = space.random.uniform(0, top, shape=(num_sampled,), dtype="float64", **where)
    classes = (space.exp(drawn) - 1).astype("int64") % range_max

    def expected(of):
        of = of.astype("float64")
        return space.log((of + 2) / (of + 1)) / top * num_sampled

    return classes, expected
