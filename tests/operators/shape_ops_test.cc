// Flatten, Reshape and Concat: the rules of their shapes, and what they refuse.
#include "treadle/graph/infer.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

// The output's shape, or what inference says against it.
std::string output_of(std::string_view op, const ParamText& params,
                      const std::vector<Shape>& inputs) {
  try {
    return to_string(OpRunner(op, params, inputs, DType::f32).output_spec(0).shape);
  } catch (const Error& error) {
    return error.what();
  }
}
std::string reshaped(const std::string& shape, const Shape& data, bool reverse = false) {
  return output_of("Reshape", {{"shape", shape}, {"reverse", reverse ? "True" : "False"}}, {data});
}

// Shapes of a symbol's arguments and outputs, as far as they follow.
std::pair<std::vector<Shape>, std::vector<Shape>> partial(const Symbol& symbol,
                                                          const ShapeMap& known) {
  const InferredShapes shapes = symbol.infer_shape(known, true);
  return {shapes.arguments, shapes.outputs};
}
Symbol apply(std::string_view op, const ParamText& params, std::vector<Symbol> inputs) {
  return compose(op, params, inputs, {}, "node");
}
const Symbol x = Symbol::variable("x"), y = Symbol::variable("y"), z = Symbol::variable("z");

}  // namespace

TEST_CASE("Reshape reads its codes", "[operators][shape]") {
  CHECK(reshaped("(6, 4)", {2, 3, 4}) == "(6, 4)");
  CHECK(reshaped("(-1,)", {2, 3, 4}) == "(24,)");
  CHECK(reshaped("(0, -1)", {2, 3, 4}) == "(2, 12)");
  CHECK(reshaped("(4, 0, 2)", {2, 3, 4}) == "(4, 3, 2)");
  CHECK(reshaped("(-2,)", {2, 3, 4}) == "(2, 3, 4)");
  CHECK(reshaped("(2, -2)", {2, 3, 4}) == "(2, 3, 4)");
  CHECK(reshaped("(-2, 1, 1)", {2, 3, 4}) == "(2, 3, 4, 1, 1)");
  CHECK(reshaped("(-3, 4)", {2, 3, 4}) == "(6, 4)");
  CHECK(reshaped("(-3, -3)", {2, 3, 4, 5}) == "(6, 20)");
  CHECK(reshaped("(0, -3)", {2, 3, 4}) == "(2, 12)");
  CHECK(reshaped("(-4, 1, 2, -2)", {2, 3, 4}) == "(1, 2, 3, 4)");
  CHECK(reshaped("(2, -4, -1, 3, -2)", {2, 3, 4}) == "(2, 1, 3, 4)");
  CHECK(reshaped("(-1, 0)", {10, 5, 4}) == "(40, 5)");
  CHECK(reshaped("(-1, 0)", {10, 5, 4}, true) == "(50, 4)");
  CHECK(reshaped("(-3, 0)", {2, 3, 4}, true) == "(6, 4)");
  CHECK(reshaped("(0, 2, -1, -4)", {3, 4}, true) == "(3, 2, 2)");
  CHECK(output_of("Reshape", {{"target_shape", "(0, 4)"}}, {{2, 3, 4}}) == "(6, 4)");
  CHECK(output_of("Reshape", {{"target_shape", "(9, 0)"}, {"keep_highest", "True"}}, {{2, 3, 4}}) ==
        "(2, 12)");
}

TEST_CASE("Reshape refuses codes that mean nothing", "[operators][shape]") {
  CHECK(reshaped("(0, 0, 0, 0)", {2, 3, 4}) ==
        "Reshape(node): shape (0, 0, 0, 0) uses more axes than data of shape (2, 3, 4) has.");
  CHECK(reshaped("(-1, -1)", {2, 3, 4}) == "Reshape(node): shape (-1, -1) has more than one -1.");
  CHECK(reshaped("(-5,)", {2, 3, 4}) ==
        "Reshape(node): shape (-5,) has the code -5; -4 is the lowest.");
  CHECK(reshaped("(-4, 2)", {2, 3, 4}) ==
        "Reshape(node): -4 in shape (-4, 2) is not followed by two extents.");
  CHECK(
      reshaped("(-4, -1, -1)", {2, 3, 4}) ==
      "Reshape(node): -4 in shape (-4, -1, -1) is followed by -1 and -1; two extents are expected, "
      "one of which may be -1.");
  CHECK(reshaped("(-4, 3, -1, 0, 0)", {2, 3, 4}) ==
        "Reshape(node): -4 in shape (-4, 3, -1, 0, 0) splits an axis of 2 into 3 and -1; data has "
        "shape (2, 3, 4).");
  CHECK(reshaped("(100, -1)", {2, 3, 4}) ==
        "Reshape(node): shape (100, -1) has more elements than data of shape (2, 3, 4).");
  CHECK(output_of("Reshape", {{"target_shape", "(0, 0)"}}, {{2, 3}}) ==
        "Reshape(node): target_shape (0, 0) has more than one 0 to fill.");
  CHECK(reshaped("(-4, 1, 2)", {2, 3, 4}, true) ==
        "Reshape(node): -4 in shape (-4, 1, 2) is not preceded by two extents.");
  require_error_matches(
      [] { OpRunner("Reshape", {{"shape", "(2,"}}, {{2}}, DType::f32); },
      {"Reshape(node): shape", "'(2,' lacks its closing bracket", "tuple of int"});
  require_error_matches(
      [] { OpRunner("Reshape", {{"target_shape", "(-1, 2)"}}, {{2}}, DType::f32); },
      {"target_shape is (-1, 2)", "at least 0"});
}

