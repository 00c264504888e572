// Field reflection: a parameter struct lists its fields once, and checks, JSON, documentation and
// the generated C++ and Python all read that list.
//
//   struct Params {
//     int num_hidden = 0;
//     bool no_bias = false;
//     static constexpr auto fields = reflect(
//         field("num_hidden", &Params::num_hidden, required, at_least(1), "Size of the output."),
//         field("no_bias", &Params::no_bias, "Leave the bias out."));
//   };
#pragma once

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "treadle/core/value_type.h"

namespace treadle {

// Legal numbers of a field, both ends included unless said; a tuple's are checked one by one.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
};
constexpr Range at_least(double low) { return {.low = low}; }
constexpr Range above(double low) { return {.low = low, .low_open = true}; }
constexpr Range between(double low, double high) { return {.low = low, .high = high}; }

struct Required {};
inline constexpr Required required;

template <class Owner, class T>
struct Field {
  std::string_view name;
  T Owner::* member;
  std::string_view doc;
  Range range = {};
  bool is_required = false;
};

namespace detail {
template <class F>
constexpr void apply_option(F& field, Range range) {
  field.range = range;
}
template <class F>
constexpr void apply_option(F& field, Required) {
  field.is_required = true;
}
template <class F>
constexpr void apply_option(F& field, std::string_view doc) {
  field.doc = doc;
}
}  // namespace detail

// A field: name, member, then in any order `required`, a Range and the sentence of documentation.
template <class Owner, class T, class... Options>
constexpr auto field(std::string_view name, T Owner::* member, Options... options) {
  Field<Owner, T> made{name, member, {}};
  (detail::apply_option(made, options), ...);
  return made;
}
template <class... Fields>
constexpr auto reflect(Fields... fields) {
  return std::make_tuple(fields...);
}

// One field, without its C++ type.
struct ParamField {
  std::string name;
  std::string doc;
  const ValueType* type = nullptr;
  size_t offset = 0;  // within the parameter struct
  Range range;
  bool required = false;
  std::string default_text;  // empty when required

  const void* in(const void* params) const { return static_cast<const char*>(params) + offset; }
};

using ParamText = std::map<std::string, std::string, std::less<>>;

// The fields of one parameter struct. Immutable after registration, shared by all threads.
class ParamSchema {
 public:
  ParamSchema() = default;
  ParamSchema(std::vector<ParamField> fields, std::function<std::shared_ptr<void>()> make)
      : fields_(std::move(fields)), make_(std::move(make)) {}

  const std::vector<ParamField>& fields() const { return fields_; }
  const ParamField* find(std::string_view name) const;

  // Reads a parameter struct from text. Throws Error, starting with `who` ("Convolution(conv1)"),
  // for an unknown name, a missing required one, and a value of wrong type or out of range.
  std::shared_ptr<const void> parse(const ParamText& text, std::string_view who) const;

  // Every field as text, in order of declaration.
  std::vector<std::pair<std::string, std::string>> print(const void* params) const;

 private:
  std::vector<ParamField> fields_;
  std::function<std::shared_ptr<void>()> make_ = [] { return std::make_shared<char>(); };
};

template <class Params>
ParamSchema make_schema() {
  std::vector<ParamField> fields;
  const Params defaults{};
  const auto add = [&](const auto& field) {
    using T = std::remove_cvref_t<decltype(defaults.*(field.member))>;
    ParamField made;
    made.name = field.name;
    made.doc = field.doc;
    made.type = &value_type<T>();
    made.offset = size_t(reinterpret_cast<const char*>(&(defaults.*(field.member))) -
                         reinterpret_cast<const char*>(&defaults));
    made.range = field.range;
    made.required = field.is_required;
    if (!made.required) made.default_text = made.type->print(&(defaults.*(field.member)));
    fields.push_back(std::move(made));
  };
  std::apply([&](const auto&... each) { (add(each), ...); }, Params::fields);
  return ParamSchema(std::move(fields), [] { return std::make_shared<Params>(); });
}

}  // namespace treadle
