#include "treadle/core/error.h"

#include <string_view>

namespace treadle {

InternalError::InternalError(const std::string& what)
    : Exception("Treadle bug: " + what + " Please report it with the steps that led here.") {}

namespace detail {

void invariant_failed(const char* file, int line, const char* condition,
                      const std::string& sentence) {
  // The folder of the build machine says nothing to a reader; the file's name does.
  std::string_view path = file;
  if (auto slash = path.rfind('/'); slash != std::string_view::npos) path.remove_prefix(slash + 1);
  throw InternalError(concat(sentence, " (", path, ":", line, ", ", condition, ")."));
}

}  // namespace detail
}  // namespace treadle
