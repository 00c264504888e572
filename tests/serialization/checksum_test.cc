#include "treadle/serialization/checksum.h"

#include "treadle/serialization/array_file.h"
#include "treadle/serialization/symbol_json.h"
#include "treadle/tests/serialization/data.h"
#include "treadle/tests/serialization/symbols.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

uint32_t sum_of(std::string_view text) {
  Checksum sum;
  sum.add(text);
  return sum.value();
}

Symbol small_symbol() {
  return make("FullyConnected", {Symbol::variable("data")}, {{"num_hidden", "3"}}, "fc");
}

}  // namespace

TEST_CASE("the checksum is CRC-32, however it is added up", "[serialization]") {
  CHECK(sum_of("") == 0);
  CHECK(sum_of("123456789") == 0xCBF43926);  // the check value of the catalogues
  const std::string text = "any text that is longer than two words of the machine";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    Checksum sum;
    sum.add(text.substr(0, cut));
    sum.add(text.substr(cut));
    REQUIRE(sum.value() == sum_of(text));
  }
  CHECK(to_hex(0xCBF43926) == "0xcbf43926");
}

TEST_CASE("any changed bit of a saved list of arrays is reported", "[serialization]") {
  const Warnings quiet;
  const ScratchFolder folder("checksum-params");
  const std::string path = folder / "a.params";
  const Array arrays[] = {Array::from(std::vector<float>{1, -2, 3}, {3}),
                          Array::from(std::vector<int32_t>{7}, {1})};
  const std::vector<std::string> names = {"arg:w", "aux:n"};
  save_arrays(path, arrays, names);
  const std::string good = read_file(path);
  // Other readers see MXNet's bytes and stop there.
  REQUIRE(good.substr(0, good.size() - 16) == arrays_to_bytes(arrays, names));
  REQUIRE(load_arrays(path).names == names);
  for (size_t at = 0; at < good.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      CAPTURE(at, bit);
      std::string damaged = good;
      damaged[at] = char(damaged[at] ^ (1 << bit));
      REQUIRE_THROWS_AS(arrays_from_bytes(damaged), Error);
    }
  }
  for (size_t length = good.size() - 15; length < good.size(); ++length)
    require_error_matches([&] { arrays_from_bytes(good.substr(0, length), "a.params"); },
                          "the checksum is incomplete: the file is cut short");
  std::string damaged = good;
  damaged[60] ^= 1;  // in the values
  require_error_matches([&] { arrays_from_bytes(damaged, "a.params"); },
                        {"a.params: byte ", "the checksum is 0x", "the bytes before it give 0x",
                         "changed after it was written"});
  // An older file of ours, or one of MXNet, has none.
  REQUIRE(arrays_from_bytes(good.substr(0, good.size() - 16)).names == names);
}

TEST_CASE("any changed bit of a saved symbol is reported", "[serialization]") {
  const Warnings quiet;
  const ScratchFolder folder("checksum-symbol");
  const std::string path = folder / "a-symbol.json";
  const Symbol symbol = small_symbol();
  symbol.save(path);
  const std::string good = read_file(path);
  REQUIRE(good.find("\"treadle_checksum\": [\"str\", \"0x") != std::string::npos);
  REQUIRE(to_json(Symbol::load(path)) == to_json(symbol));
  for (size_t at = 0; at < good.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      CAPTURE(at, bit);
      std::string damaged = good;
      damaged[at] = char(damaged[at] ^ (1 << bit));
      // A changed blank behind the last brace is none of the text.
      if (damaged == good) continue;
      REQUIRE_THROWS_AS(symbol_from_json(damaged), Error);
    }
  }
  std::string damaged = good;
  damaged.replace(damaged.find("\"fc\""), 4, "\"fd\"");
  write_file(path, damaged);
  require_error_matches(
      [&] { Symbol::load(path); },
      {"a-symbol.json: byte ", "the checksum is 0x", "changed after it was written",
       "take the attribute \"treadle_checksum\" out"});
  // What an editor leaves at the end is no damage; without its checksum a changed text is fine.
  REQUIRE(to_json(symbol_from_json(good + "\n")) == to_json(symbol));
  const size_t from = damaged.find(", \"treadle_checksum\"");
  damaged.erase(from, damaged.find("]}", from) + 1 - from);
  REQUIRE(symbol_from_json(damaged).name() == "fd");
  // A text that another program wrote anew carries the attribute along and is not held to it.
  std::string compact;
  for (const char c : good) {
    if (c != '\n') compact += c;
  }
  REQUIRE(to_json(symbol_from_json(compact)) == to_json(symbol));
}

}  // namespace treadle::testing
