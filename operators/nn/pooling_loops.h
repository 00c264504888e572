// Pooling window by window: the reference.
#pragma once

#include "treadle/operators/nn/window.h"

namespace treadle {
class Pool;
}

namespace treadle::ops {

enum class PoolType : uint8_t { max, avg, sum, lp };
inline EnumNames describe(PoolType) { return enum_names("PoolType", "max", "avg", "sum", "lp"); }

struct PoolingShape {
  int64_t batch = 0;
  int64_t channels = 0;
  bool channels_last = false;
  Window window;
  PoolType type = PoolType::max;
  int power = 2;                   // of lp: 1, 2 or 3
  bool count_includes_pad = true;  // avg: also what lies in the padding counts

  // Elements a window at output position `o` of an axis is divided by on average.
  int64_t counted(int axis, int64_t o) const;
};

// out (+)= pooled data. T is float or double.
template <class T>
void pooling_forward(Pool& pool, const PoolingShape& shape, const T* data, T* out, bool adds);

// data_grad (+)= gradient. Only max and lp read data and out.
template <class T>
void pooling_backward(Pool& pool, const PoolingShape& shape, const T* out_grad, const T* data,
                      const T* out, T* data_grad, bool adds);

}  // namespace treadle::ops
