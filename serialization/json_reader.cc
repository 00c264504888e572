#include "treadle/serialization/json_reader.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace treadle {
namespace {

// A symbol needs 5 levels.
constexpr int most_levels = 64;

// Hands the reader's events on to the document and stops at the level nobody needs.
struct BoundedDepth {
  rapidjson::Document& document;
  int level = 0;

  bool Null() { return document.Null(); }
  bool Bool(bool value) { return document.Bool(value); }
  bool Int(int value) { return document.Int(value); }
  bool Uint(unsigned value) { return document.Uint(value); }
  bool Int64(int64_t value) { return document.Int64(value); }
  bool Uint64(uint64_t value) { return document.Uint64(value); }
  bool Double(double value) { return document.Double(value); }
  bool RawNumber(const char* text, unsigned length, bool copy) {
    return document.RawNumber(text, length, copy);
  }
  bool String(const char* text, unsigned length, bool copy) {
    return document.String(text, length, copy);
  }
  bool Key(const char* text, unsigned length, bool copy) {
    return document.Key(text, length, copy);
  }
  bool StartObject() { return ++level <= most_levels && document.StartObject(); }
  bool EndObject(unsigned count) { return --level, document.EndObject(count); }
  bool StartArray() { return ++level <= most_levels && document.StartArray(); }
  bool EndArray(unsigned count) { return --level, document.EndArray(count); }
};

}  // namespace

JsonDocument::JsonDocument(std::string_view text, std::string_view name) : name_(name) {
  // Lengths inside RapidJSON have 32 bits.
  if (text.size() > UINT32_MAX) {
    throw Error(name_, ": the text has ", text.size(), " bytes; at most 4 GiB are expected.");
  }
  rapidjson::Reader reader;
  rapidjson::ParseResult result;
  size_t end = 0;
  const auto generate = [&](rapidjson::Document& document) {
    rapidjson::MemoryStream memory(text.data(), text.size());
    rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(memory);
    BoundedDepth handler{document};
    // Iterative: the text's depth must not become the depth of our stack.
    constexpr auto flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
    result = reader.Parse<flags>(stream, handler);
    end = memory.Tell();
    return !result.IsError();
  };
  document_.Populate(generate);
  if (!result.IsError()) {
    // The reader takes a zero byte for the end; C programs write one there, elsewhere it is damage.
    const size_t rest = text.find_first_not_of('\0', end);
    if (rest == std::string_view::npos) return;
    throw Error(name_, ": byte ", end, ": a zero byte lies between the symbol and more text.");
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

void JsonCursor::require(bool has_type, std::string_view type) const {
  if (has_type) return;
  constexpr const char* names[] = {"null",     "a truth value", "a truth value", "an object",
                                   "an array", "text",          "a number"};
  fail("this is ", names[value_.GetType()], "; ", type, " is expected.");
}

std::string_view JsonCursor::text() const {
  require(value_.IsString(), "text");
  return {value_.GetString(), value_.GetStringLength()};
}

uint32_t JsonCursor::number(uint32_t most) const {
  require(value_.IsNumber(), "a number");
  if (value_.IsUint() && value_.GetUint() <= most) return value_.GetUint();
  if (value_.IsInt64()) {
    fail("the number is ", value_.GetInt64(), "; 0 to ", most, " is expected.");
  }
  fail("an integer from 0 to ", most, " is expected.");
}

uint32_t JsonCursor::size() const {
  require(value_.IsArray(), "an array");
  return value_.Size();
}

JsonCursor JsonCursor::element(uint32_t index) const { return {*this, value_[index], index}; }

JsonCursor JsonCursor::member(const char* key) const {
  require(value_.IsObject(), "an object");
  const auto it = value_.FindMember(key);
  if (it == value_.MemberEnd()) fail("there is no member '", key, "'.");
  return {*this, it->value, std::string_view(key)};
}

std::optional<JsonCursor> JsonCursor::find(const char* key) const {
  require(value_.IsObject(), "an object");
  const auto it = value_.FindMember(key);
  if (it == value_.MemberEnd()) return std::nullopt;
  return JsonCursor(*this, it->value, std::string_view(key));
}

std::string JsonCursor::path() const {
  if (!parent_) return {};
  const std::string before = parent_->path();
  if (key_.data() == nullptr) return concat(before, "[", index_, "]");
  return before.empty() ? std::string(key_) : concat(before, ".", key_);
}

}  // namespace treadle
