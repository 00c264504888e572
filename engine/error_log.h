// The errors of an engine that no wait has reported yet. Internal.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "treadle/engine/error_record.h"

namespace treadle::detail {

// Keeps the first ones of a burst, so that an engine nobody waits on does not grow. Thread-safe.
class ErrorLog {
 public:
  ~ErrorLog();

  void add(ErrorRecord& record) noexcept;
  // Throws the oldest unreported error; returns when there is none.
  void raise_first();
  // Writes what is left to the standard error stream, since nobody will ask any more.
  void print_unreported() noexcept;
  // In a forked child: another thread may have held the mutex.
  void reset() noexcept;

 private:
  static constexpr size_t most = 1024;

  ErrorRecord* take();

  std::mutex mutex_;
  std::vector<ErrorRecord*> records_;  // counted, oldest first
  uint64_t left_out_ = 0;
};

}  // namespace treadle::detail
