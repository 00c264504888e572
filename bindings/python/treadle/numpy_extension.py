"""Of the extensions of MXNet's numpy mode: what classic code asks them."""

from .base import MXNetError
from .util import is_np_array, is_np_shape, reset_np, set_np, use_np

__all__ = [
    "get_cuda_compute_capability",
    "is_np_array",
    "is_np_shape",
    "reset_np",
    "set_np",
    "use_np",
]


def get_cuda_compute_capability(ctx):
    """The generation of an accelerator."""
    if ctx.device_type != "gpu":
        raise ValueError("The compute capability of %s is asked for; a gpu is expected." % ctx)
    raise MXNetError("The compute capability of %s is not reported." % ctx)
