// Operators that only these tests have.
#pragma once

#include <functional>

namespace treadle::testing {

// What `_test_call` does before it passes its input on; empty: nothing. Set it only while no task
// of the operator is queued.
std::function<void(float first_element)>& test_call();

}  // namespace treadle::testing
