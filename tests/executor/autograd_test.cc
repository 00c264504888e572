#include "treadle/executor/autograd.h"

#include <array>

#include "treadle/core/error.h"
#include "treadle/tests/support/catch.h"

namespace treadle {
namespace {

Array apply(std::string_view op, const ParamText& params, std::initializer_list<Array> inputs) {
  const std::vector<Array> arrays(inputs);
  return invoke(op, params, arrays)[0];
}

struct Marked {
  explicit Marked(double value, Request request = Request::write)
      : array(Array::full({3}, value)), gradient(Array::full({3}, 100)) {
    mark_variable(array, gradient, request);
  }
  Array array, gradient;
};

std::vector<float> all(float value) { return std::vector<float>(3, value); }

TEST_CASE("gradients of recorded calls are those of calculus", "[executor]") {
  Marked x(2), y(3);
  Array z;
  {
    const Recording on(true);
    // z = x * y + x * 5
    z = apply("elemwise_add", {},
              {apply("elemwise_mul", {}, {x.array, y.array}),
               apply("_mul_scalar", {{"scalar", "5"}}, {x.array})});
  }
  backward(std::array{z});
  REQUIRE(x.gradient.to_vector<float>() == all(8));
  REQUIRE(y.gradient.to_vector<float>() == all(2));
}

TEST_CASE("a request to add keeps what the gradient held", "[executor]") {
  Marked x(2, Request::add);
  const Recording on(true);
  const Array y = apply("elemwise_mul", {}, {x.array, x.array});
  const Array heads[] = {Array::full({3}, 10)};
  backward(std::array{y}, heads);
  REQUIRE(x.gradient.to_vector<float>() == all(140));
}

TEST_CASE("work outside of recording has no gradient", "[executor]") {
  Marked x(2);
  const Array y = apply("elemwise_mul", {}, {x.array, x.array});
  REQUIRE_THROWS_WITH(backward(std::array{y}), Catch::Contains("was not recorded"));
}

TEST_CASE("a tape is used up by backward unless it is retained", "[executor]") {
  Marked x(2);
  const Recording on(true);
  const Array y = apply("elemwise_mul", {}, {x.array, x.array});
  backward(std::array{y}, {}, true);
  backward(std::array{y});
  REQUIRE(x.gradient.to_vector<float>() == all(4));
  REQUIRE_THROWS_WITH(backward(std::array{y}), Catch::Contains("retain_graph"));
}

TEST_CASE("what a tape made that was given up is a constant", "[executor]") {
  Marked x(2), y(3);
  const Recording on(true);
  const Array state = apply("elemwise_mul", {}, {x.array, x.array});
  REQUIRE_FALSE(has_fresh_gradient(x.array));
  backward(std::array{state});
  REQUIRE(has_fresh_gradient(x.array));
  set_fresh_gradient(x.array, false);
  const Array z =
      apply("elemwise_mul", {}, {reshape_recorded(state, {3}), slice_recorded(y.array, 0, 3)});
  backward(std::array{z});
  REQUIRE(x.gradient.to_vector<float>() == all(4));
  REQUIRE(y.gradient.to_vector<float>() == all(4));
  REQUIRE(has_fresh_gradient(y.array));
  REQUIRE_FALSE(has_fresh_gradient(x.array));
  REQUIRE_THROWS_WITH(set_fresh_gradient(Array::zeros({1}), true),
                      Catch::Contains("not marked has no gradient"));
}

TEST_CASE("views and functions of the program are recorded", "[executor]") {
  Marked x(2);
  const Recording on(true);
  const Array part = slice_recorded(reshape_recorded(x.array, {3, 1}), 1, 2);
  Array tripled = Array::full({1, 1}, 6);
  record_function("triple", {&part, 1}, {&tripled, 1}, [](const std::vector<Array>& out_grads) {
    return std::vector<Array>{apply("_mul_scalar", {{"scalar", "3"}}, {out_grads[0]})};
  });
  backward(std::array{tripled});
  REQUIRE(x.gradient.to_vector<float>() == std::vector<float>{0, 3, 0});
}

TEST_CASE("gradients with respect to given variables leave marked ones alone", "[executor]") {
  Marked x(2);
  Array unrelated = Array::full({3}, 1);
  mark_variable(unrelated, Array::zeros({3}));
  const Recording on(true);
  const Array y = apply("elemwise_mul", {}, {x.array, x.array});
  const auto found = gradients_of(std::array{y}, std::array{x.array, unrelated});
  REQUIRE(found[0].to_vector<float>() == all(4));
  REQUIRE(found[1].to_vector<float>() == all(0));
  REQUIRE(x.gradient.to_vector<float>() == all(100));
}

TEST_CASE("Dropout's backward drops what forward dropped", "[executor]") {
  Array x = Array::full({1000}, 1), gradient = Array::zeros({1000});
  mark_variable(x, gradient);
  const Recording on(true);
  const Array y = invoke("Dropout", {}, {&x, 1}, {.mode = Mode::train})[0];
  backward(std::array{y});
  REQUIRE(gradient.to_vector<float>() == y.to_vector<float>());
}

TEST_CASE("a tape of 100,000 calls is taken apart without overflow", "[executor]") {
  Marked x(0);
  const Recording on(true);
  Array y = x.array;
  for (int i = 0; i < 100'000; ++i) y = apply("_plus_scalar", {{"scalar", "1"}}, {y});
  backward(std::array{y});
  REQUIRE(x.gradient.to_vector<float>() == all(1));
}

TEST_CASE("a gradient of another shape is refused when it is marked", "[executor]") {
  Array x = Array::zeros({3});
  REQUIRE_THROWS_WITH(mark_variable(x, Array::zeros({4})), Catch::Contains("must be alike"));
}

}  // namespace
}  // namespace treadle
