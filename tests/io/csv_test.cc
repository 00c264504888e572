#include "treadle/io/csv.h"

#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "treadle/tests/support/catch.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

std::string scratch(const std::string& name) {
  std::filesystem::create_directories(TREADLE_TEST_SCRATCH);
  return std::string(TREADLE_TEST_SCRATCH) + "/csv_" + name;
}

std::string write(const std::string& name, const std::string& text) {
  const std::string path = scratch(name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string write_compressed(const std::string& name, const std::string& text) {
  const std::string path = scratch(name);
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), unsigned(text.size()));
  gzclose(file);
  return path;
}

}  // namespace

TEST_CASE("numbers are read row by row", "[io]") {
  for (const std::string text : {"1,2.5,-3\n4,5e2,.5\n", "1,2.5,-3\r\n\r\n 4 , 5e2,.5"}) {
    const CsvTable table = read_csv(write("plain.csv", text));
    CHECK(table.rows == 2);
    CHECK(table.columns == 3);
    CHECK(table.values == std::vector<float>{1, 2.5, -3, 4, 500, 0.5});
    CHECK(table.row(1)[0] == 4);
  }
  CHECK(read_csv(write("tabs.csv", "1\t2\n"), {.separator = '\t'}).columns == 2);
}

TEST_CASE("whole numbers keep every digit", "[io]") {
  const std::string path = write("long.csv", "9007199254740993,-3\n");
  CHECK(read_csv_as<int64_t>(path).values == std::vector<int64_t>{9007199254740993, -3});
  CHECK(read_csv_as<double>(path).values == std::vector<double>{9007199254740992, -3});
  require_error_matches([&] { read_csv_as<int32_t>(path); },
                        {"column 1", "is no whole number that fits its type"});
  require_error_matches([] { read_csv_as<int64_t>(write("half.csv", "1.5\n")); },
                        {"'1.5' is no whole number"});
}

TEST_CASE("a compressed file gives the same numbers", "[io]") {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i) + ",7\n";
  const CsvTable table = read_csv(write_compressed("many.csv.gz", text));
  CHECK(table.rows == 20000);
  CHECK(table.row(19999)[0] == 19999);
}

TEST_CASE("damaged and odd files end in sentences", "[io][errors]") {
  require_error_matches([] { read_csv(scratch("nowhere.csv")); },
                        {"nowhere.csv", "cannot be opened", "No such file"});
  require_error_matches([] { read_csv(TREADLE_TEST_SCRATCH); }, "cannot be read");
  require_error_matches([] { read_csv(write("empty.csv", "\n\n")); }, "holds no rows of numbers");
  require_error_matches([] { read_csv(write("word.csv", "1,2\n3,four\n")); },
                        {"line 2, column 2", "'four' is no number"});
  require_error_matches([] { read_csv(write("hole.csv", "1,,2\n")); },
                        {"line 1, column 2", "'' is no number"});
  require_error_matches([] { read_csv(write("huge.csv", "1e999\n")); }, {"'1e999' is no number"});
  require_error_matches([] { read_csv(write("ragged.csv", "1,2\n3\n")); },
                        {"line 2", "1 numbers, expected 2"});
  require_error_matches(
      [] {
        read_csv(write_compressed("bomb.csv.gz", std::string(100000, '\n')), {.max_bytes = 1000});
      },
      {"more than 1000 bytes"});

  // Cut off at every length, a compressed file is refused; nothing is read as if it were all.
  const std::string whole = write_compressed("whole.csv.gz", "1,2\n3,4\n5,6\n");
  const auto size = std::filesystem::file_size(whole);
  for (size_t length = 3; length < size; ++length) {
    const std::string cut = scratch("cut.csv.gz");
    std::filesystem::copy_file(whole, cut, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(cut, length);
    INFO("cut to " << length << " bytes");
    CHECK_THROWS_AS(read_csv(cut), Error);
  }
}
