"""Scopes that nest, each thread with its own: what `with` puts in force, `current` gives."""

import threading


class _Current(threading.local):
    """The one in force on this thread; made when first asked for."""

    def __init__(self, make):
        self._make = make
        self.outer = []

    @property
    def value(self):
        if "_value" not in self.__dict__:
            self._value = self._make()
        return self._value

    @value.setter
    def value(self, value):
        self._value = value


class Scoped(type):
    """Metaclass of AttrScope, NameManager and Context: `Class.current` is a property of the class.

    A thread starts with `Class._make_default()`. Subclasses share the scope of their base.
    """

    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        if not any(isinstance(base, Scoped) for base in bases):
            cls._current = _Current(lambda: cls._make_default())

    def _make_default(cls):
        return cls()

    @property
    def current(cls):
        return cls._current.value

    @current.setter
    def current(cls, value):
        cls._current.value = value

    def _enter(cls, scope):
        cls._current.outer.append(cls._current.value)
        cls._current.value = scope

    def _leave(cls, scope):
        cls._current.value = cls._current.outer.pop()
