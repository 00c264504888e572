// Handles of the C interface: numbers that a table resolves, so that a freed handle, one of another
// kind and a made-up one are told apart from a good one without touching memory that is gone.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "treadle/c_api.h"
#include "treadle/executor/executor.h"
#include "treadle/graph/symbol.h"
#include "treadle/tensor/array.h"

namespace treadle::c {

enum class HandleKind : uint8_t { none, array, symbol, executor, shape_inference };

// A handle has its slot's number in the low 24 bits, above them how often the slot had been used,
// 20 bits, and the kind, 3 bits: 47 together, which languages with tagged pointers can keep.
class HandleTable {
 public:
  // Lives until the process ends: programs free handles in their own last moments.
  static HandleTable& instance();

  HandleTable() = default;
  ~HandleTable();  // the objects are the callers'
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;

  uintptr_t add(HandleKind kind, void* object);
  // Null unless the handle is alive and of that kind. Takes no lock.
  void* find(uintptr_t handle, HandleKind kind) const noexcept;
  // The same, and the handle is dead from now on; of several callers one gets the object.
  void* remove(uintptr_t handle, HandleKind kind) noexcept;
  int64_t num_live() const;

  static HandleKind kind_of(uintptr_t handle) noexcept;
  // Whether such a handle was ever given, alive or not.
  bool was_given(uintptr_t handle) const noexcept;

 private:
  struct Slot {
    // The live handle; while the slot is free, the one that comes next, without its kind.
    std::atomic<uintptr_t> handle = 0;
    std::atomic<void*> object = nullptr;
  };
  static constexpr uint32_t chunk_size = 4096, num_chunks = 4096;
  static constexpr int index_bits = 24, use_bits = 20;

  Slot* slot(uintptr_t handle) const noexcept;

  std::array<std::atomic<Slot*>, num_chunks> chunks_ = {};
  mutable std::mutex mutex_;
  std::vector<uint32_t> free_;
  uint32_t num_slots_ = 0;
};

// What stands behind each type of handle.
template <class Handle>
struct Held;
template <>
struct Held<TreadleNDArray> {
  using Type = Array;
  static constexpr auto kind = HandleKind::array;
};
template <>
struct Held<TreadleSymbol> {
  using Type = Symbol;
  static constexpr auto kind = HandleKind::symbol;
};
template <>
struct Held<TreadleExecutor> {
  using Type = Executor;
  static constexpr auto kind = HandleKind::executor;
};

template <class Handle>
void free_handle(Handle* handle) noexcept {
  void* const object =
      HandleTable::instance().remove(reinterpret_cast<uintptr_t>(handle), Held<Handle>::kind);
  delete static_cast<typename Held<Handle>::Type*>(object);
}

template <class Handle>
Handle* make_handle(typename Held<Handle>::Type value) {
  auto object = std::make_unique<typename Held<Handle>::Type>(std::move(value));
  const uintptr_t made = HandleTable::instance().add(Held<Handle>::kind, object.get());
  object.release();
  return reinterpret_cast<Handle*>(made);
}

// Handles on the way to the caller: freed again unless all of them get there.
class NewArrays {
 public:
  NewArrays() = default;
  ~NewArrays() {
    for (TreadleNDArray* handle : handles_) free_handle(handle);
  }
  NewArrays(const NewArrays&) = delete;
  NewArrays& operator=(const NewArrays&) = delete;

  // NULL for an invalid array.
  void add(Array array) {
    handles_.push_back(nullptr);
    if (array.is_valid()) handles_.back() = make_handle<TreadleNDArray>(std::move(array));
  }
  std::span<TreadleNDArray* const> handles() const { return handles_; }
  std::vector<TreadleNDArray*> take() { return std::exchange(handles_, {}); }

 private:
  std::vector<TreadleNDArray*> handles_;
};

}  // namespace treadle::c
