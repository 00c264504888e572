"""Of the extensions of MXNet's numpy mode: what classic code asks them."""

from .util import get_cuda_compute_capability, is_np_array, is_np_shape, reset_np, set_np, use_np

__all__ = [
    "get_cuda_compute_capability",
    "is_np_array",
    "is_np_shape",
    "reset_np",
    "set_np",
    "use_np",
]
