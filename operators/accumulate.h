// For implementations that can only overwrite their outputs: a kernel that meets the request `add`
// by letting the inner one write to scratch memory and adding from there.
#pragma once

#include "treadle/operators/kernel.h"

namespace treadle {

// Prepares `implementation` for `query` with `write` in place of `add`, and wraps what it gives.
// Host memory only. Passes a refusal on.
Prepared prepare_accumulating(const Implementation& implementation, const KernelQuery& query);

}  // namespace treadle
