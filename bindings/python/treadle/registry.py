"""Registries of classes that are made from a name or a JSON text."""

import json

__all__ = ["get_registry", "get_register_func", "get_alias_func", "get_create_func"]

_registries = {}


def get_registry(base_class):
    """Classes by name, a copy."""
    return dict(_registries.setdefault(base_class, {}))


def get_register_func(base_class, nickname):
    """A function that registers a subclass of `base_class`, by its name in lower case."""
    known = _registries.setdefault(base_class, {})

    def register(klass, name=None):
        if not issubclass(klass, base_class):
            raise TypeError("Only subclasses of %s are registered." % base_class.__name__)
        known[(name or klass.__name__).lower()] = klass
        return klass

    register.__doc__ = "Registers a class as %s." % nickname
    return register


def get_alias_func(base_class, nickname):
    """A decorator that registers a class under further names."""
    register = get_register_func(base_class, nickname)

    def alias(*aliases):
        def decorate(klass):
            for name in aliases:
                register(klass, name)
            return klass

        return decorate

    return alias


def get_create_func(base_class, nickname):
    """A function that makes an object from a name with arguments, from '["name", {...}]', or from
    {nickname: name, ...}; objects are passed through."""
    known = _registries.setdefault(base_class, {})

    def create(*args, **kwargs):
        name, args = (args[0], args[1:]) if args else (kwargs.pop(nickname), ())
        if isinstance(name, base_class):
            if args or kwargs:
                raise ValueError("An object is given; no further arguments are expected.")
            return name
        if isinstance(name, dict):
            return create(**name)
        if name.startswith("["):
            name, kwargs = json.loads(name)
            return create(name, **kwargs)
        if name.lower() not in known:
            raise ValueError(
                "There is no %s %r; there are %s." % (nickname, name, ", ".join(sorted(known)))
            )
        return known[name.lower()](*args, **kwargs)

    create.__doc__ = "Makes a %s." % nickname
    return create
