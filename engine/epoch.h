// A value of a variable. Internal; the protocol is in task.h.
#pragma once

#include <atomic>
#include <cstdint>

namespace treadle::detail {

class ErrorRecord;
class Access;
struct Issued;
struct VariableState;

// In a list of an epoch; counts one task on a stream, in whose Issued it lies. See issued.h.
struct IssuedLink {
  enum class Kind : uint8_t {
    value,   // it wrote what the follower uses: its error is the follower's
    order,   // the follower overwrites
    memory,  // it used the memory for another variable before; only streams need to wait
  };
  Issued* issued = nullptr;
  IssuedLink* next = nullptr;
  ErrorRecord* error = nullptr;  // of the epoch, in the first link of its list
  Kind kind = Kind::order;
};

// What few values have: an error, and links to tasks on streams that have given their access back
// before they are done. One word for both, since every queued write has an epoch.
//
// Whoever else may not reach them at the moment changes them freely. Once the write has ended, its
// reads may add links at the same time: then each use is under the epoch's lock (issued.h), except
// `any` and `written`, which change no more.
class Attachments {
 public:
  bool any() const noexcept { return word() != 0; }

  // Counted once by this; null: the value is good.
  ErrorRecord* error() const noexcept {
    if ((word() & is_error) != 0) return reinterpret_cast<ErrorRecord*>(word() & ~flags);
    return first() != nullptr ? first()->error : nullptr;
  }
  // Takes over a count; there must be no error yet.
  void set_error(ErrorRecord* error) noexcept {
    if (first() != nullptr) {
      first()->error = error;
    } else {
      set(error, is_error);
    }
  }
  // Gives the count to the caller.
  ErrorRecord* take_error() noexcept {
    ErrorRecord* const taken = error();
    if (taken == nullptr) return nullptr;
    if (first() != nullptr) {
      first()->error = nullptr;
    } else {
      word_.store(0, std::memory_order_relaxed);
    }
    return taken;
  }

  // The write's own link, or null.
  IssuedLink* written() const noexcept { return (word() & is_written) != 0 ? first() : nullptr; }
  // The links of what the write follows until that is released; then of the reads.
  IssuedLink* others() const noexcept { return written() != nullptr ? written()->next : first(); }
  void set_links(IssuedLink* written, IssuedLink* others) noexcept {
    ErrorRecord* const kept = take_error();
    if (written != nullptr) {
      written->next = others;
      set(written, is_written);
    } else {
      set(others, 0);
    }
    if (kept != nullptr) set_error(kept);
  }

 private:
  static constexpr uintptr_t is_error = 1, is_written = 2, flags = is_error | is_written;

  uintptr_t word() const noexcept { return word_.load(std::memory_order_relaxed); }
  IssuedLink* first() const noexcept {
    return (word() & is_error) != 0 ? nullptr : reinterpret_cast<IssuedLink*>(word() & ~flags);
  }
  void set(void* address, uintptr_t flag) noexcept {
    word_.store(reinterpret_cast<uintptr_t>(address) | flag, std::memory_order_relaxed);
  }

  // An error, or the first of the links, with what it is in the low bits; 0: nothing.
  std::atomic<uintptr_t> word_{0};
};

struct alignas(32) Epoch {
  explicit Epoch(const VariableState* variable) noexcept : variable(key_of(variable)) {}

  // Accesses that wait for the write to end, newest first; `write_ended` once it has.
  std::atomic<Access*> waiting{nullptr};
  // The closing write or the variable's end; set before the addition to `reads`, which publishes
  // it.
  Access* successor = nullptr;
  Attachments attached;  // an error is set before the write ends
  // Counts down as reads end; the closing write adds how many there were, so it is zero again
  // exactly when the epoch is closed and all have ended.
  std::atomic<int32_t> reads{0};

  bool is_of(const VariableState* state) const noexcept { return variable == key_of(state); }

 private:
  // Tells a variable from all others that do not lie 256 GiB away, to the line.
  static uint32_t key_of(const VariableState* state) noexcept {
    return uint32_t(reinterpret_cast<uintptr_t>(state) / 64);
  }
  const uint32_t variable;
};
static_assert(sizeof(Epoch) == 32, "a million queued tasks should fit into memory");

// In Epoch::waiting: the write has ended.
inline Access* const write_ended = reinterpret_cast<Access*>(uintptr_t(1));
// In Epoch::waiting or successor, in place of an access: the variable ends here; there is nothing
// to grant.
inline Access* end_of(VariableState* variable) noexcept {
  return reinterpret_cast<Access*>(reinterpret_cast<uintptr_t>(variable) | 2);
}
// The variable that ends, or null for an access.
inline VariableState* ended_variable(Access* next) noexcept {
  const auto word = reinterpret_cast<uintptr_t>(next);
  return (word & 2) != 0 ? reinterpret_cast<VariableState*>(word & ~uintptr_t(2)) : nullptr;
}

}  // namespace treadle::detail
