#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "treadle/core/error.h"
#include "treadle/core/text.h"
#include "treadle/serialization/remote/remote.h"
#include "treadle/serialization/remote/s3.h"

namespace treadle::remote {
namespace {

constexpr uint64_t piece_bytes = uint64_t(8) << 20;

// GET requests for one object, of S3 or of a web server.
class Getter {
 public:
  explicit Getter(std::string_view uri) : uri_(uri) {
    if (uri.starts_with("s3://")) object_.emplace(uri);
  }
  HttpResponse get(std::vector<std::string> headers, uint64_t most_bytes) const {
    if (object_) return object_->send("GET", "", {}, std::move(headers), "read", most_bytes, {416});
    HttpResponse response =
        send({.url = uri_, .headers = std::move(headers), .follows_redirects = true}, uri_, "read",
             most_bytes);
    if (response.status / 100 != 2 && response.status != 416) {
      throw Error(uri_, " cannot be read: the server answers ", response.status, ".",
                  response.status == 404 ? " Is the address right?" : "");
    }
    return response;
  }
  const std::string& uri() const { return uri_; }

 private:
  std::string uri_;
  std::optional<S3Object> object_;
};

// The 1234 of "bytes 0-99/1234".
std::optional<uint64_t> total_of(std::string_view content_range) {
  const size_t slash = content_range.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  uint64_t total = 0;
  const char* const end = content_range.data() + content_range.size();
  const auto [rest, code] = std::from_chars(content_range.data() + slash + 1, end, total);
  if (code != std::errc() || rest != end) return std::nullopt;
  return total;
}

class RemoteSource final : public ByteSource {
 public:
  RemoteSource(Getter getter, uint64_t size, std::string first_piece, std::string version)
      : ByteSource(getter.uri(), size),
        getter_(std::move(getter)),
        size_(size),
        piece_(std::move(first_piece)),
        version_(std::move(version)) {}

 private:
  void read_exactly(char* target, size_t bytes) override {
    uint64_t at = position();
    while (bytes > 0) {
      if (at >= piece_begin_ + piece_.size()) fetch(at);
      const size_t offset = size_t(at - piece_begin_);
      const size_t now = std::min(bytes, piece_.size() - offset);
      std::memcpy(target, piece_.data() + offset, now);
      target += now;
      at += now;
      bytes -= now;
    }
  }

  void fetch(uint64_t begin) {
    const uint64_t end = std::min(begin + piece_bytes, size_);
    std::vector<std::string> headers = {concat("Range: bytes=", begin, "-", end - 1)};
    if (!version_.empty()) headers.push_back("If-Range: " + version_);
    HttpResponse response = getter_.get(std::move(headers), std::max(size_, end - begin));
    if (response.status != 206 || response.body.size() != end - begin ||
        total_of(response.header("content-range")) != size_) {
      fail("the object was replaced while it was read; load it again.", begin);
    }
    piece_ = std::move(response.body);
    piece_begin_ = begin;
  }

  Getter getter_;
  const uint64_t size_;
  std::string piece_;  // the bytes from piece_begin_ on
  uint64_t piece_begin_ = 0;
  std::string version_;  // its ETag
};

}  // namespace

std::unique_ptr<ByteSource> open_source(std::string_view uri) {
  Getter getter(uri);
  HttpResponse response = getter.get({concat("Range: bytes=0-", piece_bytes - 1)}, UINT64_MAX);
  uint64_t size = response.body.size();
  if (response.status == 416) {  // no byte 0: the object is empty
    response.body.clear();
    size = 0;
  } else if (response.status == 206) {
    const std::optional<uint64_t> total = total_of(response.header("content-range"));
    if (!total || response.body.size() != std::min(*total, piece_bytes)) {
      throw Error(uri,
                  " cannot be read: the server sends a part of it and does not say how much "
                  "there is (Content-Range is '",
                  response.header("content-range"), "').");
    }
    size = *total;
  }
  // A weak ETag does not stand for the same bytes.
  std::string version(response.header("etag"));
  if (version.starts_with("W/")) version.clear();
  return std::make_unique<RemoteSource>(std::move(getter), size, std::move(response.body),
                                        std::move(version));
}

}  // namespace treadle::remote
