// How the references meet 16-bit types and channels-last layouts: they compute on row-major,
// channels-first arrays of float or double, and whatever is not that is copied on its way in and
// out.
#pragma once

#include "treadle/core/error.h"
#include "treadle/operators/call.h"
#include "treadle/operators/nn/scratch.h"
#include "treadle/operators/type_set.h"

namespace treadle {

class Pool;

// Calls f(T()) with the type that arrays of a floating `type` are computed in: double, or float for
// 32 and 16 bits.
template <class F>
auto in_compute_type(DType type, F f) {
  TREADLE_INVARIANT(floating_types.contains(type), "no arithmetic on ", type, " is made here");
  if (type == DType::f64) return f(double());
  return f(float());
}

// (outer, rows, columns) reordered to (outer, columns, rows).
struct Transpose {
  int64_t outer = 1;
  int64_t rows = 1;
  int64_t columns = 1;

  bool is_identity() const { return rows == 1 || columns == 1; }
};

// One array of a kernel in the type T and the order it is computed in: the user's memory where
// that is as it should be, a piece of the scratch memory otherwise.
template <class T>
class Staged {
 public:
  Staged() = default;
  // `order` leads from the user's array to the one computed on.
  Staged(const TensorSpec& spec, Transpose order, ScratchPlan& plan);
  Staged(const TensorSpec& spec, ScratchPlan& plan) : Staged(spec, Transpose{}, plan) {}

  // For an array that is read: its values.
  const T* load(Pool& pool, const Tensor& from, void* scratch) const;
  // For one that is written: where to, whether to add to what is there, and the end of it.
  T* target(const Tensor& to, void* scratch) const;
  bool adds(Request request) const { return !is_copied_ && request == Request::add; }
  void store(Pool& pool, const Tensor& to, void* scratch, Request request) const;

 private:
  Transpose order_;
  bool is_copied_ = false;
  size_t offset_ = 0;
};

}  // namespace treadle
