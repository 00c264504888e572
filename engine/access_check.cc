#include "treadle/engine/access_check.h"

#include <cstdlib>
#include <cstring>

#include "treadle/core/error.h"
#include "treadle/engine/dynamic_engine.h"

namespace treadle {
namespace detail {
namespace {

bool starts_on() {
  if (const char* text = std::getenv("TREADLE_CHECK_ACCESS"); text != nullptr && *text != '\0') {
    return std::strcmp(text, "0") != 0;
  }
#ifdef NDEBUG
  return false;
#else
  return true;
#endif
}

}  // namespace

std::atomic<bool> access_check_is_on{starts_on()};

void check_declared(const Variable& variable) {
  const TaskFrame* const frame = TaskFrame::innermost();
  if (frame == nullptr || !variable.valid() || frame->is_clean_up) return;
  Task& task = frame->task;
  for (uint32_t i = 0; i < task.access_count; ++i) {
    if (task.accesses()[i].epoch()->is_of(variable.state())) return;
  }
  const std::string_view name = variable.name();
  throw Error(
      label(task.op_name(), task.node_name()), ": the task touches ",
      name.empty() ? std::string("a variable without a name") : concat("variable '", name, "'"),
      ", which is neither in the `reads` nor in the `writes` that it was pushed with; "
      "another task may change it at the same time. Add it to one of them.");
}

}  // namespace detail

bool set_access_check(bool on) noexcept {
  return detail::access_check_is_on.exchange(on, std::memory_order_relaxed);
}

}  // namespace treadle
