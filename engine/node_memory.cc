#include "treadle/engine/node_memory.h"

#include <array>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>

#include "treadle/device/fork.h"
#include "treadle/device/parking.h"
#include "treadle/engine/prefetch.h"

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

constexpr size_t line = 64;

// Nodes of one class have one size. Small ones, which may be there by the million, are as large as
// what is asked for; the others are whole lines, so that few classes are in use.
constexpr size_t small = 256, unit = 8, largest = 1024;  // larger ones, of many variables, are rare
constexpr size_t classes = small / unit + (largest - small) / line;

constexpr size_t class_of(size_t bytes) {
  return bytes <= small ? (bytes - 1) / unit : small / unit + (bytes - small - 1) / line;
}
constexpr size_t size_of(size_t c) {
  return c < small / unit ? (c + 1) * unit : small + (c + 1 - small / unit) * line;
}
static_assert(class_of(small) + 1 == class_of(small + 1) && class_of(largest) == classes - 1);
static_assert(size_of(class_of(40)) == 40 && size_of(class_of(257)) == 320);
// The shared store keeps at most this much of each class: the rest of a burst goes back.
constexpr size_t most_kept_bytes = size_t(64) << 20;

void* from_system(size_t bytes) { return ::operator new(bytes, std::align_val_t(line)); }
void to_system(void* node) noexcept { ::operator delete(node, std::align_val_t(line)); }

// Free nodes, as a list of addresses and not linked through the nodes: these lie in the cache of
// the processor that ended the task, if in any, and taking one must not wait for it.
struct Magazine {
  static constexpr uint32_t capacity = 62;
  uint32_t count = 0;
  Magazine* next = nullptr;
  void* nodes[capacity];
};

// Nodes of one class side by side: the system's allocator would add a header and padding to each.
// Pages that no node has been cut from take no memory.
struct Slab {
  static constexpr size_t bytes = size_t(256) << 10;

  static Slab* of(void* node) {
    return reinterpret_cast<Slab*>(reinterpret_cast<uintptr_t>(node) & ~(bytes - 1));
  }
  size_t live = 0;     // nodes cut and not given back; one more while nodes are cut from it
  size_t used = line;  // bytes, with this header
};
static_assert(sizeof(Slab) <= line);

// What threads exchange: nodes travel from those that end tasks to those that push, a magazine at a
// time, so that the lock is taken once for many nodes.
class Store : ForkAware {
 public:
  static Store& instance() {
    static Store& store = *new Store;  // outlives every thread
    return store;
  }

  // Takes the nodes in `magazine` and gives an empty one for it, or null when memory is out.
  Magazine* exchange_for_empty(size_t c, Magazine* magazine) noexcept {
    Level& level = levels_[c];
    level.lock.lock();
    if ((level.full_count + 1) * Magazine::capacity * size_of(c) > most_kept_bytes) {
      while (magazine->count > 0) give_back(magazine->nodes[--magazine->count]);
      level.lock.unlock();
      return magazine;
    }
    magazine->next = std::exchange(level.full, magazine);
    ++level.full_count;
    Magazine* empty = pop(level.empty);
    level.lock.unlock();
    return empty != nullptr ? empty : new (std::nothrow) Magazine;
  }

  // A magazine with nodes for an empty one; null when there is none.
  Magazine* exchange_for_full(size_t c, Magazine* empty) noexcept {
    Level& level = levels_[c];
    level.lock.lock();
    Magazine* full = pop(level.full);
    if (full != nullptr) {
      --level.full_count;
      if (empty != nullptr) empty->next = std::exchange(level.empty, empty);
    }
    level.lock.unlock();
    return full;
  }

  // Cuts up to `count` new nodes, at least one; throws std::bad_alloc.
  uint32_t cut(size_t c, void** nodes, uint32_t count) {
    Level& level = levels_[c];
    const std::lock_guard guard(level.lock);
    const size_t size = size_of(c);
    if (level.slab == nullptr) {
      level.slab = ::new (::operator new(Slab::bytes, std::align_val_t(Slab::bytes))) Slab;
      level.slab->live = 1;
      // At a multiple of their size, so that nodes of a power of two lie at multiples of that.
      level.slab->used = (line + size - 1) / size * size;
    }
    Slab& slab = *level.slab;
    uint32_t made = 0;
    for (; made < count && slab.used + size <= Slab::bytes; ++made, slab.used += size) {
      nodes[made] = reinterpret_cast<char*>(&slab) + slab.used;
    }
    slab.live += made;
    if (slab.used + size > Slab::bytes) {
      level.slab = nullptr;
      --slab.live;  // not the last: a node has just been cut
    }
    return made;
  }

