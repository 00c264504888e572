"""The engine that runs what is queued."""

import atexit
import contextlib
import sys
import threading

from . import _treadle

__all__ = ["kind", "wait_all", "bulk", "set_bulk_size"]

kind = _treadle.engine_kind
wait_all = _treadle.wait_all


_bulk_size = 15


def set_bulk_size(size):
    """How many operations MXNet puts into one task; gives the size before. Here each is a task of
    its own, so nothing depends on it."""
    global _bulk_size
    before, _bulk_size = _bulk_size, size
    return before


@contextlib.contextmanager
def bulk(size):
    """set_bulk_size for a `with`."""
    before = set_bulk_size(size)
    try:
        yield
    finally:
        set_bulk_size(before)


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
    _treadle.release_python_objects()
