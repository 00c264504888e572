#include "treadle/core/half.h"

#include <bit>
#include <cmath>
#include <limits>

#include "treadle/tests/support/catch.h"

using namespace treadle;

namespace {

template <class Half>
float value_of(uint32_t bits) {
  Half half;
  half.bits = uint16_t(bits);
  return float(half);
}

// Every pair of neighbours, with the point half way, which a float holds exactly, and the floats
// just beside it: together they fix the rounding of every float there is.
template <class Half>
void check_rounding(uint32_t infinity_bits) {
  for (uint32_t sign : {0u, 0x8000u}) {
    for (uint32_t bits = 0; bits + 1 < infinity_bits; ++bits) {
      const float low = value_of<Half>(sign | bits), high = value_of<Half>(sign | (bits + 1));
      const float middle = float((double(low) + double(high)) / 2);
      const uint32_t even = sign | (bits % 2 == 0 ? bits : bits + 1);
      if (Half(low).bits != (sign | bits) || Half(middle).bits != even ||
          Half(std::nextafter(middle, low)).bits != (sign | bits) ||
          Half(std::nextafter(middle, high)).bits != (sign | (bits + 1))) {
        FAIL("rounding between " << low << " and " << high << " is wrong");
      }
    }
  }
}

}  // namespace

TEST_CASE("binary16 rounds every float to the nearest, ties to even", "[core]") {
  check_rounding<f16>(0x7c00);
  REQUIRE(float(f16(65504.0f)) == 65504.0f);
  REQUIRE(float(f16(65519.996f)) == 65504.0f);  // the last float that does not reach infinity
  REQUIRE(std::isinf(float(f16(65520.0f))));
  REQUIRE(float(f16(1e30f)) == std::numeric_limits<float>::infinity());
  REQUIRE(float(f16(-1e30f)) == -std::numeric_limits<float>::infinity());
}

TEST_CASE("bfloat16 rounds every float to the nearest, ties to even", "[core]") {
  check_rounding<bf16>(0x7f80);
  REQUIRE(std::isinf(float(bf16(std::numeric_limits<float>::max()))));
}

TEST_CASE("halves keep zeros' signs, infinities and NaNs", "[core]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  REQUIRE(std::isnan(float(f16(nan))));
  REQUIRE(std::isnan(float(bf16(nan))));
  // A NaN whose payload lies in the bits that bfloat16 has not.
  REQUIRE(std::isnan(float(bf16(std::bit_cast<float>(0x7f800001u)))));
  REQUIRE(std::signbit(float(f16(-0.0f))));
  REQUIRE(std::signbit(float(bf16(-0.0f))));
  REQUIRE(f16(0.0f).bits == 0);
  REQUIRE(value_of<f16>(1) == std::ldexp(1.0f, -24));
  REQUIRE(value_of<f16>(0x3c00) == 1.0f);
  REQUIRE(value_of<bf16>(0x3f80) == 1.0f);
}
