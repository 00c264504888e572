// What the tests of the C interface share.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "treadle/c_api.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {

inline void ok(TreadleStatus status) {
  INFO("status " << status << ": " << treadle_last_error());
  REQUIRE(status == TREADLE_OK);
}

// The call has failed, as a mistake of the caller unless said, with a sentence that holds `words`.
inline void refuses(TreadleStatus status, std::initializer_list<std::string_view> words,
                    TreadleStatus expected = TREADLE_ERROR) {
  const std::string_view sentence = treadle_last_error();
  for (std::string_view each : words) {
    INFO("the error says: " << sentence << "\nit should hold: " << each);
    const bool holds_words = sentence.find(each) != std::string_view::npos;
    REQUIRE(holds_words);
  }
  REQUIRE(status == expected);
}
inline void refuses(TreadleStatus status, std::string_view words) { refuses(status, {words}); }

// A handle that is freed at the end of its scope.
template <class Type, void (*Free)(Type*)>
class Handle {
 public:
  Handle() = default;
  ~Handle() { Free(handle_); }
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Type** out() { return &handle_; }
  operator Type*() const { return handle_; }  // NOLINT: reads as what it holds

 private:
  Type* handle_ = nullptr;
};
using ArrayHandle = Handle<TreadleNDArray, treadle_ndarray_free>;
using SymbolHandle = Handle<TreadleSymbol, treadle_symbol_free>;
using ExecutorHandle = Handle<TreadleExecutor, treadle_executor_free>;

inline ArrayHandle make(const std::vector<int64_t>& dims, double value,
                        TreadleDType type = TREADLE_FLOAT32) {
  ArrayHandle made;
  ok(treadle_ndarray_full(dims.data(), int32_t(dims.size()), value, type, treadle_cpu(0),
                          made.out()));
  return made;
}
inline ArrayHandle make(const std::vector<int64_t>& dims, const std::vector<float>& values) {
  ArrayHandle made = make(dims, 0);
  ok(treadle_ndarray_copy_from_host(made, values.data(), values.size() * sizeof(float)));
  return made;
}
inline std::vector<float> values_of(TreadleNDArray* array) {
  int64_t elements = 0;
  ok(treadle_ndarray_size(array, &elements));
  std::vector<float> values(static_cast<size_t>(elements));
  ok(treadle_ndarray_copy_to_host(array, values.data(), values.size() * sizeof(float)));
  return values;
}

inline SymbolHandle variable(const char* name) {
  SymbolHandle made;
  ok(treadle_symbol_variable(name, made.out()));
  return made;
}
inline SymbolHandle node(const char* op, const std::vector<TreadlePair>& params,
                         const std::vector<TreadleSymbol*>& inputs, const char* name = nullptr) {
  SymbolHandle made;
  ok(treadle_symbol_compose(op, params.data(), params.size(), inputs.data(), nullptr, inputs.size(),
                            name, made.out()));
  return made;
}
inline ArrayHandle call(const char* op, const std::vector<TreadlePair>& params,
                        const std::vector<TreadleNDArray*>& inputs) {
  ArrayHandle made;
  ok(treadle_invoke(op, params.data(), params.size(), inputs.data(), inputs.size(), made.out(), 1,
                    nullptr));
  return made;
}

}  // namespace treadle::testing
