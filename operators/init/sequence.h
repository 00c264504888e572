// Evenly spaced numbers: what the operators that count share.
#pragma once

#include "treadle/operators/call.h"

namespace treadle {

// Element i of `made` = start + (i / repeat) * step, computed in double; or it is added.
void write_sequence(const Tensor& made, double start, double step, int64_t repeat, Request request,
                    Pool& pool);

}  // namespace treadle
