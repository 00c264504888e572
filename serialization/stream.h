// Bytes in and out by URI: the one place that knows where a name leads: to the local file system (a
// path, or file:///path), to S3 (s3://bucket/key), to a web server (http, https; read only).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "treadle/serialization/checksum.h"

namespace treadle {

// Bytes read from front to back, of a length known from the start, so that a reader can check every
// length it is told against what is there before it allocates.
class ByteSource {
 public:
  ByteSource(std::string name, uint64_t size) : name_(std::move(name)), size_(size) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // What errors call it: the URI, or what the caller said.
  const std::string& name() const { return name_; }
  uint64_t position() const { return position_; }
  uint64_t left() const { return size_ - position_; }

  // The checksum of what was read since start_checksum.
  void start_checksum() { checksum_.emplace(); }
  uint32_t checksum() const { return checksum_->value(); }
  // The last bytes of it, zeros before the first.
  const std::array<char, 16>& last_bytes() const { return last_bytes_; }

  // The next `bytes` bytes to `target`; `what` they are ("the array's shape") is for the Error when
  // fewer are left.
  void read(void* target, uint64_t bytes, std::string_view what);

  // Throws Error: "NAME: byte N: <sentence>", N being the position or the one given.
  [[noreturn]] void fail(std::string_view sentence) const { fail(sentence, position_); }
  [[noreturn]] void fail(std::string_view sentence, uint64_t position) const;

 private:
  // Exactly `bytes` bytes, which are there unless the source shrinks meanwhile.
  virtual void read_exactly(char* target, size_t bytes) = 0;
  void sum_up(const char* data, size_t bytes);

  std::string name_;
  uint64_t size_;
  uint64_t position_ = 0;
  std::optional<Checksum> checksum_;
  std::array<char, 16> last_bytes_{};
};

// Bytes written from front to back. Nothing is visible at the target before commit() returns, and
// what was there stays as it was when commit() is never called.
class ByteSink {
 public:
  ByteSink() = default;
  virtual ~ByteSink() = default;
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;

  virtual void write(const void* data, size_t bytes) = 0;
  virtual void commit() = 0;
};

// Throw Error for a scheme this build cannot read or write, and for a target that cannot be opened.
std::unique_ptr<ByteSource> open_source(std::string_view uri);
std::unique_ptr<ByteSink> open_sink(std::string_view uri);

// A source over memory, which must outlive it; `name` is for errors.
std::unique_ptr<ByteSource> memory_source(std::span<const char> bytes, std::string_view name);

// All of a text, and all at once.
std::string read_text(std::string_view uri);
void write_text(std::string_view uri, std::string_view text);

}  // namespace treadle
