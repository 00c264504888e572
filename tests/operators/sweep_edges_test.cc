// What holds for every operator at the edges: axes of extent 1 and 0, and numbers at the ends of
// the line.
#include <cmath>
#include <limits>

#include "treadle/device/pool.h"
#include "treadle/graph/op.h"
#include "treadle/tests/operators/sweep_run.h"

namespace treadle::testing {
namespace {

// The case with extent `extent` on some axes of its first input, and the others left to follow; a
// shape of one axis may be a list of numbers as long as another's axis.
std::optional<Prepared> with_extent(const SweepCase& each, int axis, int64_t extent, DType type) {
  SweepCase changed = each;
  Shape& first = changed.inputs[0];
  for (int i = 0; i < first.ndim(); ++i) {
    if (axis < 0 || i == axis) first[i] = extent;
  }
  changed.inputs.resize(1);
  try {
    return prepare(changed, type);
  } catch (const Error&) {  // in a sentence: the operator does not take it
    return {};
  }
}

bool is_usable(const SweepCase& each) {
  return !each.is_large && !each.inputs.empty() && each.inputs[0].ndim() > 0;
}

// NaN, infinite with its sign, or a number.
int kind_of(double value) {
  return std::isnan(value) ? 2 : std::isinf(value) ? (value > 0 ? 1 : -1) : 0;
}

}  // namespace

TEST_CASE("axes of extent 1 are like others", "[operators][sweep]") {
  int num_checked = 0;
  for_each_case([&](const SweepCase& each) {
    if (!is_usable(each)) return;
    for (int axis = -1; axis < each.inputs[0].ndim(); ++axis) {
      INFO("axis " << axis << " (-1: all)");
      const auto wide = with_extent(each, axis, 1, DType::f64);
      const auto narrow = with_extent(each, axis, 1, DType::f32);
      if (!wide || !narrow) continue;
      RunOptions options;
      options.implementation = "reference";
      const auto expected = try_node(wide->runner.problem(wide->inputs), options);
      if (!expected) continue;
      for (const std::string& implementation : implementations(narrow->runner.op())) {
        options.implementation = implementation;
        const auto answer = try_node(narrow->runner.problem(narrow->inputs), options);
        if (!answer) continue;
        INFO("by " << implementation);
        for (int i = 0; i < narrow->runner.num_visible(); ++i) {
          const double found = difference(answer->outputs[size_t(i)], expected->outputs[size_t(i)]);
          INFO("difference " << found);
          REQUIRE(found <= std::max(1e-5, each.tolerance));
        }
        ++num_checked;
      }
    }
  });
  REQUIRE(num_checked > 500);
}

// An extent of 0 in a graph says that it is not known: it follows from others, or is asked for.
TEST_CASE("an empty input is completed or refused, never computed on", "[operators][sweep]") {
  int num_refused = 0;
  for_each_case([&](const SweepCase& each) {
    if (!is_usable(each)) return;
    for (int axis = 0; axis < each.inputs[0].ndim(); ++axis) {
      INFO("axis " << axis);
      const auto made = with_extent(each, axis, 0, DType::f32);
      if (!made) {
        ++num_refused;
        continue;
      }
      for (int i = 0; i < int(made->inputs.size()); ++i) {
        REQUIRE(made->inputs[size_t(i)].elements() > 0);
      }
    }
  });
  REQUIRE(num_refused > 500);
}

TEST_CASE("numbers at the ends of the line end as numbers do", "[operators][sweep]") {
  const double infinity = std::numeric_limits<double>::infinity();
  const double ends[] = {infinity, -infinity, std::nan(""), 1e-42, -1e-42, 3e38, -3e38, 0.0, -0.0};
  const auto alone = make_thread_pool({.concurrency = 1, .kernel_width = 2});
  const auto together = make_thread_pool({.concurrency = 2, .kernel_width = 2});
  for_each_case([&](const SweepCase& each) {
    if (each.is_large) return;
    Prepared given = prepare(each, DType::f32);
    // Numbers that are counts, classes or places stay what they are.
    for (size_t i = 0; i < given.inputs.size(); ++i) {
      if (values_of(each, given.runner.input_names()[i], DType::f32).whole) continue;
      for (int64_t k = 0; k < given.inputs[i].elements(); ++k) {
        if ((k + int64_t(i)) % 3 != 2) given.inputs[i].set(k, ends[size_t(k / 2 + int64_t(i)) % 9]);
      }
    }
    for (const std::string& implementation : implementations(given.runner.op())) {
      INFO("by " << implementation);
      RunOptions options;
      options.implementation = implementation;
      options.pool = alone.get();
      std::optional<NodeAnswer> expected;
      try {
        expected = try_node(given.runner.problem(given.inputs), options);
      } catch (const Error&) {  // such as a matrix without a factor
        continue;
      }
      if (!expected) continue;
      options.pool = together.get();
      const NodeAnswer again = run_node(given.runner.problem(given.inputs), options);
      for (size_t i = 0; i < again.outputs.size(); ++i) {
        INFO("output " << i);
        REQUIRE(again.outputs[i].has_same_bits(expected->outputs[i]));
      }
    }
  });
}

TEST_CASE("labels, counts and places out of range reach nothing outside", "[operators][sweep]") {
  const double wild[] = {-1, 1e30, std::nan(""), 7.5, -1e30, 1e9, 0, 255, -3};
  int num_checked = 0;
  for_each_case([&](const SweepCase& each) {
    Prepared given = prepare(each, DType::f32);
    bool has_any = false;
    for (size_t i = 0; i < given.inputs.size(); ++i) {
      if (!values_of(each, given.runner.input_names()[i], DType::f32).whole) continue;
      has_any = true;
      for (int64_t k = 0; k < given.inputs[i].elements(); ++k) {
        given.inputs[i].set(k, wild[size_t(k) % 9]);
      }
    }
    if (!has_any) return;
    ++num_checked;
    RunOptions options;
    options.implementation = "reference";
    try {  // run_node looks at the bytes around each array
      given.runner.forward(given.inputs, options);
      if (given.runner.op().gradient_kind == GradientKind::none) return;
      given.runner.backward(given.inputs, given.heads, options);
    } catch (const Error&) {  // in a sentence: index 7 is out of range
    }
  });
  REQUIRE(num_checked > 40);
}

// Where each element of the output depends on the same element of the inputs alone, float follows
// double to the ends of the line.
TEST_CASE("elementwise operators meet infinities and NaN as double does", "[operators][sweep]") {
  const double infinity = std::numeric_limits<double>::infinity();
  int num_checked = 0;
  for (const OpRecord* op : OpRegistry::instance().all()) {
    const auto params_of = [&]() -> const SweepCase* {
      for (const SweepCase& each : sweep_cases()) {
        if (each.op == op->name && !each.is_large) return &each;
      }
      return nullptr;
    };
    const SweepCase* const each = params_of();
    const bool is_unary = each && each->inputs.size() == 1 && op->may_share && each->params.empty();
    if (!is_unary) continue;
    const std::vector<double> numbers = {infinity, -infinity, std::nan(""), 0, 1, -1, 0.5, -0.5};
    const auto run = [&](DType type) -> std::optional<std::vector<double>> {
      const OpRunner runner(op->name, {}, {{int64_t(numbers.size())}}, type);
      if (runner.input_names().size() != 1 ||
          runner.output_spec(0).shape != Shape{int64_t(numbers.size())}) {
        return {};
      }
      return numbers_of(runner.forward({make_array({int64_t(numbers.size())}, numbers, type)})[0]);
    };
    INFO(op->name);
    try {
      const auto wide = run(DType::f64), narrow = run(DType::f32);
      if (!wide || !narrow) continue;
      for (size_t i = 0; i < numbers.size(); ++i) {
        INFO("of " << numbers[i] << ": " << (*narrow)[i] << " and " << (*wide)[i]);
        REQUIRE(kind_of((*narrow)[i]) == kind_of((*wide)[i]));
      }
      ++num_checked;
    } catch (const Error&) {  // of another shape or type
    }
  }
  REQUIRE(num_checked > 40);
}

}  // namespace treadle::testing
