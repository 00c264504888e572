// Reading JSON that nobody vouches for: RapidJSON behind accessors that check the type, bound the
// depth and know the path to what they refuse. Internal to serialization.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "treadle/core/error.h"

// A failed assertion of RapidJSON would be a bug of ours; the library never aborts.
#define RAPIDJSON_ASSERT(x) TREADLE_INVARIANT(x, "JSON is read as what it is not")
#include <rapidjson/document.h>

namespace treadle {

// A parsed text; the cursors below refer to it.
class JsonDocument {
 public:
  // Throws Error with the byte offset for what is no JSON, for text that is not UTF-8, and for
  // nesting deeper than any model needs. `name` is what errors call the text.
  JsonDocument(std::string_view text, std::string_view name);

  const rapidjson::Value& root() const { return document_; }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  rapidjson::Document document_;
};

// A value and the way to it. A cursor refers to the one it came from, which must outlive it, so
// that a path costs nothing until an error needs it.
class JsonCursor {
 public:
  explicit JsonCursor(const JsonDocument& document)
      : document_(document), value_(document.root()) {}

  bool is_text() const { return value_.IsString(); }
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
    require(value_.IsObject(), "an object");
    for (const auto& member : value_.GetObject()) {
      const std::string_view key(member.name.GetString(), member.name.GetStringLength());
      visit(key, JsonCursor(*this, member.value, key));
    }
  }

  // Throws Error: "NAME: nodes[3].inputs[0]: <sentence>".
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw Error(document_.name(), ": ", path(), parent_ ? ": " : "", parts...);
  }

 private:
  JsonCursor(const JsonCursor& parent, const rapidjson::Value& value, std::string_view key)
      : document_(parent.document_), value_(value), parent_(&parent), key_(key) {}
  JsonCursor(const JsonCursor& parent, const rapidjson::Value& value, uint32_t index)
      : document_(parent.document_), value_(value), parent_(&parent), index_(index) {}

  void require(bool has_type, std::string_view type) const;
  std::string path() const;

  const JsonDocument& document_;
  const rapidjson::Value& value_;
  const JsonCursor* parent_ = nullptr;
  std::string_view key_;  // of a member; empty of an element
  uint32_t index_ = 0;
};

}  // namespace treadle
