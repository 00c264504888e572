#include "treadle/serialization/json_reader.h"

#include <array>

// A failed assertion of RapidJSON would be a bug of ours; the library never aborts.
#define RAPIDJSON_ASSERT(x) TREADLE_INVARIANT(x, "JSON is read as what it is not")
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace treadle {
namespace {

// A symbol needs 5 levels.
constexpr int most_levels = 64;

}  // namespace

// Makes a document of the reader's events: values wait on a stack until their array or object ends
// and its elements can lie side by side. Stops at the level nobody needs.
class JsonBuilder {
 public:
  explicit JsonBuilder(JsonDocument& document) : document_(document) {}

  void finish() { document_.root_ = pending_.back(); }

  // The reader calls these.
  bool Null() { return add({}); }
  bool Bool(bool) { return add({.type = JsonType::boolean}); }
  bool Int(int value) { return Int64(value); }
  bool Uint(unsigned value) { return Int64(value); }
  bool Int64(int64_t value) {
    return add({.type = JsonType::number, .is_integer = true, .integer = value});
  }
  bool Uint64(uint64_t value) {
    return value <= INT64_MAX ? Int64(int64_t(value)) : add({.type = JsonType::number});
  }
  bool Double(double) { return add({.type = JsonType::number}); }
  bool RawNumber(const char*, unsigned, bool) { return add({.type = JsonType::number}); }
  bool String(const char* text, unsigned length, bool) {
    // Decoded text is never longer than its source, so the capacity holds and views stay good.
    const size_t start = document_.texts_.size();
    document_.texts_.append(text, length);
    return add(
        {.type = JsonType::text, .text = std::string_view(document_.texts_).substr(start, length)});
  }
  bool Key(const char* text, unsigned length, bool copy) { return String(text, length, copy); }
  bool StartObject() { return ++level_ <= most_levels; }
  bool EndObject(unsigned count) { return close(JsonType::object, size_t(count) * 2); }
  bool StartArray() { return ++level_ <= most_levels; }
  bool EndArray(unsigned count) { return close(JsonType::array, count); }

 private:
  bool add(JsonValue value) {
    pending_.push_back(value);
    return true;
  }
  bool close(JsonType type, size_t count) {
    --level_;
    std::vector<JsonValue>& values = document_.values_;
    const JsonValue made{.type = type, .first = values.size(), .size = count};
    values.insert(values.end(), pending_.end() - ptrdiff_t(count), pending_.end());
    pending_.resize(pending_.size() - count);
    return add(made);
  }

  JsonDocument& document_;
  std::vector<JsonValue> pending_;
  int level_ = 0;
};

JsonDocument::JsonDocument(std::string_view text, std::string_view name) : name_(name) {
  // Lengths inside RapidJSON have 32 bits.
  if (text.size() > UINT32_MAX) {
    throw Error(name_, ": the text has ", text.size(), " bytes; at most 4 GiB are expected.");
  }
  texts_.reserve(text.size());
  JsonBuilder builder(*this);
  rapidjson::MemoryStream memory(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(memory);
  rapidjson::Reader reader;
  // Iterative: the text's depth must not become the depth of our stack.
  constexpr auto flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  const rapidjson::ParseResult result = reader.Parse<flags>(stream, builder);
  if (!result.IsError()) {
    // The reader takes a zero byte for the end; C programs write one there, elsewhere it is damage.
    const size_t end = memory.Tell();
    if (text.find_first_not_of('\0', end) != std::string_view::npos) {
      throw Error(name_, ": byte ", end, ": a zero byte lies between the symbol and more text.");
    }
    builder.finish();
    return;
  }
  const size_t offset = result.Offset();
  if (result.Code() == rapidjson::kParseErrorTermination) {
    throw Error(name_, ": byte ", offset, ": the text nests deeper than ", most_levels,
                " levels; this is no symbol.");
  }
  if (offset >= text.size()) {
    throw Error(name_, ": the text ends at byte ", text.size(), " before it is complete (",
                rapidjson::GetParseError_En(result.Code()), ") Is the file cut short?");
  }
  throw Error(name_, ": byte ", offset,
              ": this is no JSON: ", rapidjson::GetParseError_En(result.Code()));
}

void JsonCursor::require(JsonType type, std::string_view name) const {
  if (value_.type == type) return;
  constexpr std::array names = {"null",     "a truth value", "an object",
                                "an array", "text",          "a number"};
  fail("this is ", names[size_t(value_.type)], "; ", name, " is expected.");
}

std::string_view JsonCursor::text() const {
  require(JsonType::text, "text");
  return value_.text;
}

uint32_t JsonCursor::number(uint32_t most) const {
  require(JsonType::number, "a number");
  if (!value_.is_integer) fail("an integer from 0 to ", most, " is expected.");
  if (value_.integer < 0 || value_.integer > int64_t(most)) {
    fail("the number is ", value_.integer, "; 0 to ", most, " is expected.");
  }
  return uint32_t(value_.integer);
}

uint32_t JsonCursor::size() const {
  require(JsonType::array, "an array");
  return uint32_t(value_.size);
}

JsonCursor JsonCursor::element(uint32_t index) const {
  return {*this, document_.children(value_)[index], index};
}

JsonCursor JsonCursor::member(const char* key) const {
  if (const std::optional<JsonCursor> found = find(key)) return *found;
  fail("there is no member '", key, "'.");
}

std::optional<JsonCursor> JsonCursor::find(const char* key) const {
  require(JsonType::object, "an object");
  const std::span<const JsonValue> pairs = document_.children(value_);
  for (size_t i = 0; i < pairs.size(); i += 2) {
    if (pairs[i].text == key) return JsonCursor(*this, pairs[i + 1], pairs[i].text);
  }
  return std::nullopt;
}

std::string JsonCursor::path() const {
  if (!parent_) return {};
  const std::string before = parent_->path();
  if (key_.data() == nullptr) return concat(before, "[", index_, "]");
  return before.empty() ? std::string(key_) : concat(before, ".", key_);
}

}  // namespace treadle
