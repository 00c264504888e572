#include "treadle/serialization/stream.h"

#include <algorithm>
#include <cstring>

#include "treadle/core/error.h"
#include "treadle/core/text.h"
#include "treadle/serialization/local_file.h"
#include "treadle/serialization/remote/remote.h"

namespace treadle {
namespace {

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::span<const char> bytes, std::string_view name)
      : ByteSource(std::string(name), bytes.size()), bytes_(bytes) {}

 private:
  void read_exactly(char* target, size_t bytes) override {
    std::memcpy(target, bytes_.data() + position(), bytes);
  }

  std::span<const char> bytes_;
};

// The scheme of "s3://bucket/key" in lower case; empty for a path.
std::string scheme_of(std::string_view uri) {
  const size_t end = uri.find("://");
  if (end == std::string_view::npos || end == 0) return {};
  const std::string scheme = to_lower(uri.substr(0, end));
  const auto legal = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
  return scheme.find_first_not_of(legal) == std::string::npos ? scheme : std::string();
}

bool is_remote(std::string_view scheme) {
  return scheme == "s3" || scheme == "http" || scheme == "https";
}

// The scheme in lower case before the rest, as everything behind this file expects it.
std::string normalized(std::string_view uri, std::string_view scheme) {
  return concat(scheme, uri.substr(scheme.size()));
}

// `verb` ("read", "written") is for the refusal.
void check_name(std::string_view uri, std::string_view verb) {
  if (uri.empty()) throw Error("The name of the file to be ", verb, " is empty.");
  if (uri.find('\0') != std::string_view::npos) {
    throw Error("The name of the file to be ", verb, " holds a zero byte after '",
                uri.substr(0, uri.find('\0')), "'; no file can be called that.");
  }
}

// The local path that `uri` leads to.
std::string local_path(std::string_view uri, std::string_view scheme, std::string_view verb) {
  if (scheme.empty()) return std::string(uri);
  const std::string_view rest = uri.substr(scheme.size() + 3);
  if (scheme == "file") {
    const std::string_view path = rest.starts_with("localhost/") ? rest.substr(9) : rest;
    if (path.starts_with('/')) return std::string(path);
    throw Error(uri, ": a file URI has a full path, as file:///models/net-symbol.json has.");
  }
  throw Error(uri, " cannot be ", verb, ": there is no scheme '", scheme,
              "'. A path, file:///path, s3://bucket/key or http(s)://host/path is expected.");
}

}  // namespace

void ByteSource::read(void* target, uint64_t bytes, std::string_view what) {
  if (bytes > left()) {
    fail(concat(what, ": ", bytes, " bytes are expected, ", left(),
                " are left: the file is cut short or damaged."));
  }
  if (bytes == 0) return;
  read_exactly(static_cast<char*>(target), size_t(bytes));
  if (checksum_) sum_up(static_cast<const char*>(target), size_t(bytes));
  position_ += bytes;
}

void ByteSource::sum_up(const char* data, size_t bytes) {
  checksum_->add(data, bytes);
  const size_t taken = std::min(bytes, last_bytes_.size());
  std::shift_left(last_bytes_.begin(), last_bytes_.end(), ptrdiff_t(taken));
  std::copy(data + bytes - taken, data + bytes, last_bytes_.end() - ptrdiff_t(taken));
}

void ByteSource::fail(std::string_view sentence, uint64_t position) const {
  throw Error(name_, ": byte ", position, ": ", sentence);
}

std::unique_ptr<ByteSource> open_source(std::string_view uri) {
  check_name(uri, "read");
  const std::string scheme = scheme_of(uri);
  if (is_remote(scheme)) return remote::open_source(normalized(uri, scheme));
  return open_local_source(local_path(uri, scheme, "read"));
}

std::unique_ptr<ByteSink> open_sink(std::string_view uri) {
  check_name(uri, "written");
  const std::string scheme = scheme_of(uri);
  if (scheme == "s3") return remote::open_s3_sink(normalized(uri, scheme));
  if (is_remote(scheme)) {
    throw Error(uri,
                " cannot be written: a web server's files can only be read. Write to a path "
                "or to s3://bucket/key.");
  }
  return open_local_sink(local_path(uri, scheme, "written"));
}

std::unique_ptr<ByteSource> memory_source(std::span<const char> bytes, std::string_view name) {
  return std::make_unique<MemorySource>(bytes, name);
}

std::string read_text(std::string_view uri) {
  const std::unique_ptr<ByteSource> source = open_source(uri);
  std::string text(source->left(), '\0');
  source->read(text.data(), text.size(), "the text");
  return text;
}

void write_text(std::string_view uri, std::string_view text) {
  const std::unique_ptr<ByteSink> sink = open_sink(uri);
  sink->write(text.data(), text.size());
  sink->commit();
}

}  // namespace treadle
