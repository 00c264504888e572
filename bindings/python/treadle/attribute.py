"""AttrScope: attributes for every symbol that is made within."""
from ._scope import Scoped
from .base import text_attributes

__all__ = ["AttrScope"]


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
