// Memory of a device: pooled, 64-byte aligned, counted, and made to fail on purpose by tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "treadle/core/device.h"
#include "treadle/device/fork.h"
#include "treadle/device/stream.h"

namespace treadle {

// Every block starts at a multiple of this many bytes.
inline constexpr size_t memory_alignment = 64;

// A piece of device memory; owned by whoever must give it back to its pool.
struct Block {
  void* data = nullptr;  // null when size is 0
  size_t size = 0;       // bytes asked for
  size_t capacity = 0;   // bytes held: the size class
};

struct MemoryStatistics {
  size_t live_bytes = 0;            // asked for and not given back
  size_t peak_bytes = 0;            // the most that live_bytes was since the start or reset_peak
  size_t cached_bytes = 0;          // held for reuse, with what is freed but in use by a stream
  uint64_t allocations = 0;         // blocks handed out so far, empty ones included
  uint64_t system_allocations = 0;  // of those, how many the allocator was asked for
};

// Where a pool gets its memory: the system, or what an embedding program or a test supplies.
struct Allocator {
  // `bytes` at a multiple of memory_alignment; null or an exception when there is none.
  std::function<void*(size_t bytes)> allocate;
  std::function<void(void* data, size_t bytes)> free;
};

// Bytes of `elements` values of `element_size` each; Error when negative or beyond the address
// space.
size_t array_bytes(int64_t elements, size_t element_size);

// Blocks of one device, kept by size class for reuse. Thread-safe.
class MemoryPool : ForkAware {
 public:
  explicit MemoryPool(Device device, Allocator allocator = {});
  ~MemoryPool() override;

  // A block of at least `bytes`; OutOfMemory, saying how much was live, when there is none.
  Block allocate(size_t bytes);
  // The same in stream order: streams may still use the block, and then its first use must come
  // after the events given in `after`.
  Block allocate(size_t bytes, std::vector<Event>& after);
  // Takes back a block of this pool; it may be handed out again at once.
  void free(Block block) noexcept;
  // The same in stream order: the block is in use until `after` have fired.
  void free(Block block, std::vector<Event> after) noexcept;

  // Gives cached blocks back to the allocator; returns the bytes given back.
  size_t trim() noexcept;
  MemoryStatistics statistics() const;
  void reset_peak();
  Device device() const { return device_; }

  // For tests: the n-th allocation from now fails (1: the next), once; 0 is an Error.
  void fail_after(uint64_t n);
  void fail_never();

 private:
  struct Pending {
    Block block;
    std::vector<Event> after;
  };

  Block allocate(size_t bytes, std::vector<Event>* after);
  void* reuse(size_t capacity, std::vector<Event>* after);
  void cache(Block block) noexcept;
  void settle() noexcept;
  size_t trim_locked() noexcept;
  void* from_system(size_t capacity);
  void to_system(void* data, size_t capacity) noexcept;
  [[noreturn]] void out_of_memory(size_t bytes, const char* why) const;

  // The child of a fork finds the mutex free and the lists whole.
  void before_fork() noexcept override { mutex_.lock(); }
  void after_fork_parent() noexcept override { mutex_.unlock(); }
  void after_fork_child() noexcept override { mutex_.unlock(); }

  const Device device_;
  const Allocator allocator_;
  mutable std::mutex mutex_;
  std::map<size_t, std::vector<void*>> cached_;  // capacity -> free blocks
  std::vector<Pending> pending_;                 // freed, the oldest first, in use by streams
  MemoryStatistics statistics_;
  size_t live_capacity_ = 0;
  size_t peak_capacity_ = 0;
  uint64_t until_failure_ = 0;  // 0: none planned
};

// The process's pool of `device`; cpu, cpu_pinned and cpu_shared of every id share one. Error when
// there is no such device.
MemoryPool& memory_pool(Device device);

// Owns a block and gives it back to its pool; movable, empty when default-made. On an accelerator
// it may go when the work that uses it has been queued.
class Memory {
 public:
  Memory() = default;
  // `bytes` of the process's pool of `device`; Error, OutOfMemory as there.
  Memory(Device device, size_t bytes)
      : pool_(&memory_pool(device)), block_(pool_->allocate(bytes)) {}
  Memory(MemoryPool& pool, size_t bytes) : pool_(&pool), block_(pool.allocate(bytes)) {}
  Memory(Memory&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)), block_(std::exchange(other.block_, {})) {}
  Memory& operator=(Memory&& other) noexcept {
    Memory(std::move(other)).swap(*this);
    return *this;
  }
  ~Memory() {
    if (pool_ != nullptr) give_back();
  }

  void* data() const { return block_.data; }
  size_t size() const { return block_.size; }
  void swap(Memory& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(block_, other.block_);
  }

 private:
  void give_back() noexcept;

  MemoryPool* pool_ = nullptr;
  Block block_;
};

}  // namespace treadle
