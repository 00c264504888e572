// Asking for cache lines ahead of time. Internal.
#pragma once

namespace treadle::detail {

// Has the line at `address`, which need not be valid, brought into this processor's cache so that
// it may be written: a plain prefetch fetches a copy to read, and the write then waits once more.
inline void prefetch_to_write(const void* address) noexcept {
#if defined(__x86_64__)
  asm volatile("prefetchw (%0)" : : "r"(address));
#else
  __builtin_prefetch(address, 1);
#endif
}

}  // namespace treadle::detail
