#include "treadle/bindings/c/call.h"

namespace treadle::c {
namespace {

std::string_view noun(HandleKind kind) {
  switch (kind) {
    case HandleKind::array: return "an array";
    case HandleKind::symbol: return "a symbol";
    case HandleKind::executor: return "an executor";
    case HandleKind::shape_inference: return "the shapes of a custom operator";
    case HandleKind::none: break;
  }
  return "no handle";
}

}  // namespace

TreadleStatus keep_error() noexcept {
  ThreadState& state = thread_state();
  try {
    throw;
  } catch (const OutOfMemory& error) {
    state.set_error(error.what());
    return TREADLE_OUT_OF_MEMORY;
  } catch (const Cancelled& error) {
    state.set_error(error.what());
    return TREADLE_CANCELLED;
  } catch (const Error& error) {
    state.set_error(error.what());
    return TREADLE_ERROR;
  } catch (const std::bad_alloc&) {
    state.set_error("The host has no memory left; free arrays, or use a smaller batch.");
    return TREADLE_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    state.set_error(error.what());
  } catch (...) {
    state.set_error("Something was thrown that is no std::exception. Please report it.");
  }
  return TREADLE_INTERNAL_ERROR;
}

void Call::check_size(const void* options, size_t given, size_t known) const {
  if (given < sizeof(size_t)) {
    fail("struct_size of the options is ", given, "; set it to sizeof the struct.");
  }
  const auto* const bytes = static_cast<const char*>(options);
  for (size_t i = known; i < given; ++i) {
    if (bytes[i] == 0) continue;
    fail("an option is set that this version of the library does not know (byte ", i,
         " of the options; it knows ", known, "). Use a newer library.");
  }
}

void Call::refuse_handle(uintptr_t handle, HandleKind expected, const char* name) const {
  if (handle == 0) fail(name, " is NULL; ", noun(expected), " is expected.");
  const HandleTable& table = HandleTable::instance();
  const HandleKind kind = HandleTable::kind_of(handle);
  if (table.was_given(handle)) fail(name, " was freed before; ", noun(expected), " is expected.");
  if (kind != HandleKind::none && table.find(handle, kind) != nullptr) {
    fail(name, " is ", noun(kind), "; ", noun(expected), " is expected.");
  }
  fail(name, " is no handle that this library has given; ", noun(expected), " is expected.");
}

std::vector<Array> Call::arrays_with_gaps(TreadleNDArray* const* handles, size_t count,
                                          const char* name) const {
  std::vector<Array> made;
  for (TreadleNDArray* handle : list(handles, count, name)) {
    made.push_back(handle == nullptr ? Array() : held(handle, name));
  }
  return made;
}

Shape Call::shape(const int64_t* dims, int32_t ndim, const char* name) const {
  if (ndim < 0) fail(name, " has ", ndim, " extents; 0 or more are expected.");
  const std::span<const int64_t> extents = list(dims, size_t(ndim), name);
  for (size_t i = 0; i < extents.size(); ++i) {
    if (extents[i] < 0)
      fail(name, " has the extent ", extents[i], " at axis ", i, "; extents are at least 0.");
  }
  return Shape(extents);
}

DType Call::type(TreadleDType type) const {
  if (!is_type_flag(type)) fail("there is no element type ", type, "; see TreadleDType.");
  return DType(type);
}

Device Call::device(TreadleDevice device) const {
  const bool is_kind = device.kind == TREADLE_CPU || device.kind == TREADLE_GPU ||
                       device.kind == TREADLE_CPU_PINNED || device.kind == TREADLE_CPU_SHARED;
  if (!is_kind || device.id < 0) {
    fail("there is no device of kind ", device.kind, " and number ", device.id,
         "; treadle_cpu(0) is one.");
  }
  return {DeviceKind(device.kind), device.id};
}

Request Call::request(TreadleRequest request, Request preset) const {
  switch (request) {
    case TREADLE_REQUEST_DEFAULT: return preset;
    case TREADLE_REQUEST_NULL: return Request::null;
    case TREADLE_REQUEST_WRITE: return Request::write;
    case TREADLE_REQUEST_ADD: return Request::add;
    default: fail("there is no request ", request, "; see TreadleRequest.");
  }
}

ParamText Call::pairs(const TreadlePair* pairs, size_t count, const char* name) const {
  ParamText made;
  for (const TreadlePair& pair : list(pairs, count, name)) {
    const std::string key = text(pair.key, "a key");
    if (pair.value == nullptr) fail("the value of '", key, "' is NULL; text is expected.");
    if (!made.emplace(key, pair.value).second) fail(name, " has '", key, "' twice.");
  }
  return made;
}

ArrayMap Call::array_map(const TreadleNamedArray* arrays, size_t count, const char* name) const {
  return named<ArrayMap>(arrays, count, name, [&](const TreadleNamedArray& each) {
    return held(each.array, each.name);
  });
}

TreadleRequest to_c(Request request) {
  return request == Request::null    ? TREADLE_REQUEST_NULL
         : request == Request::write ? TREADLE_REQUEST_WRITE
                                     : TREADLE_REQUEST_ADD;
}

}  // namespace treadle::c
