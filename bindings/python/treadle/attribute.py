"""AttrScope: attributes for every symbol that is made within."""

from ._scope import Scoped
from .base import text_attributes

__all__ = ["AttrScope"]

# Attributes that may be written without the underscores that they are kept with; readers find them
# under both names.
SHORT_ATTRIBUTES = ("ctx_group", "lr_mult", "wd_mult", "force_mirroring", "mirror_stage")


class AttrScope(metaclass=Scoped):
    """Adds attributes to symbols made in its `with`; inner scopes win, and what a symbol is given
    wins over both.

        with mx.AttrScope(ctx_group='first'):
            net = mx.sym.FullyConnected(data, num_hidden=10)
    """

    def __init__(self, **attributes):
        self._attr = text_attributes(attributes, "AttrScope")

    def get(self, attributes):
        """`attributes`, a dict or None, with those of the scope behind them."""
        merged = dict(self._attr)
        if attributes:
            merged.update(attributes)
        return merged

    def __enter__(self):
        own, self._own = self._attr, self._attr
        self._attr = {**AttrScope.current._attr, **own}
        AttrScope._enter(self)
        return self

    def __exit__(self, *error):
        AttrScope._leave(self)
        self._attr = self._own


def node_attributes(given, where):
    """The attributes of a new node: those given, which must be text, and those of the scope."""
    merged = AttrScope.current.get(text_attributes(given or {}, where))
    return {
        "__%s__" % key if key in SHORT_ATTRIBUTES else key: value for key, value in merged.items()
    }


def with_short(attributes):
    """The same dict with short names beside the long ones; a node's name may stand before."""
    for short in SHORT_ATTRIBUTES:
        for key in [key for key in attributes if key.endswith("__%s__" % short)]:
            attributes[key[: -len(short) - 4] + short] = attributes[key]
    return attributes
