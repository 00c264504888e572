#include "treadle/serialization/array_file.h"

#include "treadle/core/error.h"
#include "treadle/core/log.h"
#include "treadle/serialization/array_codec.h"
#include "treadle/serialization/stream.h"

namespace treadle {
namespace {

constexpr uint64_t list_magic = 0x112;

class StringSink final : public ByteSink {
 public:
  void write(const void* data, size_t bytes) override {
    text.append(static_cast<const char*>(data), bytes);
  }
  void commit() override {}

  std::string text;
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

void check_names(std::span<const Array> arrays, std::span<const std::string> names) {
  if (names.empty() || names.size() == arrays.size()) return;
  throw Error(arrays.size(), " arrays are to be saved with ", names.size(),
              " names; none, or one for each array, is expected.");
}

ArrayFile read_list(ByteSource& source) {
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
  if (source.left() > 0) {
    log_warning(concat(source.name(), ": ", source.left(),
                       " bytes follow after the list's end, at byte ", source.position(),
                       "; they are ignored."));
  }
  return file;
}

}  // namespace

void save_arrays(std::string_view uri, std::span<const Array> arrays,
                 std::span<const std::string> names) {
  check_names(arrays, names);
  const std::unique_ptr<ByteSink> sink = open_sink(uri);
  write_list(*sink, arrays, names);
  sink->commit();
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
