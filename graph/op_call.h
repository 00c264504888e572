// What the generated treadle/ops.h is made of: from an operator's parameters as a C++ struct to
// compose().
#pragma once

#include <concepts>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "treadle/graph/symbol.h"

namespace treadle {

// A parameter without a default. Leaving it out compiles, since a designated initialiser may skip
// members; composing then says which one is missing.
template <class T>
class RequiredParam {
 public:
  RequiredParam() = default;
  template <class U>
    requires(std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, RequiredParam>)
  RequiredParam(U&& value) : value_(std::forward<U>(value)) {}  // NOLINT: reads like the value
  RequiredParam(std::initializer_list<int64_t> extents)
    requires std::same_as<T, Shape>
      : value_(Shape(extents)) {}

  const std::optional<T>& value() const { return value_; }

 private:
  std::optional<T> value_;
};

// One call of an operator, gathered part by part. Parameters equal to their default are left out,
// as files have it.
class OpCall {
 public:
  explicit OpCall(std::string_view op) : op_(op) {}

  template <class T>
  OpCall& param(std::string_view name, const T& value, std::string_view default_text) {
    return set(name, value_type<T>().print(&value), default_text);
  }
  template <class T>
  OpCall& param(std::string_view name, const RequiredParam<T>& value) {
    if (value.value()) params_.emplace(name, value_type<T>().print(&*value.value()));
    return *this;
  }
  OpCall& input(const Symbol& symbol);
  OpCall& inputs(std::span<const Symbol> symbols);
  // By name; an empty symbol means that the input becomes a variable.
  OpCall& input(std::string_view name, const Symbol& symbol);

  Symbol compose(std::string_view name, const Attributes& attributes) const;

 private:
  OpCall& set(std::string_view name, std::string text, std::string_view default_text);

  std::string op_;
  ParamText params_;
  std::vector<Symbol> positional_;
  std::map<std::string, Symbol> named_;
};

}  // namespace treadle
