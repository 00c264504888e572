#include "treadle/engine/error_log.h"

#include <cstdio>
#include <new>
#include <utility>

#include "treadle/core/error.h"

namespace treadle::detail {

ErrorLog::~ErrorLog() {
  for (ErrorRecord* record : records_) record->release();
}

void ErrorLog::add(ErrorRecord& record) noexcept {
  std::lock_guard lock(mutex_);
  try {
    if (records_.size() < most) {
      records_.push_back(&record);
      record.retain();
      return;
    }
  } catch (const std::bad_alloc&) {
    // Counted below.
  }
  ++left_out_;
}

ErrorRecord* ErrorLog::take() {
  ErrorRecord* found = nullptr;
  size_t kept = 0;
  for (ErrorRecord* record : records_) {
    if (record->reported.load(std::memory_order_relaxed)) {
      record->release();
    } else if (found == nullptr) {
      found = record;
    } else {
      records_[kept++] = record;
    }
  }
  records_.resize(kept);
  return found;
}

void ErrorLog::raise_first() {
  ErrorRecord* first = nullptr;
  uint64_t more = 0;
  {
    std::lock_guard lock(mutex_);
    first = take();
    if (first == nullptr) more = std::exchange(left_out_, 0);
  }
  if (first != nullptr) first->raise_and_release();
  if (more != 0) {
    throw Error("Engine: ", more, " more tasks failed than the ", most,
                " whose errors are kept; wait more often to see each.");
  }
}

void ErrorLog::print_unreported() noexcept {
  std::lock_guard lock(mutex_);
  while (ErrorRecord* record = take()) {
    std::fprintf(stderr, "treadle: an error that no wait has reported: %s\n",
                 record->sentence().c_str());
    record->release();
  }
}

void ErrorLog::reset() noexcept {
  ::new (&mutex_) std::mutex;
  ::new (&records_) std::vector<ErrorRecord*>;  // the old one may be half changed
  left_out_ = 0;
}

}  // namespace treadle::detail
