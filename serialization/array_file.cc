#include "treadle/serialization/array_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "treadle/core/error.h"
#include "treadle/core/log.h"
#include "treadle/serialization/array_codec.h"
#include "treadle/serialization/checksum.h"
#include "treadle/serialization/stream.h"

namespace treadle {
namespace {

constexpr uint64_t list_magic = 0x112;
// What follows after our lists: this word, "TREADLE\1", and the checksum of all before it as a
// word.
constexpr uint64_t checksum_magic = 0x01454C4441455254;
constexpr uint64_t checksum_bytes = 16;
constexpr std::string_view changed =
    "the file was changed after it was written; load another copy.";

class StringSink final : public ByteSink {
 public:
  void write(const void* data, size_t bytes) override {
    text.append(static_cast<const char*>(data), bytes);
  }
  void commit() override {}

  std::string text;
};

// Hands on what is written and adds it up.
class SummingSink final : public ByteSink {
 public:
  explicit SummingSink(ByteSink& target) : target_(target) {}
  void write(const void* data, size_t bytes) override {
    sum_.add(data, bytes);
    target_.write(data, bytes);
  }
  void commit() override { target_.commit(); }
  uint32_t checksum() const { return sum_.value(); }

 private:
  ByteSink& target_;
  Checksum sum_;
};

void write_list(ByteSink& sink, std::span<const Array> arrays, std::span<const std::string> names) {
  write_number(sink, list_magic);
  write_number(sink, uint64_t(0));
  write_number(sink, uint64_t(arrays.size()));
  for (const Array& array : arrays) write_array(sink, array);
  write_number(sink, uint64_t(names.size()));
  for (const std::string& name : names) {
    write_number(sink, uint64_t(name.size()));
    sink.write(name.data(), name.size());
  }
}

// What follows after the list: our checksum, or something that nobody reads.
void read_end(ByteSource& source) {
  const uint64_t end = source.position(), left = source.left();
  const uint32_t found = source.checksum();
  std::array<char, checksum_bytes> start = {};
  source.read(start.data(), std::min(left, checksum_bytes), "the checksum");
  std::array<char, 4096> rest;
  while (source.left() > 0)
    source.read(rest.data(), std::min<uint64_t>(source.left(), rest.size()), "the rest");

  const auto [magic, checksum] = std::bit_cast<std::array<uint64_t, 2>>(source.last_bytes());
  if (left == checksum_bytes && magic == checksum_magic && checksum == found) return;
  // Either word may be the damaged one.
  if (left == checksum_bytes && (magic == checksum_magic || checksum == found)) {
    source.fail(concat("the checksum is ", to_hex(uint32_t(checksum)),
                       " but the bytes before it give ", to_hex(found), ": ", changed),
                end);
  }
  if (magic == checksum_magic) {
    source.fail(concat("the list ends here, but its checksum begins at byte ",
                       source.position() - checksum_bytes, ": ", changed),
                end);
  }
  if (left == 0) return;
  const bool is_begun = std::memcmp(start.data(), &checksum_magic, std::min<size_t>(left, 8)) == 0;
  if (left < checksum_bytes && is_begun)
    source.fail("the checksum is incomplete: the file is cut short.", end);
  log_warning(concat(source.name(), ": ", left, " bytes follow after the list's end, at byte ", end,
                     "; they are ignored."));
}

void check_names(std::span<const Array> arrays, std::span<const std::string> names) {
  if (names.empty() || names.size() == arrays.size()) return;
  throw Error(arrays.size(), " arrays are to be saved with ", names.size(),
              " names; none, or one for each array, is expected.");
}

ArrayFile read_list(ByteSource& source) {
  source.start_checksum();
  const auto magic = read_number<uint64_t>(source, "the list's first word");
  if (magic != list_magic) {
    source.fail(concat("the file begins with ", magic, " and not with ", list_magic,
                       ": it is no list of arrays as MXNet saves them."),
                0);
  }
  read_number<uint64_t>(source, "the list's reserved word");
  ArrayFile file;
  const uint64_t count_at = source.position();
  const auto count = read_number<uint64_t>(source, "the number of arrays");
  if (count > source.left() / least_array_bytes) {
    source.fail(concat("the list has ", count, " arrays; ", source.left(),
                       " bytes are left: the file is cut short or damaged."),
                count_at);
  }
  for (uint64_t i = 0; i < count; ++i) file.arrays.push_back(read_array(source, i));

  const uint64_t names_at = source.position();
  const auto names = read_number<uint64_t>(source, "the number of names");
  if (names != 0 && names != count) {
    source.fail(concat("the list has ", names, " names for ", count,
                       " arrays; none, or one for each, is expected: the file is damaged."),
                names_at);
  }
  for (uint64_t i = 0; i < names; ++i) {
    const uint64_t at = source.position();
    const auto length = read_number<uint64_t>(source, concat("the length of name ", i));
    if (length > source.left()) {
      source.fail(concat("name ", i, " has ", length, " bytes; ", source.left(),
                         " are left: the file is cut short or damaged."),
                  at);
    }
    std::string& name = file.names.emplace_back(size_t(length), '\0');
    source.read(name.data(), length, "the name");
  }
  read_end(source);
  return file;
}

}  // namespace

void save_arrays(std::string_view uri, std::span<const Array> arrays,
                 std::span<const std::string> names) {
  check_names(arrays, names);
  const std::unique_ptr<ByteSink> file = open_sink(uri);
  SummingSink sink(*file);
  write_list(sink, arrays, names);
  const uint64_t checksum = sink.checksum();
  write_number(sink, checksum_magic);
  write_number(sink, checksum);
  sink.commit();
}

void save_arrays(std::string_view uri, const ArrayMap& arrays) {
  std::vector<std::string> names;
  std::vector<Array> list;
  for (const auto& [name, array] : arrays) {
    names.push_back(name);
    list.push_back(array);
  }
  save_arrays(uri, list, names);
}

ArrayFile load_arrays(std::string_view uri) { return read_list(*open_source(uri)); }

std::string arrays_to_bytes(std::span<const Array> arrays, std::span<const std::string> names) {
  check_names(arrays, names);
  StringSink sink;
  write_list(sink, arrays, names);
  return std::move(sink.text);
}

ArrayFile arrays_from_bytes(std::string_view bytes, std::string_view name) {
  return read_list(*memory_source(bytes, name));
}

std::string array_to_bytes(const Array& array) {
  StringSink sink;
  write_array(sink, array);
  return std::move(sink.text);
}

Array array_from_bytes(std::string_view bytes, std::string_view name) {
  const std::unique_ptr<ByteSource> source = memory_source(bytes, name);
  Array array = read_array(*source, 0);
  if (source->left() > 0)
    source->fail(concat(source->left(), " bytes follow after the array's end."));
  return array;
}

}  // namespace treadle