  // Takes a node that is not to be used again.
  void discard(size_t c, void* node) noexcept {
    const std::lock_guard guard(levels_[c].lock);
    give_back(node);
  }

 private:
  struct alignas(64) Level {
    SpinLock lock;
    Magazine* full = nullptr;
    Magazine* empty = nullptr;
    size_t full_count = 0;
    Slab* slab = nullptr;  // new nodes are cut from it
  };

  static Magazine* pop(Magazine*& list) noexcept {
    Magazine* first = list;
    if (first != nullptr) list = std::exchange(first->next, nullptr);
    return first;
  }

  // Under the lock of its level.
  static void give_back(void* node) noexcept {
    Slab* slab = Slab::of(node);
    if (--slab->live == 0) ::operator delete(slab, std::align_val_t(Slab::bytes));
  }

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
  std::array<Magazine*, classes> current;  // given out from and freed to; null before first use
  std::array<Magazine*, classes> reserve;  // full or null, so that no pattern of use goes to the
                                           // store for every node
  bool registered;
  bool closed;  // the thread is ending
};
thread_local constinit Cache cache{};

struct CacheCloser {
  ~CacheCloser() {
    cache.closed = true;
    for (size_t c = 0; c < classes; ++c) {
      for (Magazine* m : {cache.current[c], cache.reserve[c]}) {
        if (m == nullptr) continue;
        if (m->count > 0) m = Store::instance().exchange_for_empty(c, m);
        delete m;
      }
      cache.current[c] = cache.reserve[c] = nullptr;
    }
  }
};

void register_thread() {
  if (cache.registered) return;
  cache.registered = true;
  Store::instance();
  thread_local CacheCloser closer;
  (void)closer;
}

// Sees to it that the current magazine has a node; false when the thread is ending or has no memory
// for a magazine, and a node must be had by itself. Throws std::bad_alloc.
bool refill(size_t c) {
  if (cache.closed) return false;
  register_thread();
  Magazine*& current = cache.current[c];
  Magazine*& reserve = cache.reserve[c];
  if (reserve != nullptr) {
    std::swap(current, reserve);
    // The empty one is for the store, unless there is nothing to have for it.
    Magazine* full = Store::instance().exchange_for_full(c, reserve);
    if (full == nullptr) delete reserve;
    reserve = full;
    return true;
  }
  if (Magazine* full = Store::instance().exchange_for_full(c, current); full != nullptr) {
    current = full;
    return true;
  }
  if (current == nullptr) current = new (std::nothrow) Magazine;
  if (current == nullptr) return false;
  // Not a whole magazine: a thread may need only a few nodes of a class.
  current->count = Store::instance().cut(c, current->nodes, Magazine::capacity / 4);
  return true;
}

// Sees to it that the current magazine has room; false when memory is out or the thread is ending.
bool make_room(size_t c) noexcept {
  if (cache.closed) return false;
  register_thread();
  if (cache.current[c] != nullptr) {
    if (cache.reserve[c] == nullptr) {
      cache.reserve[c] = std::exchange(cache.current[c], nullptr);
    } else {
      cache.current[c] = Store::instance().exchange_for_empty(c, cache.current[c]);
    }
  }
  if (cache.current[c] == nullptr) cache.current[c] = new (std::nothrow) Magazine;
  return cache.current[c] != nullptr;
}

}  // namespace

void* allocate_node(size_t bytes) {
  if (!recycle || bytes > largest) return from_system(bytes);
  const size_t c = class_of(bytes);
  Magazine* m = cache.current[c];
  if (m == nullptr || m->count == 0) [[unlikely]] {
    if (!refill(c)) {
      void* node = nullptr;
      Store::instance().cut(c, &node, 1);
      return node;
    }
    m = cache.current[c];
  }
  void* node = m->nodes[--m->count];
  // Fetch the next one, which another processor may have, while this one is being filled in.
  if (m->count > 0) prefetch_to_write(m->nodes[m->count - 1]);
  return node;
}

void free_node(void* memory, size_t bytes) noexcept {
  if (!recycle || bytes > largest) return to_system(memory);
  const size_t c = class_of(bytes);
  Magazine* m = cache.current[c];
  if (m == nullptr || m->count == Magazine::capacity) [[unlikely]] {
    if (!make_room(c)) return Store::instance().discard(c, memory);
    m = cache.current[c];
  }
  m->nodes[m->count++] = memory;
}

}  // namespace treadle::detail
