// Bringing rows of numbers to mean 0 and deviation 1, then to a learnt scale and offset: the loops
// of LayerNorm, GroupNorm and InstanceNorm. T is the stored type, C the one computed in (float for
// 16 bits). Sums are made in an order that does not depend on the number of threads.
#pragma once

#include <cstdint>

#include "treadle/operators/kernel.h"

namespace treadle {
class Pool;
}

namespace treadle::ops {

// Where a kernel writes, and how; null data where the request is null.
template <class T>
struct Written {
  T* data = nullptr;
  Request request = Request::null;
};

// Data (outer, size, inner) are normalised along the middle axis, which has a scale and an offset
// for each position. `mean` and `deviation` have (outer, inner) numbers.
struct AxisNorm {
  int64_t outer = 1, size = 1, inner = 1;
  double eps = 0;
};
template <class T, class C>
void axis_norm_forward(Pool& pool, const AxisNorm& n, const T* x, const T* gamma, const T* beta,
                       Written<T> y, Written<T> mean, Written<T> deviation);
template <class T, class C>
void axis_norm_backward(Pool& pool, const AxisNorm& n, const T* dy, const T* x, const T* gamma,
                        const T* mean, const T* deviation, Written<T> dx, Written<T> dgamma,
                        Written<T> dbeta);

// Data (batch, groups, size) are normalised along the last axis; each group has one scale and one
// offset. `mean` and `deviation` have (batch, groups) numbers.
struct GroupNormShape {
  int64_t batch = 1, groups = 1, size = 1;
  double eps = 0;
};
template <class T, class C>
void group_norm_forward(Pool& pool, const GroupNormShape& n, const T* x, const T* gamma,
                        const T* beta, Written<T> y, Written<T> mean, Written<T> deviation);
// `sums` is scratch memory for 2 * batch * groups numbers.
template <class T, class C>
void group_norm_backward(Pool& pool, const GroupNormShape& n, const T* dy, const T* x,
                         const T* gamma, const T* mean, const T* deviation, Written<T> dx,
                         Written<T> dgamma, Written<T> dbeta, C* sums);

}  // namespace treadle::ops
