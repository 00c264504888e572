// How a parameter's C++ type is read from text, printed, checked and named. One record per type;
// an operator that needs a new kind of parameter specialises value_type<T>().
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/core/dtype.h"
#include "treadle/core/error.h"
#include "treadle/core/shape.h"

namespace treadle {

struct ValueType {
  std::string name;      // in messages: "int", "tuple of int", "one of 'max', 'avg'"
  std::string cpp_name;  // in the generated header
  // Reads `text` into *value; throws Error that says what was expected, without naming the
  // parameter.
  std::function<void(std::string_view text, void* value)> parse;
  // As MXNet's files have it: "(3, 3)", "True", "0.5", "None".
  std::function<std::string(const void* value)> print;
  // Every number the value holds, for range checks; none for text.
  std::function<std::vector<double>(const void* value)> numbers;
  // For an enum: its values in order.
  std::vector<std::string> choices = {};
  bool is_optional = false;
};

// Names of an enum's values, in order from 0: found by argument-dependent lookup of describe(E).
struct EnumNames {
  std::string_view type_name;
  std::vector<std::string> values;
};
template <class... Values>
EnumNames enum_names(std::string_view type_name, const Values&... values) {
  return {type_name, {std::string(values)...}};
}

template <class T>
const ValueType& value_type();

template <>
const ValueType& value_type<int>();
template <>
const ValueType& value_type<int64_t>();
template <>
const ValueType& value_type<float>();
template <>
const ValueType& value_type<double>();
template <>
const ValueType& value_type<bool>();
template <>
const ValueType& value_type<std::string>();
template <>
const ValueType& value_type<Shape>();
template <>
const ValueType& value_type<std::vector<double>>();
// "(None, 3)": a tuple whose items may be missing.
template <>
const ValueType& value_type<std::vector<std::optional<int64_t>>>();
template <>
const ValueType& value_type<DType>();

namespace detail {
ValueType enum_value_type(const EnumNames& names, std::function<void(int, void*)> store,
                          std::function<int(const void*)> load);
// Wraps `inner` so that "None" is a value; `held` gives the inner object, made when asked to.
ValueType optional_value_type(const ValueType& inner, std::function<void*(void*)> emplace,
                              std::function<void(void*)> reset,
                              std::function<const void*(const void*)> held);

template <class T>
struct ValueTypeOf;

template <class E>
  requires std::is_enum_v<E>
struct ValueTypeOf<E> {
  static ValueType make() {
    return enum_value_type(
        describe(E{}), [](int index, void* value) { *static_cast<E*>(value) = E(index); },
        [](const void* value) { return int(*static_cast<const E*>(value)); });
  }
};

template <class T>
struct ValueTypeOf<std::optional<T>> {
  using Optional = std::optional<T>;
  static ValueType make() {
    return optional_value_type(
        value_type<T>(),
        [](void* value) -> void* { return &static_cast<Optional*>(value)->emplace(); },
        [](void* value) { static_cast<Optional*>(value)->reset(); },
        [](const void* value) -> const void* {
          const auto& optional = *static_cast<const Optional*>(value);
          return optional ? &*optional : nullptr;
        });
  }
};
}  // namespace detail

template <class T>
const ValueType& value_type() {
  static const ValueType type = detail::ValueTypeOf<T>::make();
  return type;
}

}  // namespace treadle
