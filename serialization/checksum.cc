#include "treadle/serialization/checksum.h"

#include <zlib.h>

#include <cstdio>

#include "treadle/core/error.h"

namespace treadle {
namespace {

// What the last line of a symbol's text becomes: the graph's own attributes with one more.
constexpr std::string_view graph_end = "}\n}";
constexpr std::string_view before_digits = ", \"treadle_checksum\": [\"str\", \"";
constexpr std::string_view after_digits = "\"]}\n}";
constexpr size_t num_digits = 10;
constexpr size_t tail_size = before_digits.size() + num_digits + after_digits.size();

size_t differences(std::string_view a, std::string_view b) {
  size_t count = 0;
  for (size_t i = 0; i < b.size(); ++i) count += a[i] != b[i];
  return count;
}

}  // namespace

void Checksum::add(const void* data, size_t bytes) {
  if (bytes == 0) return;  // zlib takes null for a wish to begin anew
  value_ = uint32_t(crc32_z(value_, static_cast<const Bytef*>(data), bytes));
}

std::string to_hex(uint32_t checksum) {
  char text[num_digits + 1];
  std::snprintf(text, sizeof text, "0x%08x", unsigned(checksum));
  return text;
}

std::string with_checksum(std::string json) {
  TREADLE_INVARIANT(json.ends_with(graph_end), "a symbol's text ends otherwise");
  json.resize(json.size() - graph_end.size());
  Checksum sum;
  sum.add(json);
  json += before_digits;
  json += to_hex(sum.value());
  json += after_digits;
  return json;
}

void verify_checksum(std::string_view json, std::string_view name) {
  // Editors and C programs leave something behind the end.
  while (!json.empty() && std::string_view(" \t\r\n\0", 5).find(json.back()) != json.npos)
    json.remove_suffix(1);
  if (json.size() < tail_size) return;
  const std::string_view body = json.substr(0, json.size() - tail_size);
  const std::string_view tail = json.substr(body.size());
  const std::string_view digits = tail.substr(before_digits.size(), num_digits);
  // A byte of the tail itself may be the damaged one.
  constexpr size_t damage = 2;
  const size_t differing =
      differences(tail, before_digits) +
      differences(tail.substr(before_digits.size() + num_digits), after_digits);
  if (differing > damage) return;
  Checksum sum;
  sum.add(body);
  const std::string found = to_hex(sum.value());
  if (differing == 0 && digits == found) return;
  throw Error(name, ": byte ", body.size(), ": the checksum is ", digits,
              " but the text before it gives ", found,
              ": it was changed after it was written. Load another copy; if the change is meant, "
              "take the attribute \"treadle_checksum\" out of the text.");
}

}  // namespace treadle
