#include "treadle/core/shape.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "treadle/tests/support/catch.h"

using namespace treadle;
using treadle::testing::require_error_matches;

TEST_CASE("a shape keeps its extents, inside the object and beyond", "[core]") {
  for (int ndim = 0; ndim <= 9; ++ndim) {
    std::vector<int64_t> dims;
    for (int axis = 0; axis < ndim; ++axis) dims.push_back(axis + 2);
    const Shape shape{std::span<const int64_t>(dims)};
    REQUIRE(shape.ndim() == ndim);
    REQUIRE(std::vector<int64_t>(shape.begin(), shape.end()) == dims);

    Shape copy = shape;
    REQUIRE(copy == shape);
    const Shape moved = std::move(copy);
    REQUIRE(moved == shape);
    REQUIRE(copy.ndim() == 0);  // NOLINT(bugprone-use-after-move): a moved-from shape is empty

    Shape assigned{7};
    assigned = shape;
    REQUIRE(assigned == shape);
    assigned = Shape{1, 2};
    REQUIRE(assigned == Shape{1, 2});
    if (ndim > 0) {
      Shape changed = shape;
      changed[ndim - 1] += 1;
      REQUIRE_FALSE(changed == shape);
      REQUIRE(shape.back() == ndim + 1);
    }
  }
  REQUIRE(Shape::filled(8, 3).elements() == 6561);
}

TEST_CASE("the number of elements is the product, or an error beyond 63 bits", "[core]") {
  REQUIRE(Shape{}.elements() == 1);
  REQUIRE(Shape{2, 3, 4}.elements() == 24);
  REQUIRE(Shape{2, 0, 4}.elements() == 0);
  REQUIRE(Shape{2, 3, 4}.elements(1, 3) == 12);
  REQUIRE(Shape{2, 3, 4}.elements(3, 3) == 1);
  const int64_t big = int64_t(1) << 32;
  REQUIRE(Shape{big, big / 4}.elements() == int64_t(1) << 62);
  require_error_matches([&] { (void)Shape{big, big}.elements(); },
                        "4294967296 times 4294967296 elements is larger than 63 bits");
}

TEST_CASE("known means at least one extent and none of them zero", "[core]") {
  REQUIRE_FALSE(Shape{}.is_known());
  REQUIRE_FALSE(Shape{0}.is_known());
  REQUIRE_FALSE(Shape{3, 0}.is_known());
  REQUIRE(Shape{3, 1}.is_known());
}

TEST_CASE("shapes print as Python tuples", "[core]") {
  REQUIRE(to_string(Shape{}) == "()");
  REQUIRE(to_string(Shape{5}) == "(5,)");
  REQUIRE(to_string(Shape{2, 3}) == "(2, 3)");
}
