// Tables of numbers in text files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace treadle {

// Numbers, row after row, equally many in each.
template <class T>
struct TableOf {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<T> values;

  const T* row(int64_t index) const { return values.data() + index * columns; }
};
using CsvTable = TableOf<float>;

struct CsvOptions {
  char separator = ',';
  // What a file may hold once decompressed: a compressed one can grow a thousandfold.
  int64_t max_bytes = int64_t(1) << 30;
};

// Reads a file of numbers, compressed with gzip or not. Empty lines are skipped. Throws Error with
// the file and the line for a file that cannot be read, text that is no number, rows of different
// length, and a file without rows.
CsvTable read_csv(const std::string& path, const CsvOptions& options = {});
// The same with numbers of another type: float, double, int32_t or int64_t.
template <class T>
TableOf<T> read_csv_as(const std::string& path, const CsvOptions& options = {});

}  // namespace treadle
