// The text of `__init__` attributes. Internal.
#pragma once

#include <string>
#include <string_view>

#include "treadle/core/reflect.h"

namespace treadle {

struct InitializerText {
  std::string name;
  ParamText params;
};

// Reads `xavier` or `["xavier", {"rnd_type": "gaussian", "magnitude": 2}]`; values are text,
// numbers, true, false and null. Throws Error that shows the text.
InitializerText read_initializer_text(std::string_view text);

}  // namespace treadle
