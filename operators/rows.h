// Moving blocks of rows between arrays of different pitch: what joining, cutting and cropping
// share.
#pragma once

#include "treadle/operators/kernel.h"

namespace treadle {

// `count` rows of `elements` elements each; consecutive ones begin `pitch` elements apart.
struct Rows {
  void* first = nullptr;
  int64_t pitch = 0;
};

// to = from, or to += from, as `request` says; in parallel when it is much.
void copy_rows(DType type, Rows to, Rows from, int64_t count, int64_t elements, Request request,
               Pool& pool);

}  // namespace treadle
