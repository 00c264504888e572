"""Run-time compilation of CUDA source, which Treadle does not offer."""

from .base import MXNetError

__all__ = ["Rtc", "CudaModule", "CudaKernel"]

_SENTENCE = (
    "%s is asked for: Treadle does not compile CUDA source at run time. Write the operator in Python "
    "with mx.operator.CustomOp, or in C++ (docs/adding-an-operator.md)."
)


class Rtc:
    """A kernel from source; making one is an error."""

    def __init__(self, *args, **kwargs):
        raise MXNetError(_SENTENCE % "mx.rtc.Rtc")


class CudaModule:
    """A module of kernels from source; making one is an error."""

    def __init__(self, *args, **kwargs):
        raise MXNetError(_SENTENCE % "mx.rtc.CudaModule")


class CudaKernel:
    """A kernel of a CudaModule; making one is an error."""

    def __init__(self, *args, **kwargs):
        raise MXNetError(_SENTENCE % "mx.rtc.CudaKernel")
