#include "treadle/core/value_type.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "treadle/core/text.h"

namespace treadle {
namespace {

template <class T>
T& as(void* value) {
  return *static_cast<T*>(value);
}
template <class T>
const T& as(const void* value) {
  return *static_cast<const T*>(value);
}

// Without the plus sign, which from_chars does not know; "+-1" stays as it is and is refused.
std::string_view unsigned_plus(std::string_view text) {
  const bool has_plus = text.starts_with('+') && !text.starts_with("+-");
  return has_plus ? text.substr(1) : text;
}

template <class T>
T parse_integer(std::string_view text) {
  std::string_view digits = unsigned_plus(trim(text));
  // Old files have numbers as Python 2 printed them: "3L".
  if (digits.ends_with('L')) digits.remove_suffix(1);
  T number{};
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (status == std::errc::result_out_of_range) {
    throw Error("'", text, "' does not fit ", sizeof(T) * 8, " bits");
  }
  if (status != std::errc() || end != digits.data() + digits.size()) {
    throw Error("'", text, "' is not an integer");
  }
  return number;
}

double parse_real(std::string_view text) {
  const std::string_view digits = unsigned_plus(trim(text));
  double number = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (status == std::errc() && end == digits.data() + digits.size()) return number;
  // from_chars reports 1e-400 and 1e400 alike; the C library tells them apart and gives 0 or inf.
  if (status == std::errc::result_out_of_range)
    return std::strtod(std::string(digits).c_str(), nullptr);
  throw Error("'", text, "' is not a number");
}

bool parse_bool(std::string_view text) {
  const std::string word = to_lower(trim(text));
  if (word == "true" || word == "1") return true;
  if (word == "false" || word == "0") return false;
  throw Error("'", text, "' is neither True nor False");
}

// The comma-separated items of "(a, b)", "[a, b]", "a" or "()".
std::vector<std::string_view> tuple_items(std::string_view text) {
  std::string_view body = trim(text);
  const bool round = body.starts_with('('), square = body.starts_with('[');
  if (round || square) {
    if (!body.ends_with(round ? ')' : ']')) throw Error("'", text, "' lacks its closing bracket");
    body = trim(body.substr(1, body.size() - 2));
  }
  std::vector<std::string_view> items;
  while (!body.empty()) {
    const size_t comma = body.find(',');
    items.push_back(trim(body.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    body = trim(body.substr(comma + 1));
  }
  return items;
}

template <class T>
std::string print_real(T value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[32];
  const auto [end, status] = std::to_chars(buffer, buffer + sizeof buffer, value);
  TREADLE_INVARIANT(status == std::errc(), "32 characters hold any float");
  return std::string(buffer, end);
}

template <class T>
ValueType integer_type(const char* cpp_name) {
  return {"int", cpp_name,
          [](std::string_view text, void* value) { as<T>(value) = parse_integer<T>(text); },
          [](const void* value) { return std::to_string(as<T>(value)); },
          [](const void* value) { return std::vector<double>{double(as<T>(value))}; }};
}

template <class T>
ValueType real_type(const char* cpp_name) {
  return {"float", cpp_name,
          [](std::string_view text, void* value) { as<T>(value) = T(parse_real(text)); },
          [](const void* value) { return print_real(as<T>(value)); },
          [](const void* value) { return std::vector<double>{double(as<T>(value))}; }};
}

std::vector<double> no_numbers(const void*) { return {}; }

}  // namespace

template <>
const ValueType& value_type<int>() {
  static const ValueType type = integer_type<int>("int");
  return type;
}

template <>
const ValueType& value_type<int64_t>() {
  static const ValueType type = integer_type<int64_t>("int64_t");
  return type;
}

template <>
const ValueType& value_type<float>() {
  static const ValueType type = real_type<float>("float");
  return type;
}

template <>
const ValueType& value_type<double>() {
  static const ValueType type = real_type<double>("double");
  return type;
}

template <>
const ValueType& value_type<bool>() {
  static const ValueType type = {
      "bool", "bool",
      [](std::string_view text, void* value) { as<bool>(value) = parse_bool(text); },
      [](const void* value) { return std::string(as<bool>(value) ? "True" : "False"); },
      no_numbers};
  return type;
}

template <>
const ValueType& value_type<std::string>() {
  static const ValueType type = {
      "text", "std::string",
      [](std::string_view text, void* value) { as<std::string>(value) = std::string(text); },
      [](const void* value) { return as<std::string>(value); }, no_numbers};
  return type;
}

template <>
const ValueType& value_type<Shape>() {
  static const ValueType type = {"tuple of int", "Shape",
                                 [](std::string_view text, void* value) {
                                   std::vector<int64_t> dims;
                                   for (std::string_view item : tuple_items(text))
                                     dims.push_back(parse_integer<int64_t>(item));
                                   as<Shape>(value) = Shape(dims);
                                 },
                                 [](const void* value) { return to_string(as<Shape>(value)); },
                                 [](const void* value) {
                                   return std::vector<double>(as<Shape>(value).begin(),
                                                              as<Shape>(value).end());
                                 }};
  return type;
}

template <>
const ValueType& value_type<std::vector<double>>() {
  static const ValueType type = {"tuple of float", "std::vector<double>",
                                 [](std::string_view text, void* value) {
                                   std::vector<double> numbers;
                                   for (std::string_view item : tuple_items(text))
                                     numbers.push_back(parse_real(item));
                                   as<std::vector<double>>(value) = std::move(numbers);
                                 },
                                 [](const void* value) {
                                   std::vector<std::string> items;
                                   for (double number : as<std::vector<double>>(value))
                                     items.push_back(print_real(number));
                                   return concat("(", join(items), items.size() == 1 ? ",)" : ")");
                                 },
                                 [](const void* value) { return as<std::vector<double>>(value); }};
  return type;
}

template <>
const ValueType& value_type<std::vector<std::optional<int64_t>>>() {
  using Items = std::vector<std::optional<int64_t>>;
  static const ValueType type = {
      "tuple of int or None", "std::vector<std::optional<int64_t>>",
      [](std::string_view text, void* value) {
        Items made;
        for (std::string_view item : tuple_items(text)) {
          made.push_back(item == "None" ? std::nullopt
                                        : std::optional(parse_integer<int64_t>(item)));
        }
        as<Items>(value) = std::move(made);
      },
      [](const void* value) {
        std::vector<std::string> items;
        for (const std::optional<int64_t>& item : as<Items>(value)) {
          items.push_back(item ? std::to_string(*item) : "None");
        }
        return concat("(", join(items), items.size() == 1 ? ",)" : ")");
      },
      [](const void* value) {
        std::vector<double> numbers;
        for (const std::optional<int64_t>& item : as<Items>(value)) {
          if (item) numbers.push_back(double(*item));
        }
        return numbers;
      }};
  return type;
}

template <>
const ValueType& value_type<DType>() {
  static const ValueType type = {
      "element type", "DType",
      [](std::string_view text, void* value) { as<DType>(value) = dtype_from_name(trim(text)); },
      [](const void* value) { return std::string(to_string(as<DType>(value))); }, no_numbers};
  return type;
}

namespace detail {

ValueType enum_value_type(const EnumNames& names, std::function<void(int, void*)> store,
                          std::function<int(const void*)> load) {
  std::vector<std::string> quoted;
  for (const std::string& value : names.values) quoted.push_back("'" + value + "'");
  ValueType type;
  type.name = "one of " + join(quoted);
  type.cpp_name = std::string(names.type_name);
  type.choices = names.values;
  type.parse = [names, store = std::move(store)](std::string_view text, void* value) {
    for (size_t i = 0; i < names.values.size(); ++i) {
      if (names.values[i] == text) return store(int(i), value);
    }
    throw Error("'", text, "' is none of its values");
  };
  type.print = [names, load = std::move(load)](const void* value) {
    return names.values.at(size_t(load(value)));
  };
  type.numbers = no_numbers;
  return type;
}

ValueType optional_value_type(const ValueType& inner, std::function<void*(void*)> emplace,
                              std::function<void(void*)> reset,
                              std::function<const void*(const void*)> held) {
  ValueType type;
  type.name = inner.name + " or None";
  type.cpp_name = "std::optional<" + inner.cpp_name + ">";
  type.choices = inner.choices;
  type.is_optional = true;
  type.parse = [parse = inner.parse, emplace = std::move(emplace), reset = std::move(reset)](
                   std::string_view text, void* value) {
    if (trim(text) == "None") return reset(value);
    parse(text, emplace(value));
  };
  type.print = [print = inner.print, held](const void* value) {
    const void* inside = held(value);
    return inside ? print(inside) : std::string("None");
  };
  type.numbers = [numbers = inner.numbers, held = std::move(held)](const void* value) {
    const void* inside = held(value);
    return inside ? numbers(inside) : std::vector<double>{};
  };
  return type;
}

}  // namespace detail
}  // namespace treadle
