"""Arrays of random numbers."""

import sys

from .. import _random_functions

__all__ = _random_functions.install(sys.modules[__name__], "ndarray")
