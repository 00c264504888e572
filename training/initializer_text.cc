#include "treadle/training/initializer_text.h"

#include <cctype>

#include "treadle/core/error.h"
#include "treadle/core/text.h"

namespace treadle {
namespace {

// Reads the little JSON that initialisers are written in: a list of a name and a flat object.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  InitializerText read() {
    InitializerText result;
    expect('[');
    result.name = string();
    if (accept(',')) read_object(result.params);
    expect(']');
    skip_space();
    if (position_ != text_.size()) fail("the end");
    return result;
  }

 private:
  void read_object(ParamText& params) {
    expect('{');
    if (accept('}')) return;
    do {
      std::string key = string();
      expect(':');
      params[std::move(key)] = value();
    } while (accept(','));
    expect('}');
  }

  std::string value() {
    skip_space();
    if (position_ < text_.size() && text_[position_] == '"') return string();
    const size_t begin = position_;
    while (position_ < text_.size() &&
           (std::isalnum(uint8_t(text_[position_])) || is_one_of(text_[position_], "+-._"))) {
      ++position_;
    }
    const std::string_view word = text_.substr(begin, position_ - begin);
    if (word.empty()) fail("a string or a number");
    if (word == "true") return "True";
    if (word == "false") return "False";
    if (word == "null") return "None";
    return std::string(word);
  }

  std::string string() {
    expect('"');
    std::string made;
    while (position_ < text_.size() && text_[position_] != '"') {
      if (text_[position_] == '\\' && ++position_ == text_.size()) break;
      made += text_[position_++];
    }
    expect('"');
    return made;
  }

  static bool is_one_of(char c, std::string_view set) {
    return set.find(c) != std::string_view::npos;
  }
  void skip_space() {
    while (position_ < text_.size() && std::isspace(uint8_t(text_[position_]))) ++position_;
  }
  bool accept(char c) {
    skip_space();
    if (position_ == text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(concat("'", c, "'"));
  }
  [[noreturn]] void fail(const std::string& expected) const {
    throw Error("The initialiser '", text_, "' cannot be read: expected ", expected,
                " at character ", position_ + 1,
                ". Write a name such as xavier, or [\"xavier\", {\"magnitude\": 2}].");
  }

  std::string_view text_;
  size_t position_ = 0;
};

}  // namespace

InitializerText read_initializer_text(std::string_view text) {
  const std::string_view trimmed = trim(text);
  if (!trimmed.empty() && std::isalpha(uint8_t(trimmed[0]))) return {std::string(trimmed), {}};
  return Reader(trimmed).read();
}

}  // namespace treadle
