// Softmax, log-softmax and softmin over the middle axis of (outer, classes, inner), with a
// temperature and lengths. Bits do not depend on the number of threads.
#pragma once

#include <vector>

#include "treadle/operators/softmax.h"

namespace treadle {
class Pool;
}

namespace treadle::ops {

enum class SoftmaxKind : uint8_t { softmax, log_softmax, softmin };

struct SoftmaxShape {
  ClassLayout layout;
  SoftmaxKind kind = SoftmaxKind::softmax;
  double temperature = 1;
  // Classes that count, per (outer, inner); the others give 0. Empty: all of them.
  std::vector<int64_t> lengths = {};
};

// y (+)= f(x); y may be x where it is overwritten. T is a floating type; 16-bit ones are computed
// in float.
template <class T>
void softmax_forward(Pool& pool, const SoftmaxShape& shape, const T* x, T* y, bool adds);

// dx (+)= gradient; dx may be dy where it is overwritten. T is float or double.
template <class T>
void softmax_backward(Pool& pool, const SoftmaxShape& shape, const T* dy, const T* y, T* dx,
                      bool adds);

}  // namespace treadle::ops
