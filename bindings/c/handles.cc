#include "treadle/bindings/c/handles.h"

#include "treadle/core/error.h"

namespace treadle::c {

static_assert(sizeof(uintptr_t) == 8, "handles are numbers of 47 bits in a pointer");

HandleTable& HandleTable::instance() {
  static HandleTable* const table = new HandleTable();
  return *table;
}

HandleTable::~HandleTable() {
  for (uint32_t i = 0; i < num_slots_; i += chunk_size) delete[] chunks_[i / chunk_size].load();
}

HandleKind HandleTable::kind_of(uintptr_t handle) noexcept {
  const uintptr_t kind = handle >> (index_bits + use_bits);
  return kind > uintptr_t(HandleKind::shape_inference) ? HandleKind::none : HandleKind(kind);
}

HandleTable::Slot* HandleTable::slot(uintptr_t handle) const noexcept {
  const uintptr_t index = handle & ((uintptr_t(1) << index_bits) - 1);
  // Pairs with the store in add(): whoever has a handle sees the chunk that holds its slot.
  Slot* const chunk = chunks_[index / chunk_size].load(std::memory_order_acquire);
  return chunk == nullptr ? nullptr : chunk + index % chunk_size;
}

uintptr_t HandleTable::add(HandleKind kind, void* object) {
  uint32_t index = 0;
  {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
      if (num_slots_ == chunk_size * num_chunks) {
        throw OutOfMemory("There are 16,777,216 handles that nobody has freed; free some first.");
      }
      // Room for all that may be freed, so that remove() need not allocate.
      free_.reserve(num_slots_ + chunk_size);
      auto chunk = std::make_unique<Slot[]>(chunk_size);
      for (uint32_t i = chunk_size; i-- > 0;) {
        chunk[i].handle.store(num_slots_ + i, std::memory_order_relaxed);
        free_.push_back(num_slots_ + i);
      }
      chunks_[num_slots_ / chunk_size].store(chunk.release(), std::memory_order_release);
      num_slots_ += chunk_size;
    }
    index = free_.back();
    free_.pop_back();
  }
  Slot& taken = *slot(index);
  taken.object.store(object, std::memory_order_relaxed);
  const uintptr_t handle =
      taken.handle.load(std::memory_order_relaxed) | (uintptr_t(kind) << (index_bits + use_bits));
  taken.handle.store(handle, std::memory_order_release);
  return handle;
}

void* HandleTable::find(uintptr_t handle, HandleKind kind) const noexcept {
  if (kind_of(handle) != kind) return nullptr;
  const Slot* const found = slot(handle);
  if (found == nullptr || found->handle.load(std::memory_order_acquire) != handle) return nullptr;
  return found->object.load(std::memory_order_relaxed);
}

void* HandleTable::remove(uintptr_t handle, HandleKind kind) noexcept {
  void* const object = find(handle, kind);
  if (object == nullptr) return nullptr;
  constexpr uintptr_t all_uses = (uintptr_t(1) << (index_bits + use_bits)) - 1;
  const uintptr_t next = (handle + (uintptr_t(1) << index_bits)) & all_uses;
  uintptr_t expected = handle;
  if (!slot(handle)->handle.compare_exchange_strong(expected, next, std::memory_order_acq_rel)) {
    return nullptr;
  }
  const std::lock_guard lock(mutex_);
  free_.push_back(uint32_t(handle & ((uintptr_t(1) << index_bits) - 1)));
  return object;
}

bool HandleTable::was_given(uintptr_t handle) const noexcept {
  const Slot* const found = slot(handle);
  if (kind_of(handle) == HandleKind::none || found == nullptr) return false;
  const auto uses = [](uintptr_t each) {
    return (each >> index_bits) & ((uintptr_t(1) << use_bits) - 1);
  };
  return uses(handle) < uses(found->handle.load(std::memory_order_relaxed));
}

int64_t HandleTable::num_live() const {
  const std::lock_guard lock(mutex_);
  return int64_t(num_slots_) - int64_t(free_.size());
}

}  // namespace treadle::c
