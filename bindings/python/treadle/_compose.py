"""Composition: a call of an operator on symbols."""

from . import _treadle
from .attribute import SHORT_ATTRIBUTES, node_attributes
from .name import NameManager


def compose(operator, args, kwargs):
    """The symbol of an operator called with symbols and parameters."""
    from .symbol import Symbol

    name, attr = kwargs.pop("name", None), kwargs.pop("attr", None)
    attributes = node_attributes(attr, operator.name)
    for key in [key for key in kwargs if key.startswith("__") and key.endswith("__")]:
        attributes[key] = str(kwargs.pop(key))
    of_inputs = {}
    for key in [
        key for key in kwargs if key.endswith(SHORT_ATTRIBUTES) and key not in operator.params
    ]:
        short = next(short for short in SHORT_ATTRIBUTES if key.endswith(short))
        place = attributes if key == short else of_inputs.setdefault(key[: -len(short) - 1], {})
        place["__%s__" % short] = str(kwargs.pop(key))
    positional, named, params = operator.split(Symbol, args, kwargs)
    handle = _treadle.compose(
        operator.name,
        params,
        [symbol.handle for symbol in positional],
        {key: symbol.handle for key, symbol in named.items()},
        name or "",
        attributes,
        NameManager.current.get,
    )
    if of_inputs:  # weight_lr_mult=0.5 belongs to the variable made for the weight
        made = {
            key: name
            for key, name in handle.input_names().items()
            if key not in named and key not in operator.inputs[: len(positional)]
        }
        internals = handle.internals()
        for key, values in of_inputs.items():
            if key not in made:
                raise TypeError(
                    "%s: %s is no input that is made for you; it takes no attributes here."
                    % (operator.name, key)
                )
            for attribute, value in values.items():
                internals.output(made[key]).set_attr(attribute, value)
    return Symbol(handle)
