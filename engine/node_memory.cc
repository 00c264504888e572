#include "treadle/engine/node_memory.h"

#include <array>
#include <cstdint>
#include <new>
#include <utility>

#include "treadle/device/fork.h"
#include "treadle/device/parking.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TREADLE_ADDRESS_SANITIZER 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define TREADLE_ADDRESS_SANITIZER 1
#endif

namespace treadle::detail {
namespace {

// A recycled node is live memory to AddressSanitizer; with none recycled it sees each use after
// free.
#ifdef TREADLE_ADDRESS_SANITIZER
constexpr bool recycle = false;
#else
constexpr bool recycle = true;
#endif

constexpr size_t unit = 64;
constexpr size_t classes = 16;  // up to 1 KiB; larger ones, tasks of over 30 variables, are rare
constexpr uint32_t batch_size = 64;
// The shared store keeps at most this much of each class: the rest of a burst goes back.
constexpr size_t most_kept_bytes = size_t(64) << 20;

struct FreeNode {
  FreeNode* next;        // in its batch
  FreeNode* next_batch;  // of the first node of a batch
};

void* from_system(size_t bytes) { return ::operator new(bytes, std::align_val_t(unit)); }
void to_system(void* node) noexcept { ::operator delete(node, std::align_val_t(unit)); }

struct Batch {
  FreeNode* first = nullptr;
  uint32_t count = 0;
};

// What threads exchange: nodes travel from those that end tasks to those that push, a batch at a
// time, so that the lock is taken once for many nodes.
class Store : ForkAware {
 public:
  static Store& instance() {
    static Store& store = *new Store;  // outlives every thread
    return store;
  }

  void put(size_t c, FreeNode* batch) noexcept {
    Level& level = levels_[c];
    level.lock.lock();
    const bool keep = (level.batches + 1) * batch_size * (c + 1) * unit <= most_kept_bytes;
    if (keep) {
      batch->next_batch = std::exchange(level.first, batch);
      ++level.batches;
    }
    level.lock.unlock();
    if (keep) return;
    while (batch != nullptr) to_system(std::exchange(batch, batch->next));
  }

  FreeNode* get(size_t c) noexcept {
    Level& level = levels_[c];
    level.lock.lock();
    FreeNode* batch = level.first;
    if (batch != nullptr) {
      level.first = batch->next_batch;
      --level.batches;
    }
    level.lock.unlock();
    return batch;
  }

 private:
  struct alignas(64) Level {
    SpinLock lock;
    FreeNode* first = nullptr;
    size_t batches = 0;
  };

  void before_fork() noexcept override {
    for (Level& level : levels_) level.lock.lock();
  }
  void unlock() noexcept {
    for (Level& level : levels_) level.lock.unlock();
  }
  void after_fork_parent() noexcept override { unlock(); }
  void after_fork_child() noexcept override { unlock(); }

  std::array<Level, classes> levels_;
};

// One thread's own nodes. Trivial, so that reaching it is one address computation; a separate
// object empties it when the thread ends.
struct Cache {
  std::array<Batch, classes> filling;  // given out from and freed to; at most a batch
  std::array<FreeNode*, classes> full; // a full batch in reserve, or null
  bool registered;
  bool closed;  // the thread is ending
};
thread_local constinit Cache cache{};

struct CacheCloser {
  ~CacheCloser() {
    for (size_t c = 0; c < classes; ++c) {
      // A partial batch is as good as a full one to whoever gets it.
      if (cache.filling[c].first != nullptr) Store::instance().put(c, cache.filling[c].first);
      if (cache.full[c] != nullptr) Store::instance().put(c, cache.full[c]);
      cache.filling[c] = {};
      cache.full[c] = nullptr;
    }
    cache.closed = true;
  }
};

void register_thread() {
  cache.registered = true;
  Store::instance();
  thread_local CacheCloser closer;
  (void)closer;
}

}  // namespace

void* allocate_node(size_t bytes) {
  const size_t c = (bytes - 1) / unit;
  if (!recycle || c >= classes) return from_system(bytes);
  Batch& filling = cache.filling[c];
  if (filling.first == nullptr) [[unlikely]] {
    if (!cache.registered) register_thread();
    FreeNode* batch = cache.full[c] != nullptr ? std::exchange(cache.full[c], nullptr)
                                               : Store::instance().get(c);
    if (batch == nullptr) {
      filling = {};
      return from_system((c + 1) * unit);
    }
    filling = {batch, batch_size};  // fewer in one that an ended thread left
  }
  FreeNode* node = filling.first;
  filling.first = node->next;
  if (filling.count > 0) --filling.count;
  return node;
}

void free_node(void* memory, size_t bytes) noexcept {
  const size_t c = (bytes - 1) / unit;
  if (!recycle || c >= classes || cache.closed) return to_system(memory);
  auto* node = ::new (memory) FreeNode{nullptr, nullptr};
  Batch& filling = cache.filling[c];
  if (filling.count >= batch_size) [[unlikely]] {
    if (cache.full[c] != nullptr) Store::instance().put(c, cache.full[c]);
    cache.full[c] = filling.first;
    filling = {};
  }
  if (!cache.registered) [[unlikely]] register_thread();
  node->next = filling.first;
  filling.first = node;
  ++filling.count;
}

}  // namespace treadle::detail
