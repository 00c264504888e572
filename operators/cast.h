// Conversion of arrays between element types, with requests and threads.
#pragma once

#include "treadle/operators/call.h"

namespace treadle {

// to = from in the type of `to`, or to += it; both have as many elements.
void cast_array(const Tensor& from, const Tensor& to, Request request, Pool& pool);

}  // namespace treadle
