"""The names of mx.sym under the path that later releases have."""

from . import *  # noqa: F401,F403
from . import Symbol, _make  # noqa: F401
