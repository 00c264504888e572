"""What tests run on, and what they need around them."""

import contextlib
import functools
import os
import platform
import sys

from .. import ndarray as nd
from ..base import MXNetError
from ..context import Context, current_context, num_gpus
from ..util import environment, getenv, setenv

__all__ = [
    "default_context",
    "set_default_context",
    "list_gpus",
    "environment",
    "EnvManager",
    "getenv",
    "setenv",
    "set_env_var",
    "discard_stderr",
    "retry",
    "is_cd_run",
    "is_aarch64_run",
    "is_op_runnable",
    "has_tvm_ops",
    "check_gluon_hybridize_consistency",
]

EnvManager = environment  # its name before 1.8


def default_context():
    """The context that tests run on: the one in force."""
    return current_context()


def set_default_context(ctx):
    """Makes a context the one in force."""
    Context.default_ctx = ctx


def list_gpus():
    """Numbers of the accelerators there are."""
    return list(range(num_gpus()))


def set_env_var(key, val, default_val=""):
    """Sets an environment variable and gives what it was."""
    before = os.environ.get(key, default_val)
    os.environ[key] = val
    return before


@contextlib.contextmanager
def discard_stderr():
    """Nothing written to the standard error stream within is seen."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)


def retry(n):
    """Decorator: a test that draws numbers may fail n - 1 times."""
    if n <= 0:
        raise ValueError("retry(%s): a test runs at least once." % n)

    def decorate(function):
        @functools.wraps(function)
        def run(*args, **kwargs):
            for left in reversed(range(n)):
                try:
                    return function(*args, **kwargs)
                except AssertionError:
                    if left == 0:
                        raise
                    nd.waitall()

        return run

    return decorate


def is_cd_run():
    """Whether CD_JOB=1 is in the environment, by which MXNet's tests tell a delivery."""
    return os.environ.get("CD_JOB") == "1"


def is_aarch64_run():
    """Whether the processor is a 64-bit ARM."""
    return platform.machine() == "aarch64"


def has_tvm_ops():
    """False: no operators are made by TVM."""
    return False


def is_op_runnable():
    """True: operators run on every context."""
    return True


def check_gluon_hybridize_consistency(*args, **kwargs):
    """Refused: there is no Gluon."""
    raise MXNetError(
        "check_gluon_hybridize_consistency is called: Treadle speaks MXNet's symbolic API; Gluon "
        "is not part of it."
    )
