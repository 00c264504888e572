#include "treadle/core/function_ref.h"

#include "treadle/tests/support/catch.h"

using namespace treadle;

namespace {

int twice(int x) { return 2 * x; }
int apply(FunctionRef<int(int)> f, int x) { return f(x); }

}  // namespace

TEST_CASE("a function reference calls functions, lambdas and const callables in place", "[core]") {
  REQUIRE(apply(twice, 4) == 8);
  int calls = 0;
  const auto count = [&calls](int x) { return ++calls + x; };
  REQUIRE(apply(count, 10) == 11);
  REQUIRE(apply(count, 10) == 12);
  auto stateful = [n = 0](int) mutable { return ++n; };
  apply(stateful, 0);
  REQUIRE(apply(stateful, 0) == 2);  // the same object, not a copy
}
