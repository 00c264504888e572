#include "treadle/device/memory.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>
#include <new>

#include "treadle/core/error.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TREADLE_ADDRESS_SANITIZER 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define TREADLE_ADDRESS_SANITIZER 1
#endif

namespace treadle {
namespace {

// A cached block is live memory to AddressSanitizer; without a cache it sees each use after free.
#ifdef TREADLE_ADDRESS_SANITIZER
constexpr bool may_cache = false;
#else
constexpr bool may_cache = true;
#endif

constexpr size_t most_bytes = std::numeric_limits<size_t>::max() / 2;

// Eight classes per power of two: at most an eighth is wasted, and sizes that differ a little, as
// a last batch does, still share blocks.
size_t size_class(size_t bytes) {
  const size_t step = std::max(memory_alignment, std::bit_floor(bytes) / 8);
  return (bytes + step - 1) / step * step;
}

Allocator system_allocator() {
  return {[](size_t bytes) { return std::aligned_alloc(memory_alignment, bytes); },
          [](void* data, size_t) { std::free(data); }};
}

}  // namespace

size_t array_bytes(int64_t elements, size_t element_size) {
  size_t bytes = 0;
  if (elements < 0 || __builtin_mul_overflow(size_t(elements), element_size, &bytes) ||
      bytes > most_bytes) {
    throw Error("Memory: an array of ", elements, " elements of ", element_size,
                " bytes has no size that a machine can address; check the shape.");
  }
  return bytes;
}

MemoryPool::MemoryPool(Device device, Allocator allocator)
    : device_(device), allocator_(allocator.allocate ? std::move(allocator) : system_allocator()) {}

MemoryPool::~MemoryPool() { trim(); }

Block MemoryPool::allocate(size_t bytes) {
  std::lock_guard lock(mutex_);
  if (until_failure_ != 0 && --until_failure_ == 0) out_of_memory(bytes, "the failure is injected");
  if (bytes > most_bytes) out_of_memory(bytes, "no machine can address that much");
  Block block{nullptr, bytes, bytes == 0 ? 0 : size_class(bytes)};
  if (bytes != 0) {
    const auto fitting = cached_.find(block.capacity);
    if (fitting != cached_.end() && !fitting->second.empty()) {
      block.data = fitting->second.back();
      fitting->second.pop_back();
      statistics_.cached_bytes -= block.capacity;
    } else {
      block.data = from_system(block.capacity);
      if (block.data == nullptr) out_of_memory(bytes, "the system has no more");
    }
  }
  ++statistics_.allocations;
  statistics_.live_bytes += block.size;
  live_capacity_ += block.capacity;
  statistics_.peak_bytes = std::max(statistics_.peak_bytes, statistics_.live_bytes);
  peak_capacity_ = std::max(peak_capacity_, live_capacity_);
  return block;
}

void MemoryPool::free(Block block) noexcept {
  if (block.capacity == 0) return;
  std::lock_guard lock(mutex_);
  statistics_.live_bytes -= block.size;
  live_capacity_ -= block.capacity;
  // Never holding more than twice what was needed at once bounds the cost of odd sizes.
  if (may_cache && statistics_.cached_bytes + block.capacity <= peak_capacity_) {
    try {
      cached_[block.capacity].push_back(block.data);
      statistics_.cached_bytes += block.capacity;
      return;
    } catch (const std::bad_alloc&) {
      // No room for the note that it is free: give it back instead.
    }
  }
  to_system(block.data, block.capacity);
}

size_t MemoryPool::trim() noexcept {
  std::lock_guard lock(mutex_);
  return trim_locked();
}

size_t MemoryPool::trim_locked() noexcept {
  for (auto& [capacity, blocks] : cached_) {
    for (void* data : blocks) to_system(data, capacity);
  }
  cached_.clear();
  return std::exchange(statistics_.cached_bytes, 0);
}

void* MemoryPool::from_system(size_t capacity) {
  const auto ask = [&]() -> void* {
    try {
      return allocator_.allocate(capacity);
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  };
  void* data = ask();
  if (data == nullptr && trim_locked() != 0) data = ask();
  if (data != nullptr) ++statistics_.system_allocations;
  return data;
}

void MemoryPool::to_system(void* data, size_t capacity) noexcept {
  allocator_.free(data, capacity);
}

void MemoryPool::out_of_memory(size_t bytes, const char* why) const {
  throw OutOfMemory(concat("Memory(", device_, "): no room for ", bytes, " bytes: ", why, "; ",
                           statistics_.live_bytes, " bytes are live and ", statistics_.cached_bytes,
                           " cached. Free arrays, or use a smaller batch."));
}

MemoryStatistics MemoryPool::statistics() const {
  std::lock_guard lock(mutex_);
  return statistics_;
}

void MemoryPool::reset_peak() {
  std::lock_guard lock(mutex_);
  statistics_.peak_bytes = statistics_.live_bytes;
  peak_capacity_ = live_capacity_;
}

void MemoryPool::fail_after(uint64_t n) {
  if (n == 0)
    throw Error("Memory(", device_, "): fail_after(0); expected 1 for the next allocation.");
  std::lock_guard lock(mutex_);
  until_failure_ = n;
}

void MemoryPool::fail_never() {
  std::lock_guard lock(mutex_);
  until_failure_ = 0;
}

MemoryPool& memory_pool(Device device) {
  if (device.kind == DeviceKind::gpu) {
    throw Error(device, ": this build of Treadle has no such device; use cpu().");
  }
  // Never destroyed: arrays in static objects give their memory back late.
  static MemoryPool& host = *new MemoryPool(cpu());
  return host;
}

}  // namespace treadle
