// What the copies of a CancellationToken share. Internal.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>

#include "treadle/engine/cancellation.h"

namespace treadle::detail {

class ErrorRecord;

class CancellationState {
 public:
  ~CancellationState();

  void retain() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  void cancel(std::string_view reason);
  void set_deadline(CancellationToken::Clock::time_point deadline) noexcept;
  bool is_set() const noexcept;
  // The error of all that is skipped for it, named after the first; a count for the caller, and
  // `is_new` for the first.
  ErrorRecord* record(std::string_view op, std::string_view node, bool& is_new) noexcept;

 private:
  using Ticks = CancellationToken::Clock::rep;
  static constexpr Ticks never = std::numeric_limits<Ticks>::max();

  std::atomic<uint32_t> count_{1};
  std::atomic<bool> cancelled_{false};
  std::atomic<Ticks> deadline_{never};
  std::mutex mutex_;  // guards what follows
  std::string reason_;
  ErrorRecord* record_ = nullptr;  // counted
};

}  // namespace treadle::detail
