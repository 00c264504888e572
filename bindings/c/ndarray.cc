#include "treadle/tensor/array.h"

#include "treadle/bindings/c/call.h"
#include "treadle/bindings/imperative.h"
#include "treadle/engine/interrupt.h"
#include "treadle/serialization/array_file.h"

using namespace treadle;
using namespace treadle::c;

namespace {

// Makes an array from others and gives a handle on it.
template <class Make>
TreadleStatus give_array(const char* function, TreadleNDArray** out, const Make& make) {
  return guard(function, [&](const Call& call) {
    call.require(out, "the place for the new handle");
    *out = make_handle<TreadleNDArray>(make(call));
  });
}

// The address of an array's memory, once nothing queued uses it: asked for by a task that declares
// the array, so that an earlier error arrives and the access check is content inside of callbacks.
void* host_address(const Array& array) {
  void* address = nullptr;
  await_turn(*array.engine(), array.variable());
  const InterruptibleWaits to_the_end(nullptr);  // the task writes `address`
  const Variable updated[] = {array.variable()};
  array.engine()->push([&] { address = array.data(); }, updated, updated, {.op = "data"});
  array.engine()->wait_to_write(array.variable());
  return address;
}

}  // namespace

TreadleStatus treadle_ndarray_empty(const int64_t* dims, int32_t ndim, TreadleDType type,
                                    TreadleDevice device, TreadleNDArray** array) {
  return give_array(__func__, array, [&](const Call& call) {
    return Array::empty(call.shape(dims, ndim, "dims"), call.type(type), call.device(device));
  });
}

TreadleStatus treadle_ndarray_full(const int64_t* dims, int32_t ndim, double value,
                                   TreadleDType type, TreadleDevice device,
                                   TreadleNDArray** array) {
  return give_array(__func__, array, [&](const Call& call) {
    return Array::full(call.shape(dims, ndim, "dims"), value, call.type(type), call.device(device));
  });
}

void treadle_ndarray_free(TreadleNDArray* array) { free_handle(array); }

TreadleStatus treadle_ndarray_clone(TreadleNDArray* array, TreadleNDArray** clone) {
  return give_array(__func__, clone, [&](const Call& call) { return call.held(array, "array"); });
}

TreadleStatus treadle_ndarray_shape(TreadleNDArray* array, TreadleShape* shape) {
  return guard(__func__, [&](const Call& call) {
    call.require(shape, "shape");
    *shape = thread_state().results.shapes({call.held(array, "array").shape()})[0];
  });
}

TreadleStatus treadle_ndarray_type(TreadleNDArray* array, TreadleDType* type) {
  return guard(__func__, [&](const Call& call) {
    call.require(type, "type") = TreadleDType(call.held(array, "array").type());
  });
}

TreadleStatus treadle_ndarray_device(TreadleNDArray* array, TreadleDevice* device) {
  return guard(__func__, [&](const Call& call) {
    call.require(device, "device") = to_c(call.held(array, "array").device());
  });
}

TreadleStatus treadle_ndarray_size(TreadleNDArray* array, int64_t* elements) {
  return guard(__func__, [&](const Call& call) {
    call.require(elements, "elements") = call.held(array, "array").elements();
  });
}

TreadleStatus treadle_ndarray_bytes(TreadleNDArray* array, size_t* bytes) {
  return guard(__func__, [&](const Call& call) {
    call.require(bytes, "bytes") = call.held(array, "array").bytes();
  });
}

TreadleStatus treadle_ndarray_copy_from_host(TreadleNDArray* array, const void* data,
                                             size_t bytes) {
  return guard(__func__, [&](const Call& call) {
    Array& target = call.held(array, "array");
    if (bytes > 0) call.require(static_cast<const char*>(data), "data");
    target.copy_from_host(data, bytes);
  });
}

TreadleStatus treadle_ndarray_copy_to_host(TreadleNDArray* array, void* data, size_t bytes) {
  return guard(__func__, [&](const Call& call) {
    const Array& source = call.held(array, "array");
    if (bytes > 0) call.require(static_cast<char*>(data), "data");
    source.copy_to_host(data, bytes);
  });
}

TreadleStatus treadle_ndarray_data(TreadleNDArray* array, void** data) {
  return guard(__func__, [&](const Call& call) {
    call.require(data, "data");
    const Array& asked = call.held(array, "array");
    if (asked.device().kind == DeviceKind::gpu) {
      call.fail("the array is on ", asked.device(),
                ", whose memory the host cannot read; copy it to treadle_cpu(0) first.");
    }
    *data = host_address(asked);
  });
}

TreadleStatus treadle_ndarray_wait(TreadleNDArray* array) {
  return guard(__func__, [&](const Call& call) { call.held(array, "array").wait(); });
}

TreadleStatus treadle_ndarray_fill(TreadleNDArray* array, double value) {
  return guard(__func__, [&](const Call& call) { call.held(array, "array").fill(value); });
}

TreadleStatus treadle_ndarray_copy_from(TreadleNDArray* array, TreadleNDArray* source) {
  return guard(__func__, [&](const Call& call) {
    call.held(array, "array").copy_from(call.held(source, "source"));
  });
}

TreadleStatus treadle_ndarray_copy(TreadleNDArray* array, TreadleDevice device,
                                   TreadleNDArray** copy) {
  return give_array(__func__, copy, [&](const Call& call) {
    return copy_recorded(call.held(array, "array"), call.device(device));
  });
}

TreadleStatus treadle_ndarray_as_type(TreadleNDArray* array, TreadleDType type,
                                      TreadleNDArray** converted) {
  return give_array(__func__, converted, [&](const Call& call) {
    return as_type_recorded(call.held(array, "array"), call.type(type));
  });
}

TreadleStatus treadle_ndarray_reshape(TreadleNDArray* array, const int64_t* dims, int32_t ndim,
                                      TreadleNDArray** view) {
  return give_array(__func__, view, [&](const Call& call) {
    return reshape_recorded(call.held(array, "array"), call.shape(dims, ndim, "dims"));
  });
}

TreadleStatus treadle_ndarray_slice(TreadleNDArray* array, int64_t begin, int64_t end,
                                    TreadleNDArray** view) {
  return give_array(__func__, view, [&](const Call& call) {
    return slice_recorded(call.held(array, "array"), begin, end);
  });
}

TreadleStatus treadle_ndarray_save(const char* path, const TreadleNamedArray* arrays,
                                   size_t count) {
  return guard(__func__, [&](const Call& call) {
    std::vector<Array> saved;
    std::vector<std::string> names;
    for (const TreadleNamedArray& each : call.list(arrays, count, "arrays")) {
      saved.push_back(call.held(each.array, "an array"));
      if (each.name != nullptr) names.emplace_back(each.name);
    }
    if (!names.empty() && names.size() != saved.size()) {
      call.fail(names.size(), " of ", saved.size(), " arrays have a name; all or none may.");
    }
    save_arrays(call.text(path, "path"), saved, names);
  });
}

TreadleStatus treadle_ndarray_load(const char* path, const TreadleNamedArray** arrays,
                                   size_t* count) {
  return guard(__func__, [&](const Call& call) {
    call.require(arrays, "arrays"), call.require(count, "count");
    ArrayFile file = load_arrays(call.text(path, "path"));
    NewArrays made;
    for (const Array& array : file.arrays) made.add(array);
    give(thread_state().results.named_arrays(made.take(), std::move(file.names)), arrays, count);
  });
}
