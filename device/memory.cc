#include "treadle/device/memory.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>
#include <new>

#include "treadle/core/error.h"
#include "treadle/device/driver.h"

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

MemoryPool::~MemoryPool() {
  for (const Pending& p : pending_) {
    for (const Event& event : p.after) event.wait();
  }
  trim();
}

Block MemoryPool::allocate(size_t bytes) { return allocate(bytes, nullptr); }

Block MemoryPool::allocate(size_t bytes, std::vector<Event>& after) {
  return allocate(bytes, &after);
}

Block MemoryPool::allocate(size_t bytes, std::vector<Event>* after) {
  std::unique_lock lock(mutex_);
  if (until_failure_ != 0 && --until_failure_ == 0) out_of_memory(bytes, "the failure is injected");
  if (bytes > most_bytes) out_of_memory(bytes, "no machine can address that much");
  Block block{nullptr, bytes, bytes == 0 ? 0 : size_class(bytes)};
  if (bytes != 0) {
    block.data = reuse(block.capacity, after);
    if (block.data == nullptr) block.data = from_system(block.capacity);
    while (block.data == nullptr && !pending_.empty()) {
      // What streams still use will be free: wait for the oldest, without the lock, since the work
      // that is waited for may free memory itself.
      const std::vector<Event> events = pending_.front().after;
      lock.unlock();
      for (const Event& event : events) event.wait();
      lock.lock();
      block.data = reuse(block.capacity, after);
      if (block.data == nullptr) block.data = from_system(block.capacity);
    }
    if (block.data == nullptr) out_of_memory(bytes, "the system has no more");
  }
  ++statistics_.allocations;
  statistics_.live_bytes += block.size;
  live_capacity_ += block.capacity;
  statistics_.peak_bytes = std::max(statistics_.peak_bytes, statistics_.live_bytes);
  peak_capacity_ = std::max(peak_capacity_, live_capacity_);
  return block;
}

// A block that is held, or null; one in use by streams only where the caller can wait for them.
void* MemoryPool::reuse(size_t capacity, std::vector<Event>* after) {
  if (!pending_.empty()) settle();
  const auto fitting = cached_.find(capacity);
  if (fitting != cached_.end() && !fitting->second.empty()) {
    void* data = fitting->second.back();
    fitting->second.pop_back();
    statistics_.cached_bytes -= capacity;
    return data;
  }
  if (after == nullptr) return nullptr;
  const auto oldest = std::find_if(pending_.begin(), pending_.end(),
                                   [&](const Pending& p) { return p.block.capacity == capacity; });
  if (oldest == pending_.end()) return nullptr;
  void* data = oldest->block.data;
  *after = std::move(oldest->after);
  pending_.erase(oldest);
  statistics_.cached_bytes -= capacity;
  return data;
}

void MemoryPool::free(Block block) noexcept { free(block, {}); }

void MemoryPool::free(Block block, std::vector<Event> after) noexcept {
  if (block.capacity == 0) return;
  std::unique_lock lock(mutex_);
  statistics_.live_bytes -= block.size;
  live_capacity_ -= block.capacity;
  std::erase_if(after, [](const Event& event) { return event.has_fired(); });
  if (after.empty()) return cache(block);
  try {
    pending_.push_back({block, after});
    statistics_.cached_bytes += block.capacity;
  } catch (const std::bad_alloc&) {
    lock.unlock();
    for (const Event& event : after) event.wait();
    lock.lock();
    cache(block);
  }
}

// Keeps a block that nobody uses, or gives it back.
void MemoryPool::cache(Block block) noexcept {
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

// Moves what streams have done with to the other free blocks.
void MemoryPool::settle() noexcept {
  const auto in_use = [](const Pending& p) {
    return std::any_of(p.after.begin(), p.after.end(),
                       [](const Event& event) { return !event.has_fired(); });
  };
  const auto free = std::stable_partition(pending_.begin(), pending_.end(), in_use);
  for (auto p = free; p != pending_.end(); ++p) {
    statistics_.cached_bytes -= p->block.capacity;
    cache(p->block);
  }
  pending_.erase(free, pending_.end());
}

size_t MemoryPool::trim() noexcept {
  std::lock_guard lock(mutex_);
  return trim_locked();
}

size_t MemoryPool::trim_locked() noexcept {
  settle();
  for (auto& [capacity, blocks] : cached_) {
    for (void* data : blocks) to_system(data, capacity);
  }
  cached_.clear();
  size_t in_use = 0;
  for (const Pending& p : pending_) in_use += p.block.capacity;
  return std::exchange(statistics_.cached_bytes, in_use) - in_use;
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

void Memory::give_back() noexcept {
  if (pool_->device().kind != DeviceKind::gpu || block_.capacity == 0) return pool_->free(block_);
  pool_->free(block_, everything_queued());
}

MemoryPool& memory_pool(Device device) {
  if (device.kind == DeviceKind::gpu) return driver(device).memory();
  // Never destroyed: arrays in static objects give their memory back late.
  static MemoryPool& host = *new MemoryPool(cpu());
  return host;
}

}  // namespace treadle
