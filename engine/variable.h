// A variable: the name of something that tasks read and write. The engine knows nothing more of it.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>

namespace treadle {

namespace detail {
struct VariableState;
void retain(VariableState* state) noexcept;
void release(VariableState* state) noexcept;
}  // namespace detail

// A cheap handle, copied freely. When the last one goes, the variable ends after the tasks that are
// queued on it; it may be used with any engine of the process.
class Variable {
 public:
  Variable() = default;
  // A new variable; the name appears in errors and traces only.
  static Variable create(std::string_view name = {});

  Variable(const Variable& other) noexcept : state_(other.state_) {
    if (state_ != nullptr) detail::retain(state_);
  }
  Variable(Variable&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Variable& operator=(Variable other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~Variable() {
    if (state_ != nullptr) detail::release(state_);
  }

  // False for a default-made or moved-from handle; the engine refuses those.
  bool valid() const { return state_ != nullptr; }
  // Empty when none was given.
  std::string_view name() const;

  friend bool operator==(const Variable& a, const Variable& b) { return a.state_ == b.state_; }

  // For the engine and containers.
  detail::VariableState* state() const { return state_; }

 private:
  detail::VariableState* state_ = nullptr;
};

}  // namespace treadle

template <>
struct std::hash<treadle::Variable> {
  size_t operator()(const treadle::Variable& variable) const noexcept {
    return std::hash<const void*>()(variable.state());
  }
};
