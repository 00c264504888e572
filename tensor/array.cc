#include "treadle/tensor/array.h"

#include <cstring>

#include "treadle/core/error.h"
#include "treadle/device/memory.h"
#include "treadle/engine/interrupt.h"
#include "treadle/tensor/convert.h"
#include "treadle/tensor/device_array.h"

namespace treadle {
namespace {

bool is_on_host(Device device) { return device.kind != DeviceKind::gpu; }

}  // namespace

Array Array::empty(const Shape& shape, DType type, Device device) {
  Array made = delayed(shape, type, device);
  if (is_on_host(device)) made.take_memory();
  return made;
}

Array Array::delayed(const Shape& shape, DType type, Device device) {
  for (int64_t dim : shape) {
    if (dim < 0)
      throw Error("An array of shape ", shape, " cannot be made: extents are at least 0.");
  }
  const size_t bytes = array_bytes(shape.elements(), size_of(type));
  if (!is_on_host(device)) return Array(detail::device_storage(device, bytes), 0, shape, type);
  auto storage = std::make_shared<Storage>();
  storage->bytes = bytes;
  storage->device = device;
  storage->engine = Engine::get_default();
  storage->variable = storage->engine->variable();
  return Array(std::move(storage), 0, shape, type);
}

// Also where the task that was to write the array failed, or has not run yet: the first one who
// asks takes the memory, and what another one took meanwhile goes back.
void* Array::take_memory() const {
  if (storage_->bytes == 0) return nullptr;
  auto memory = std::make_shared<Memory>(storage_->device, storage_->bytes);
  void* taken = nullptr;
  if (!storage_->data.compare_exchange_strong(taken, memory->data(), std::memory_order_acq_rel)) {
    return taken;
  }
  taken = memory->data();
  storage_->owner = std::move(memory);
  return taken;
}

Array Array::zeros(const Shape& shape, DType type, Device device) {
  return full(shape, 0, type, device);
}

Array Array::full(const Shape& shape, double value, DType type, Device device) {
  Array array = empty(shape, type, device);
  if (!is_on_host(device)) {
    detail::queue_fill(array, value);
    return array;
  }
  // Nothing else knows the array yet, so it may be written here, also inside of another task.
  treadle::fill(array.address(), type, array.elements(), value);
  return array;
}

void Array::no_array() {
  throw Error(
      "An empty array handle is used; make an array with Array::empty or Array::zeros first.");
}

void Array::require_type(DType type) const {
  storage();
  if (type != type_)
    throw Error("The array holds ", type_, "; it is read as ", type, ". Convert it with as_type.");
}

void Array::copy_from_host(const void* data, size_t bytes) {
  storage();
  if (bytes != this->bytes()) {
    throw Error("An array of shape ", shape_, " and type ", type_, " has ", this->bytes(),
                " bytes; it is to be filled from ", bytes, " bytes.");
  }
  await_turn(*engine(), variable());
  const InterruptibleWaits to_the_end(nullptr);  // what is queued now reads the caller's memory
  if (!is_on_host(device())) return detail::copy_to_device(*this, data);
  // As a task, so that an earlier error on the array is cleared by writing it anew.
  const Variable writes[] = {variable()};
  engine()->push(
      [target = *this, data, bytes] {
        if (bytes > 0) std::memcpy(target.data(), data, bytes);
      },
      is_whole() ? std::span<const Variable>() : std::span<const Variable>(writes), writes,
      {.op = "copy"});
  wait();
}

void Array::copy_to_host(void* data, size_t bytes) const {
  storage();
  if (bytes != this->bytes()) {
    throw Error("An array of shape ", shape_, " and type ", type_, " has ", this->bytes(),
                " bytes; it is to be read into ", bytes, " bytes.");
  }
  if (!is_on_host(device())) {
    await_turn(*engine(), variable());
    const InterruptibleWaits to_the_end(nullptr);  // what is queued now writes the caller's memory
    return detail::copy_from_device(*this, data);
  }
  wait();
  if (bytes > 0) std::memcpy(data, address(), bytes);  // waited for: also a task may read it
}

void Array::copy_from(const Array& source) {
  storage();
  source.storage();
  if (!(source.shape_ == shape_)) {
    throw Error("An array of shape ", source.shape_, " cannot be copied to one of shape ", shape_,
                "; the shapes must be equal.");
  }
  if (begins_where(source) && type_ == source.type_ && device() == source.device()) return;
  if (!is_on_host(device()) || !is_on_host(source.device())) return copy_across(source);
  const Variable reads[] = {source.variable()};
  // A view overwrites a part of its storage: the rest keeps its meaning, so this is an update.
  const bool overwrites = is_whole() && !shares_memory_with(source);
  const Variable updates[] = {source.variable(), variable()};
  const Variable writes[] = {variable()};
  engine()->push(
      [target = *this, source] {
        if (target.type_ == source.type_) {
          std::memmove(target.data(), source.data(), target.bytes());
        } else {
          convert(source.data(), source.type_, target.data(), target.type_, target.elements());
        }
      },
      overwrites ? std::span<const Variable>(reads) : std::span<const Variable>(updates), writes,
      {.op = "copy"});
}

// Types are converted where the source is, so that no more is copied than the target holds.
void Array::copy_across(const Array& source) {
  if (type_ == source.type_) return detail::queue_copy(*this, source);
  if (device() == source.device()) return detail::queue_convert(*this, source);
  detail::queue_copy(*this, source.as_type(type_));
}

void Array::fill(double value) {
  if (!is_on_host(device())) return detail::queue_fill(*this, value);
  const Variable writes[] = {variable()};
  engine()->push([target = *this,
                  value] { treadle::fill(target.data(), target.type_, target.elements(), value); },
                 is_whole() ? std::span<const Variable>() : std::span<const Variable>(writes),
                 writes, {.op = "fill"});
}

Array Array::copy(Device device) const {
  Array made = empty(shape_, type_, device);
  made.copy_from(*this);
  return made;
}

Array Array::as_type(DType type) const {
  Array made = empty(shape_, type, device());
  made.copy_from(*this);
  return made;
}

Array Array::reshape(const Shape& shape) const {
  storage();
  if (shape.elements() != elements()) {
    throw Error("An array of shape ", shape_, " has ", elements(), " elements; shape ", shape,
                " needs ", shape.elements(), ".");
  }
  return Array(storage_, offset_, shape, type_);
}

Array Array::slice(int64_t begin, int64_t end) const {
  storage();
  if (shape_.empty() || begin < 0 || end < begin || end > shape_[0]) {
    throw Error("Rows [", begin, ", ", end, ") are asked of an array of shape ", shape_, ".");
  }
  Shape shape = shape_;
  shape[0] = end - begin;
  const size_t row_bytes = size_t(shape_.elements(1, shape_.ndim())) * size_of(type_);
  return Array(storage_, offset_ + size_t(begin) * row_bytes, shape, type_);
}

void Array::wait() const { engine()->wait(variable()); }

}  // namespace treadle
