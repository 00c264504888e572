// The error of a task, as it is kept until waits report it. Internal.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace treadle::detail {

// An exception with the operator and node that it came from; counted, shared by all it reached.
class ErrorRecord {
 public:
  // Describes `error` of the task `op(node)`; a count of one for the caller. Never fails: when
  // memory is out, it gives a record that says so.
  static ErrorRecord* create(std::exception_ptr error, std::string_view op,
                             std::string_view node) noexcept;

  // Throws it: the library's own types stay what they were, with "op(node): " in front unless the
  // sentence already starts with it; other standard exceptions become Error.
  [[noreturn]] void raise() const;

  // Throws it and forgets the caller's count.
  [[noreturn]] void raise_and_release();

  void retain() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  // Whether a wait has thrown it; kept for wait_all.
  std::atomic<bool> reported{false};
  const std::string& sentence() const { return sentence_; }

 private:
  enum class Type : uint8_t { error, out_of_memory, out_of_range, cancelled, other };

  ErrorRecord() = default;
  ~ErrorRecord() = default;

  std::atomic<uint32_t> count_{1};
  Type type_ = Type::other;
  std::string sentence_;
  // Of a type that cannot be made anew: thrown as it is. The others are made anew by each raise, so
  // that no two threads hold the same exception object.
  std::exception_ptr original_;
};

// "op(node)", or "op" without a node.
std::string label(std::string_view op, std::string_view node);

}  // namespace treadle::detail
