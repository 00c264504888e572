"""Operators under `contrib`, whose names begin with _contrib_."""

from .._operators import Prefixed
from . import _make

__getattr__, __dir__ = Prefixed(__name__, "_contrib_", _make)
