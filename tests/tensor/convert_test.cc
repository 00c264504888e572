#include "treadle/tensor/convert.h"

#include <vector>

#include "treadle/core/half.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

const std::vector<DType> all_types = {DType::f32, DType::f64, DType::f16, DType::bf16,   DType::u8,
                                      DType::i8,  DType::i32, DType::i64, DType::boolean};

// `values` as `type` and back as double.
std::vector<double> through(DType type, const std::vector<double>& values) {
  std::vector<char> middle(values.size() * size_of(type));
  std::vector<double> back(values.size());
  convert(values.data(), DType::f64, middle.data(), type, int64_t(values.size()));
  convert(middle.data(), type, back.data(), DType::f64, int64_t(values.size()));
  return back;
}

}  // namespace

TEST_CASE("every type holds small whole numbers, by way of every other", "[tensor]") {
  const std::vector<double> values = {0, 1, 1, 0};
  for (DType a : all_types) {
    REQUIRE(through(a, values) == values);
    for (DType b : all_types) {
      CAPTURE(to_string(a), to_string(b));
      std::vector<char> first(4 * size_of(a)), second(4 * size_of(b));
      std::vector<double> back(4);
      convert(values.data(), DType::f64, first.data(), a, 4);
      convert(first.data(), a, second.data(), b, 4);
      convert(second.data(), b, back.data(), DType::f64, 4);
      REQUIRE(back == values);
    }
  }
}

TEST_CASE("floats become integers by truncation, anything bool by not zero", "[tensor]") {
  const std::vector<double> values = {2.9, -2.9, 0.5, 300};
  REQUIRE(through(DType::i32, values) == std::vector<double>{2, -2, 0, 300});
  REQUIRE(through(DType::i64, values) == std::vector<double>{2, -2, 0, 300});
  REQUIRE(through(DType::u8, {255, 300, -1}) == std::vector<double>{255, 44, 255});  // wraps
  REQUIRE(through(DType::boolean, {0.5, -3, 0}) == std::vector<double>{1, 1, 0});
  REQUIRE(through(DType::f16, {1.0 / 3, 1e6})[0] == double(float(f16(1.0f / 3))));
  REQUIRE(through(DType::bf16, {3.14159})[0] == 3.140625);
}

TEST_CASE("every type can be filled", "[tensor]") {
  for (DType type : all_types) {
    CAPTURE(to_string(type));
    std::vector<char> memory(5 * size_of(type), 'x');
    fill(memory.data(), type, 4, 1);
    std::vector<double> back(4);
    convert(memory.data(), type, back.data(), DType::f64, 4);
    REQUIRE(back == std::vector<double>(4, 1.0));
    REQUIRE(std::vector<char>(memory.end() - ptrdiff_t(size_of(type)), memory.end()) ==
            std::vector<char>(size_of(type), 'x'));  // nothing behind the end is written
  }
  require_error_matches<InternalError>([] { fill(nullptr, DType::unknown, 0, 0); }, "unknown type");
}

}  // namespace treadle::testing
