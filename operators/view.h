// Strided views: how transposing, slicing, reversing, tiling and broadcasting read or write an
// array that itself lies row-major in memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "treadle/core/dtype.h"
#include "treadle/core/shape.h"
#include "treadle/operators/kernel.h"

namespace treadle {

// The axes of a view, outermost first. A stride is in elements; 0 repeats an element, a negative
// one runs backward.
class Axes {
 public:
  static constexpr int max_count = 32;

  int count() const { return count_; }
  int64_t extent(int i) const { return extent_[i]; }
  int64_t stride(int i) const { return stride_[i]; }
  int64_t elements() const;

  // Appends an innermost axis; throws Error beyond max_count.
  void add(int64_t extent, int64_t stride);
  // Elements from the view's first to the one at row-major position `position`.
  int64_t offset(int64_t position) const;
  // Drops axes of extent 1 and joins neighbours that are one run.
  Axes collapsed() const;

 private:
  int count_ = 0;
  int64_t extent_[max_count], stride_[max_count];
};

// An array as it lies.
Axes contiguous_axes(const Shape& shape);
// An array of shape `from`, repeated to shape `to`: axes are aligned at the last, and those of
// extent 1 (or missing) in `from` are repeated.
Axes broadcast_axes(const Shape& from, const Shape& to);
// The strides of a row-major array.
void row_major_strides(const Shape& shape, int64_t* strides);

// Copies the elements at row-major positions first … first + count - 1 of the view that begins at
// `data` to `to`, one after another. `size`: bytes of an element, 1, 2, 4 or 8.
void gather(size_t size, const void* data, const Axes& axes, int64_t first, int64_t count,
            void* to);

// to = view of `from`, or to += it; `to` is contiguous. In parallel when it is much.
void copy_from_view(DType type, const void* from, const Axes& axes, void* to, Request request,
                    Pool& pool);
// view of `to` = from, or += it; `from` is contiguous, and no element of `to` occurs twice in the
// view. Elements outside the view stay as they are.
void copy_to_view(DType type, const void* from, void* to, const Axes& axes, Request request,
                  Pool& pool);
// Every element of the view of `to` = the one at `element`.
void fill_view(DType type, const void* element, void* to, const Axes& axes, Pool& pool);

}  // namespace treadle
