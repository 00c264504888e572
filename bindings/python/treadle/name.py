"""Names for symbols that are given none."""

from ._scope import Scoped

__all__ = ["NameManager", "Prefix"]


class NameManager(metaclass=Scoped):
    """Names symbols 'convolution0', 'convolution1', … In a `with` statement its count applies;
    override `get` to name differently."""

    def __init__(self):
        self._counter = {}

    def get(self, name, hint):
        """`name`, or when it is None one made from `hint`, the operator in lower case."""
        if name:
            return name
        number = self._counter.get(hint, 0)
        self._counter[hint] = number + 1
        return "%s%d" % (hint, number)

    def __enter__(self):
        NameManager._enter(self)
        return self

    def __exit__(self, *error):
        NameManager._leave(self)


class Prefix(NameManager):
    """Puts `prefix` before every name, given ones too."""

    def __init__(self, prefix):
        super().__init__()
        self._prefix = prefix

    def get(self, name, hint):
        return self._prefix + super().get(name, hint)
