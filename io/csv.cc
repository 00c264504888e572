#include "treadle/io/csv.h"

#include <zlib.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>

#include "treadle/core/error.h"
#include "treadle/core/text.h"

namespace treadle {
namespace {

struct CloseFile {
  void operator()(gzFile file) const { gzclose(file); }
};

// The whole file, decompressed where it is compressed.
std::string read_text(const std::string& path, int64_t max_bytes) {
  errno = 0;
  const std::unique_ptr<gzFile_s, CloseFile> file(gzopen(path.c_str(), "rb"));
  if (!file) {
    throw Error("The file '", path,
                "' cannot be opened: ", errno != 0 ? std::strerror(errno) : "out of memory", ".");
  }
  std::string text;
  char buffer[1 << 16];
  for (;;) {
    const int count = gzread(file.get(), buffer, sizeof buffer);
    int code = Z_OK;
    const char* reason = gzerror(file.get(), &code);
    // A truncated stream gives what it has and reports the fault at its end.
    if (count < 0 || code == Z_BUF_ERROR) {
      throw Error("The file '", path, "' cannot be read after ", text.size(),
                  " bytes: ", code == Z_ERRNO ? std::strerror(errno) : reason, ".");
    }
    if (count == 0) return text;
    if (int64_t(text.size()) + count > max_bytes) {
      throw Error("The file '", path, "' holds more than ", max_bytes,
                  " bytes; raise CsvOptions::max_bytes to read it.");
    }
    text.append(buffer, size_t(count));
  }
}

template <class T>
constexpr std::string_view kind_of_number =
    std::is_integral_v<T> ? "no whole number that fits its type" : "no number";

// The numbers of one line, appended; gives how many.
template <class T>
int64_t read_row(std::string_view line, char separator, const std::string& path, int64_t number,
                 std::vector<T>& values) {
  int64_t count = 0;
  while (true) {
    const size_t end = line.find(separator);
    const std::string_view word = trim(line.substr(0, end));
    ++count;
    T value = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || stop != word.data() + word.size()) {
      throw Error("The file '", path, "', line ", number, ", column ", count, ": '",
                  word.substr(0, 40), "' is ", kind_of_number<T>, ".");
    }
    values.push_back(value);
    if (end == std::string_view::npos) return count;
    line.remove_prefix(end + 1);
  }
}

}  // namespace

template <class T>
TableOf<T> read_csv_as(const std::string& path, const CsvOptions& options) {
  const std::string text = read_text(path, options.max_bytes);
  TableOf<T> table;
  int64_t number = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const std::string_view line = trim(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    ++number;
    if (line.empty()) continue;
    const int64_t columns = read_row(line, options.separator, path, number, table.values);
    if (table.rows == 0) table.columns = columns;
    if (columns != table.columns) {
      throw Error("The file '", path, "', line ", number, ": the row has ", columns,
                  " numbers, expected ", table.columns, " as in the first.");
    }
    ++table.rows;
  }
  if (table.rows == 0) throw Error("The file '", path, "' holds no rows of numbers.");
  return table;
}

template TableOf<float> read_csv_as(const std::string&, const CsvOptions&);
template TableOf<double> read_csv_as(const std::string&, const CsvOptions&);
template TableOf<int32_t> read_csv_as(const std::string&, const CsvOptions&);
template TableOf<int64_t> read_csv_as(const std::string&, const CsvOptions&);

CsvTable read_csv(const std::string& path, const CsvOptions& options) {
  return read_csv_as<float>(path, options);
}

}  // namespace treadle
