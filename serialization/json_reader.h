// Reading JSON that nobody vouches for: RapidJSON behind accessors that check the type, bound the
// depth and know the path to what they refuse. Internal to serialization.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/core/error.h"

namespace treadle {

enum class JsonType : uint8_t { null, boolean, object, array, text, number };

// A value of a parsed text.
struct JsonValue {
  JsonType type = JsonType::null;
  bool is_integer = false;  // of a number: `integer` holds it
  int64_t integer = 0;
  std::string_view text = {};  // within the document
  // Of an array its elements, of an object keys and values in turn: `size` values of the document
  // from `first` on.
  size_t first = 0;
  size_t size = 0;
};

// A parsed text; the cursors below refer to it.
class JsonDocument {
 public:
  // Throws Error with the byte offset for what is no JSON, for text that is not UTF-8, and for
  // nesting deeper than any model needs. `name` is what errors call the text.
  JsonDocument(std::string_view text, std::string_view name);
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  const JsonValue& root() const { return root_; }
  const std::string& name() const { return name_; }
  std::span<const JsonValue> children(const JsonValue& value) const {
    return std::span(values_).subspan(value.first, value.size);
  }

 private:
  friend class JsonBuilder;

  std::string name_;
  std::string texts_;  // every string, one after the other; never grows beyond its first capacity
  std::vector<JsonValue> values_;
  JsonValue root_;
};

// A value and the way to it. A cursor refers to the one it came from, which must outlive it, so
// that a path costs nothing until an error needs it.
class JsonCursor {
 public:
  explicit JsonCursor(const JsonDocument& document)
      : document_(document), value_(document.root()) {}

  bool is_text() const { return value_.type == JsonType::text; }
  // The value as this type; each throws Error for another.
  std::string_view text() const;
  uint32_t number(uint32_t most) const;  // an integer from 0 to `most`
  uint32_t size() const;                 // of an array

  // Element of an array, member of an object. `member` throws Error when there is none of that key,
  // `find` gives nothing.
  JsonCursor element(uint32_t index) const;
  JsonCursor member(const char* key) const;
  std::optional<JsonCursor> find(const char* key) const;

  // Calls visit(key, cursor) for each member of an object.
  template <class Visit>
  void for_each_member(Visit visit) const {
    require(JsonType::object, "an object");
    const std::span<const JsonValue> pairs = document_.children(value_);
    for (size_t i = 0; i < pairs.size(); i += 2) {
      visit(pairs[i].text, JsonCursor(*this, pairs[i + 1], pairs[i].text));
    }
  }

  // Throws Error: "NAME: nodes[3].inputs[0]: <sentence>".
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw Error(document_.name(), ": ", path(), parent_ ? ": " : "", parts...);
  }

 private:
  JsonCursor(const JsonCursor& parent, const JsonValue& value, std::string_view key)
      : document_(parent.document_), value_(value), parent_(&parent), key_(key) {}
  JsonCursor(const JsonCursor& parent, const JsonValue& value, uint32_t index)
      : document_(parent.document_), value_(value), parent_(&parent), index_(index) {}

  void require(JsonType type, std::string_view name) const;
  std::string path() const;

  const JsonDocument& document_;
  const JsonValue& value_;
  const JsonCursor* parent_ = nullptr;
  std::string_view key_;  // of a member; empty of an element
  uint32_t index_ = 0;
};

}  // namespace treadle
