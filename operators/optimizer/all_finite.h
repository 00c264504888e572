// What all_finite and multi_all_finite share.
#pragma once

#include <atomic>
#include <cmath>

#include "treadle/operators/optimizer/many.h"

namespace treadle::ops {

inline bool is_all_finite(Pool& pool, const Tensor& array) {
  std::atomic<bool> all = true;
  with_floating_type(array.type(), [&](auto stored, auto computed) {
    const auto* const from = array.as<decltype(stored)>();
    pool.parallel_for(0, array.elements(), 1 << 15, [&](int64_t begin, int64_t end) {
      // x - x is 0 for finite numbers and no number for others: a sum needs no branch.
      decltype(computed) sum = 0;
      for (int64_t i = begin; i < end; ++i) {
        const auto x = decltype(computed)(from[i]);
        sum += x - x;
      }
      if (!(sum == 0)) all = false;
    });
  });
  return all;
}

// 1 or 0; without init_output a 0 that is there already stays.
inline void store_finite(const Tensor& to, Request request, bool init_output, bool is_finite) {
  if (request == Request::null) return;
  float& result = *to.as<float>();
  if (!init_output && result == 0) is_finite = false;
  store(result, is_finite ? 1.0f : 0.0f, request);
}

}  // namespace treadle::ops
