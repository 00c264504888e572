// Array: shape, element type, device memory, and the engine variable that orders its use.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "treadle/core/device.h"
#include "treadle/core/dtype.h"
#include "treadle/core/shape.h"
#include "treadle/engine/access_check.h"
#include "treadle/engine/engine.h"

namespace treadle {

class TapeNode;  // executor/autograd.h

// What made the values of an array, where that was recorded for a gradient.
struct Origin {
  std::shared_ptr<TapeNode> node;
  int output = 0;
};

// Memory with the variable that guards it; shared by an array and its views.
struct Storage {
  std::atomic<void*> data = nullptr;  // null: taken when the address is first asked for
  size_t bytes = 0;
  Device device;
  Variable variable;
  std::shared_ptr<Engine> engine;
  std::shared_ptr<void> owner;  // frees the memory; may be shared by many storages (an arena)
};

// A row-major array on a device: a handle, copies share the memory. Operations are queued on the
// engine and return at once; reading on the host waits for exactly what it needs.
//
//   Array a = Array::full({2, 3}, 1.5f);
//   std::vector<float> values = a.to_vector<float>();  // waits
class Array {
 public:
  // No array; `is_valid()` is false, and everything else but assignment throws Error.
  Array() = default;
  Array(std::shared_ptr<Storage> storage, size_t byte_offset, Shape shape, DType type)
      : storage_(std::move(storage)), offset_(byte_offset), shape_(std::move(shape)), type_(type) {}

  // Uninitialised memory. Throws Error for a device that does not exist, OutOfMemory.
  static Array empty(const Shape& shape, DType type = DType::f32, Device device = cpu());
  // The same, for an array that a task is about to write: the host's memory is taken when the task
  // asks for its address, so that tasks in a row may use the same cached block. OutOfMemory comes
  // there.
  static Array delayed(const Shape& shape, DType type = DType::f32, Device device = cpu());
  static Array zeros(const Shape& shape, DType type = DType::f32, Device device = cpu());
  static Array full(const Shape& shape, double value, DType type = DType::f32,
                    Device device = cpu());
  // Copies `values`, in row-major order; their number must be that of the shape.
  template <class T>
  static Array from(std::span<const T> values, const Shape& shape, Device device = cpu()) {
    Array array = empty(shape, dtype_of<T>, device);
    array.copy_from_host(values.data(), values.size_bytes());
    return array;
  }
  template <class T>
  static Array from(const std::vector<T>& values, const Shape& shape, Device device = cpu()) {
    return from(std::span<const T>(values), shape, device);
  }

  bool is_valid() const { return storage_ != nullptr; }
  const Shape& shape() const { return shape_; }
  DType type() const { return type_; }
  Device device() const { return storage().device; }
  int64_t elements() const { return shape_.elements(); }
  size_t bytes() const { return size_t(elements()) * size_of(type_); }

  // The caller's memory in, when no queued task uses the array any more. `bytes` must be bytes().
  void copy_from_host(const void* data, size_t bytes);
  // Out to the caller's memory, when all queued writes have ended; rethrows their error.
  void copy_to_host(void* data, size_t bytes) const;
  // All elements. Throws Error when T is not the array's type.
  template <class T>
  std::vector<T> to_vector() const {
    require_type(dtype_of<T>);
    std::vector<T> values(static_cast<size_t>(elements()));
    copy_to_host(values.data(), bytes());
    return values;
  }

  // Queued: this array becomes a copy of `source`, converted if the types differ. Shapes must
  // agree.
  void copy_from(const Array& source);
  // Queued: every element becomes `value`.
  void fill(double value);
  // A new array with the same contents, on `device`.
  Array copy(Device device) const;
  Array copy() const { return copy(device()); }
  Array as_type(DType type) const;

  // Views on the same memory and variable. Slice takes [begin, end) of the first axis.
  Array reshape(const Shape& shape) const;
  Array slice(int64_t begin, int64_t end) const;

  // Kept for autograd by this handle and its copies; views and new arrays have none.
  const Origin& origin() const { return origin_; }
  void set_origin(Origin origin) { origin_ = std::move(origin); }

  // Returns when every queued write has ended; rethrows the error that reached the array.
  void wait() const;

  const Variable& variable() const { return storage().variable; }
  const std::shared_ptr<Engine>& engine() const { return storage().engine; }
  // The address of the first element. Only for tasks that declared the variable, or after wait();
  // on an accelerator only for work of its streams. The access check holds tasks to it, see
  // engine/access_check.h.
  void* data() const {
    check_access(storage().variable);
    return address();
  }
  // False for a view of a part: writing it leaves the rest of its variable's memory as it was.
  bool is_whole() const { return bytes() == storage().bytes; }
  bool shares_memory_with(const Array& other) const {
    return is_valid() && storage_ == other.storage_;
  }
  // Whether the first elements of both are one.
  bool begins_where(const Array& other) const {
    return shares_memory_with(other) && offset_ == other.offset_;
  }

 private:
  void* address() const {
    void* const first = storage().data.load(std::memory_order_acquire);
    return static_cast<char*>(first != nullptr ? first : take_memory()) + offset_;
  }
  void* take_memory() const;
  void require_type(DType type) const;
  void copy_across(const Array& source);
  const Storage& storage() const {
    if (!storage_) no_array();
    return *storage_;
  }
  [[noreturn]] static void no_array();

  std::shared_ptr<Storage> storage_;
  size_t offset_ = 0;
  Shape shape_;
  DType type_ = DType::f32;
  Origin origin_;
};

// Arrays by name: of an executor, a checkpoint, a parameter file.
using ArrayMap = std::map<std::string, Array, std::less<>>;

}  // namespace treadle