TEST_CASE("Reshape to another number of elements is refused before it runs", "[operators][shape]") {
  const OpRunner runner("Reshape", {{"shape", "(0, 0, 5)"}}, {{2, 3, 4}}, DType::f32);
  require_error_matches(
      [&] { runner.forward({HostArray({Shape{2, 3, 4}, DType::f32})}); },
      {"Reshape(node)", "from shape (2, 3, 4) (24 elements) it cannot make (2, 3, 5) (30)"});
}

TEST_CASE("Reshape infers both ways from what is partly known", "[operators][shape]") {
  const Symbol sum = apply("elemwise_add", {}, {apply("Reshape", {{"shape", "(-1, 4)"}}, {x}), y});
  CHECK(partial(sum, {{"x", {0, 3, 4}}}).second[0] == Shape{0, 4});
  CHECK(partial(sum, {{"x", {0, 3, 4}}, {"y", {6, 4}}}).first[0] == Shape{2, 3, 4});
  CHECK(partial(sum, {{"y", {6, 4}}}).first[0] == Shape{});
  const Symbol kept = apply("elemwise_add", {}, {apply("Reshape", {{"shape", "(0, -1)"}}, {x}), y});
  CHECK(partial(kept, {{"x", {2, 3, 4}}, {"y", {0, 0}}}).first[1] == Shape{2, 12});
}

TEST_CASE("Flatten keeps the first axis, both ways", "[operators][shape]") {
  CHECK(output_of("Flatten", {}, {{2, 3, 4}}) == "(2, 12)");
  CHECK(output_of("Flatten", {}, {{3}}) == "(3, 1)");
  const Symbol sum = apply("elemwise_add", {}, {apply("flatten", {}, {x}), y});
  CHECK(partial(sum, {{"x", {0, 3, 4}}, {"y", {2, 12}}}).first[0] == Shape{2, 3, 4});
}

TEST_CASE("Concat adds the extents of one axis", "[operators][shape]") {
  CHECK(output_of("Concat", {{"num_args", "2"}}, {{2, 3, 2}, {2, 1, 2}}) == "(2, 4, 2)");
  CHECK(output_of("concat", {{"num_args", "2"}, {"dim", "-1"}}, {{2, 3}, {2, 4}}) == "(2, 7)");
  const Symbol joined = apply("Concat", {}, {x, y});
  CHECK(partial(joined, {{"x", {0, 3}}, {"y", {2, 4}}}).first[0] == Shape{2, 3});
  CHECK(partial(joined, {{"x", {2, 3}}}).first[1] == Shape{2, 0});
  const Symbol sum = apply("elemwise_add", {}, {joined, z});
  CHECK(partial(sum, {{"x", {2, 3}}, {"z", {2, 7}}}).first[1] == Shape{2, 4});
}

TEST_CASE("Concat refuses what does not fit", "[operators][shape]") {
  CHECK(output_of("Concat", {{"num_args", "2"}, {"dim", "5"}}, {{2, 3}, {2, 3}}) ==
        "Concat(node): dim is 5, but arg0 has shape (2, 3); from -2 to 1 is expected.");
  require_error_matches(
      [] { OpRunner("Concat", {{"num_args", "2"}}, {{2, 3}, {3, 3}}, DType::f32); },
      {"Concat(node)", "arg1", "(3, 3)", "(2, 0)", "all arrays are equal except on axis 1"});
  require_error_matches(
      [] { OpRunner("Concat", {{"num_args", "2"}}, {{2, 3}, {2, 3, 1}}, DType::f32); },
      {"Concat(node)", "(2, 3, 1)"});
  require_error_matches([] { OpRunner("Concat", {{"num_args", "0"}}, {}, DType::f32); },
                        "num_args is 0; at least 1 is expected");
  require_error_matches([] { OpRunner("Concat", {}, {}, DType::f32); },
                        "num_args (int) is missing");
}

TEST_CASE("Concat moves numbers there and back", "[operators][shape]") {
  const OpRunner runner("Concat", {{"num_args", "2"}}, {{2, 1}, {2, 2}}, DType::f64);
  const std::vector<HostArray> inputs{make_array({2, 1}, {1, 2}), make_array({2, 2}, {3, 4, 5, 6})};
  CHECK(numbers_of(runner.forward(inputs)[0]) == std::vector<double>{1, 3, 4, 2, 5, 6});
  const auto back = runner.backward(inputs, {make_array({2, 3}, {1, 2, 3, 4, 5, 6})});
  CHECK(numbers_of(back.in_grads[0]) == std::vector<double>{1, 4});
  CHECK(numbers_of(back.in_grads[1]) == std::vector<double>{2, 3, 5, 6});
}

}  // namespace treadle::testing
