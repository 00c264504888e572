#include "treadle/serialization/json_text.h"

#include <cstdint>
#include <cstdio>

#include "treadle/core/error.h"

namespace treadle {
namespace {

// Bytes of the UTF-8 character that starts at `at`; 0 when there is none.
size_t character_length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) -> uint32_t {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
  };
  const uint32_t lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  uint32_t code = lead & (0x7fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0u) != 0x80u) return 0;
    code = (code << 6) | (byte(i) & 0x3fu);
  }
  const bool is_shortest = code >= (length == 4 ? 0x10000u : length == 3 ? 0x800u : 0x80u);
  const bool is_surrogate = code >= 0xd800u && code <= 0xdfffu;
  return is_shortest && !is_surrogate && code <= 0x10ffffu ? length : 0;
}

}  // namespace

void append_quoted(std::string& json, std::string_view text) {
  json += '"';
  for (size_t at = 0; at < text.size();) {
    const size_t length = character_length(text, at);
    if (length == 0) {
      throw Error("A name or attribute is not UTF-8 text (byte ", at, " of ", text.size(),
                  "), so it cannot be saved as JSON; encode it first.");
    }
    const char c = text[at];
    switch (c) {
      case '"': json += "\\\""; break;
      case '\\': json += "\\\\"; break;
      case '\n': json += "\\n"; break;
      case '\r': json += "\\r"; break;
      case '\t': json += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          char escape[8];
          std::snprintf(escape, sizeof escape, "\\u%04x", unsigned(c));
          json += escape;
        } else {
          json.append(text, at, length);
        }
    }
    at += length;
  }
  json += '"';
}

}  // namespace treadle
