// Arrays of more elements than 32 bits count.
#include <array>
#include <fstream>
#include <string>

#include "treadle/device/memory.h"
#include "treadle/executor/imperative.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

constexpr int64_t beyond = int64_t(1) << 32;
constexpr int64_t size = beyond + 8;

// Bytes that processes can still have; 0 where the system does not say.
int64_t available_memory() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  int64_t kilobytes = 0;
  while (file >> name >> kilobytes && std::getline(file, unit)) {
    if (name == "MemAvailable:") return kilobytes * 1024;
  }
  return 0;
}

Array call(const char* op, const ParamText& params, std::initializer_list<Array> inputs) {
  const std::vector<Array> arrays(inputs);
  return invoke(op, params, arrays)[0];
}

std::vector<uint8_t> bytes_of(const Array& array) { return array.to_vector<uint8_t>(); }

// Overwrites `array`.
void apply(const char* op, const ParamText& params, Array array) {
  const std::array arrays{array};
  invoke(op, params, arrays, {.outputs = arrays});
}

}  // namespace

TEST_CASE("operators reach the elements beyond 2^32", "[operators][slow]") {
  if (available_memory() < 3 * size) {
    WARN("not run: the memory does not hold three arrays of 4 GiB");
    return;
  }
  Array array = Array::full({size}, 3, DType::u8);
  // Elementwise, in place: the last elements too.
  apply("_plus_scalar", {{"scalar", "4"}}, array);
  const Array end = array.slice(beyond, size);
  CHECK(bytes_of(end) == std::vector<uint8_t>(8, 7));

  // Positions beyond 2^32 are told from the same ones modulo 2^32.
  array.slice(5, 6).fill(50);
  array.slice(beyond + 5, beyond + 6).fill(99);
  CHECK(bytes_of(array.slice(5, 6)) == std::vector<uint8_t>{50});
  CHECK(bytes_of(call("max", {}, {array})) == std::vector<uint8_t>{99});
  CHECK(bytes_of(call("slice_axis",
                      {{"axis", "0"}, {"begin", std::to_string(beyond + 4)}, {"end", "None"}},
                      {array})) == std::vector<uint8_t>{7, 99, 7, 7});
  const Array places = Array::from(std::vector<int64_t>{5, beyond + 5, size - 1}, {3});
  CHECK(bytes_of(call("take", {}, {array, places})) == std::vector<uint8_t>{50, 99, 7});
  const Array reversed = call("reverse", {{"axis", "0"}}, {array});
  CHECK(bytes_of(reversed.slice(0, 4)) == std::vector<uint8_t>{7, 7, 99, 7});
  CHECK(bytes_of(reversed.slice(size - 6, size - 5)) == std::vector<uint8_t>{50});
}

}  // namespace treadle::testing
