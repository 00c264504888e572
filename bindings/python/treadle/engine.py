"""The engine that runs what is queued."""

import atexit
import sys
import threading

from . import _treadle

__all__ = ["kind", "wait_all"]

kind = _treadle.engine_kind
wait_all = _treadle.wait_all


@atexit.register
def _finish():
    """No queued work outlives the interpreter, and an error that nobody has seen is told. What
    daemon threads hold is never freed, which is no leak of ours to report."""
    if any(thread.daemon for thread in threading.enumerate()):
        _treadle.expect_leaks()
    try:
        _treadle.wait_all()
    except _treadle.MXNetError as error:
        print("treadle: an operation failed and no one waited for it: %s" % error, file=sys.stderr)
