"""What is installed, and where."""

import os

from . import _treadle

__all__ = ["find_lib_path", "find_include_path", "__version__"]

__version__ = _treadle.version


def find_lib_path(prefix="treadle"):
    """Paths of the library, as a list."""
    return [os.path.abspath(_treadle.__file__)]


def find_include_path():
    """The folder with C++ headers beside the package, if they are installed with it."""
    path = os.path.join(os.path.dirname(os.path.abspath(_treadle.__file__)), "include")
    return path if os.path.isdir(path) else ""
