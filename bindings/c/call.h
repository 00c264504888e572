// What every function of the C interface is made of: a guard that turns exceptions into statuses,
// and the checks of what the caller passes.
#pragma once

#include <cxxabi.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/bindings/c/handles.h"
#include "treadle/bindings/c/thread_state.h"
#include "treadle/core/error.h"
#include "treadle/core/reflect.h"
#include "treadle/operators/kernel.h"

namespace treadle::c {

// One call by name: reads arguments, and refuses them in sentences that begin with the function.
class Call {
 public:
  explicit Call(const char* function) : function_(function) {}

  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw Error(function_, ": ", parts...);
  }

  // A pointer to write to or a struct to read.
  template <class T>
  T& require(T* pointer, const char* name) const {
    if (pointer == nullptr) fail(name, " is NULL.");
    return *pointer;
  }
  std::string text(const char* text, const char* name) const { return &require(text, name); }
  template <class T>
  std::span<T> list(T* items, size_t count, const char* name) const {
    if (items == nullptr && count > 0) fail(name, " is NULL, but ", count, " are announced.");
    return {items, count};
  }
  // Options as far as the caller knows them; the rest is zero, for the default.
  template <class Options>
  Options options(const Options* given) const {
    Options read = {};
    if (given == nullptr) return read;
    check_size(given, given->struct_size, sizeof(Options));
    std::memcpy(&read, given, std::min(given->struct_size, sizeof(Options)));
    return read;
  }

  template <class Handle>
  typename Held<Handle>::Type& held(Handle* handle, const char* name) const {
    void* const found =
        HandleTable::instance().find(reinterpret_cast<uintptr_t>(handle), Held<Handle>::kind);
    if (found == nullptr) [[unlikely]] {
      refuse_handle(reinterpret_cast<uintptr_t>(handle), Held<Handle>::kind, name);
    }
    return *static_cast<typename Held<Handle>::Type*>(found);
  }
  template <class Handle>
  std::vector<typename Held<Handle>::Type> held_list(Handle* const* handles, size_t count,
                                                     const char* name) const {
    std::vector<typename Held<Handle>::Type> made;
    made.reserve(count);
    for (Handle* handle : list(handles, count, name)) made.push_back(held(handle, name));
    return made;
  }
  // The same, but NULL is an invalid array.
  std::vector<Array> arrays_with_gaps(TreadleNDArray* const* handles, size_t count,
                                      const char* name) const;

  Shape shape(const int64_t* dims, int32_t ndim, const char* name) const;
  DType type(TreadleDType type) const;
  Device device(TreadleDevice device) const;
  // `preset` where the default is asked for.
  Request request(TreadleRequest request, Request preset) const;
  ParamText pairs(const TreadlePair* pairs, size_t count, const char* name) const;
  ArrayMap array_map(const TreadleNamedArray* arrays, size_t count, const char* name) const;

  // A map by name from structs that have one; a name given twice is refused.
  template <class Map, class Item, class Read>
  Map named(const Item* items, size_t count, const char* name, const Read& read) const {
    Map made;
    for (const Item& item : list(items, count, name)) {
      const std::string key = text(item.name, "a name");
      if (!made.emplace(key, read(item)).second) fail(name, " has '", key, "' twice.");
    }
    return made;
  }

 private:
  void check_size(const void* options, size_t given, size_t known) const;
  [[noreturn]] void refuse_handle(uintptr_t handle, HandleKind expected, const char* name) const;

  const char* function_;
};

inline TreadleDevice to_c(Device device) { return {int32_t(device.kind), device.id}; }
TreadleRequest to_c(Request request);

// Keeps the exception in flight as the thread's last error and gives its status.
TreadleStatus keep_error() noexcept;

// Runs `body(call)`. Every function of the interface that can fail is one such call.
template <class Body>
TreadleStatus guard(const char* function, const Body& body) {
  try {
    body(Call(function));
    return TREADLE_OK;
  } catch (const abi::__forced_unwind&) {
    throw;  // the thread ends here, by pthread_exit or pthread_cancel: glibc aborts if it is held
            // up
  } catch (...) {
    return keep_error();
  }
}

// Gives a list to the caller.
template <class Item>
void give(std::span<const Item> list, const Item** items, size_t* count) {
  *items = list.data();
  *count = list.size();
}

}  // namespace treadle::c
