#include "treadle/core/dtype.h"

#include <vector>

#include "treadle/core/device.h"
#include "treadle/tests/support/catch.h"

using namespace treadle;
using treadle::testing::require_error_matches;

TEST_CASE("types have the flags, names and sizes of MXNet's files", "[core]") {
  struct Row {
    DType type;
    int flag;
    const char* name;
    size_t bytes;
    bool floating;
  };
  const std::vector<Row> rows = {
      {DType::f32, 0, "float32", 4, true},   {DType::f64, 1, "float64", 8, true},
      {DType::f16, 2, "float16", 2, true},   {DType::u8, 3, "uint8", 1, false},
      {DType::i32, 4, "int32", 4, false},    {DType::i8, 5, "int8", 1, false},
      {DType::i64, 6, "int64", 8, false},    {DType::boolean, 7, "bool", 1, false},
      {DType::bf16, 12, "bfloat16", 2, true}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    REQUIRE(int(row.type) == row.flag);
    REQUIRE(is_type_flag(row.flag));
    REQUIRE(to_string(row.type) == row.name);
    REQUIRE(dtype_from_name(row.name) == row.type);
    REQUIRE(size_of(row.type) == row.bytes);
    REQUIRE(is_floating(row.type) == row.floating);
  }
  REQUIRE(dtype_of<float> == DType::f32);
  REQUIRE(dtype_of<bf16> == DType::bf16);
  REQUIRE(dtype_of<bool> == DType::boolean);
  REQUIRE(dtype_of<char> == DType::unknown);
}

TEST_CASE("what is no type is refused", "[core]") {
  for (int flag : {-2, -1, 8, 11, 13, 1 << 20}) REQUIRE_FALSE(is_type_flag(flag));
  REQUIRE(size_of(DType::unknown) == 0);
  REQUIRE(to_string(DType::unknown) == "unknown");
  require_error_matches([] { dtype_from_name("float33"); },
                        {"'float33' is no element type", "float32", "bfloat16"});
  require_error_matches([] { dtype_from_name("unknown"); }, "'unknown' is no element type");
}

TEST_CASE("devices print as MXNet prints them, compare and hash", "[core]") {
  REQUIRE(to_string(cpu()) == "cpu(0)");
  REQUIRE(to_string(gpu(3)) == "gpu(3)");
  REQUIRE(concat(Device{DeviceKind::cpu_pinned, 1}) == "cpu_pinned(1)");
  REQUIRE(cpu(1) == cpu(1));
  REQUIRE_FALSE(cpu(1) == cpu(2));
  REQUIRE_FALSE(cpu(0) == gpu(0));
  REQUIRE(std::hash<Device>()(cpu(1)) != std::hash<Device>()(gpu(1)));
}
