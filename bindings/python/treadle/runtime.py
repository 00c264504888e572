"""What this build can do."""

import collections

from . import _treadle

__all__ = ["Feature", "Features", "feature_list"]

Feature = collections.namedtuple("Feature", ["name", "enabled"])
Feature.__str__ = lambda self: "[%s %s]" % ("✔" if self.enabled else "✖", self.name)

# MXNet's names for what a build may have.
_NAMES = (
    "CUDA CUDNN NCCL CUDA_RTC TENSORRT CPU_SSE CPU_SSE2 CPU_SSE3 CPU_SSE4_1 CPU_SSE4_2 CPU_SSE4A "
    "CPU_AVX CPU_AVX2 OPENMP SSE F16C JEMALLOC BLAS_OPEN BLAS_ATLAS BLAS_MKL BLAS_APPLE LAPACK "
    "MKLDNN ONEDNN OPENCV CAFFE PROFILER DIST_KVSTORE CXX14 INT64_TENSOR_SIZE SIGNAL_HANDLER DEBUG "
    "TVM_OP"
).split()
_ENABLED = ("CPU_AVX", "CPU_AVX2", "F16C", "BLAS_OPEN", "ONEDNN", "MKLDNN", "INT64_TENSOR_SIZE")


def feature_list():
    """Features, enabled or not."""
    return [Feature(name, name in _ENABLED or name == "CUDA" and _num_gpus() > 0) for name in _NAMES]


def _num_gpus():
    return _treadle.num_gpus() if hasattr(_treadle, "num_gpus") else 0


class Features(collections.OrderedDict):
    """Features by name."""

    def __init__(self):
        super().__init__((feature.name, feature) for feature in feature_list())

    def __repr__(self):
        return "[%s]" % ", ".join(map(str, self.values()))

    def is_enabled(self, feature_name):
        feature_name = feature_name.upper()
        if feature_name not in self:
            raise RuntimeError("There is no feature %r." % feature_name)
        return self[feature_name].enabled
