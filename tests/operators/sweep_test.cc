// What holds for every operator, checked on the cases they declare (sweep.h).
#include "treadle/tests/operators/sweep_run.h"

#include <cmath>
#include <set>

#include "treadle/device/pool.h"
#include "treadle/graph/op.h"
#include "treadle/graph/symbol.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

std::vector<NodeProblem> own_nodes(const SweepCase& each, DType type) {
  const Prepared given = prepare(each, type);
  if (given.runner.op().gradient_kind == GradientKind::none || !is_floating(type)) {
    return {given.runner.problem(given.inputs)};
  }
  RunOptions options;
  options.implementation = "reference";
  // What refuses the type has no node of it.
  if (!try_node(given.runner.problem(given.inputs), options)) return {};
  return given.runner.backward(given.inputs, given.heads, options).own_nodes;
}

void require_close(const HostArray& actual, const HostArray& expected, double tolerance) {
  const double found = difference(actual, expected);
  INFO("difference " << found << ", tolerance " << tolerance);
  REQUIRE(found <= tolerance);
}

void require_same_bits(const NodeAnswer& actual, const NodeAnswer& expected) {
  for (size_t i = 0; i < expected.outputs.size(); ++i) {
    INFO("output " << i);
    const bool has_same_bits = actual.outputs[i].has_same_bits(expected.outputs[i]);
    REQUIRE(has_same_bits);
  }
}

// Sum of head * output over the outputs whose head gradients count.
double weighted_sum(const std::vector<HostArray>& outputs, const std::vector<HostArray>& heads,
                    const std::vector<bool>& counts) {
  double sum = 0;
  for (size_t i = 0; i < outputs.size(); ++i) {
    for (int64_t k = 0; counts[i] && k < outputs[i].elements(); ++k) {
      sum += outputs[i].get(k) * heads[i].get(k);
    }
  }
  return sum;
}

void check_gradient(const SweepCase& each) {
  const Prepared given = prepare(each, DType::f64);
  const OpRunner& runner = given.runner;
  RunOptions options;
  options.implementation = "reference";
  const auto gradients = runner.backward(given.inputs, given.heads, options);
  const bool is_zero = runner.op().gradient_kind == GradientKind::zero;
  const double step = 1e-5;
  for (size_t i = 0; i < gradients.in_grads.size(); ++i) {
    INFO("gradient of " << runner.input_names()[i]);
    const HostArray& gradient = gradients.in_grads[i];
    if (values_of(each, runner.input_names()[i], DType::f64).whole || is_zero) {
      // A label has no direction to move in.
      for (double number : numbers_of(gradient)) REQUIRE(number == 0);
      continue;
    }
    std::vector<HostArray> moved = given.inputs;
    HostArray numeric(gradient.spec());
    for (int64_t k = 0; k < gradient.elements(); ++k) {
      const double x = given.inputs[i].get(k);
      const auto at = [&](double value) {
        moved[i].set(k, value);
        return weighted_sum(runner.forward(moved, options), given.heads, gradients.reads_head);
      };
      numeric.set(k, (at(x + step) - at(x - step)) / (2 * step));
      moved[i].set(k, x);
    }
    require_close(gradient, numeric, 1e-7);
  }
}

}  // namespace

TEST_CASE("every operator has a case in the sweep", "[operators][sweep]") {
  std::set<std::string> covered;
  for (const SweepCase& each : sweep_cases())
    covered.insert(OpRegistry::instance().get(each.op).name);
  for (const OpRecord* op : OpRegistry::instance().all()) {
    if (op->name == "_NoGradient") continue;  // its shape follows from what reads it
    INFO("add a TREADLE_SWEEP line for " << op->name);
    REQUIRE(covered.count(op->name) == 1);
  }
}

TEST_CASE("every operator, parameter and choice is documented", "[operators][sweep]") {
  for (const OpRecord* op : OpRegistry::instance().all()) {
    INFO(op->name);
    REQUIRE(op->doc.ends_with('.'));
    for (const ParamField& field : op->schema.fields()) {
      INFO(field.name);
      REQUIRE(field.doc.ends_with('.'));
    }
  }
}

TEST_CASE("parameters survive being printed and read", "[operators][sweep]") {
  for_each_case([](const SweepCase& each) {
    const OpRecord& op = OpRegistry::instance().get(each.op);
    const auto params = op.schema.parse(each.params, op.name);
    const auto printed = op.schema.print(params.get());
    const auto again = op.schema.parse(ParamText(printed.begin(), printed.end()), op.name);
    REQUIRE(op.schema.print(again.get()) == printed);
  });
}

TEST_CASE("a node survives being written to JSON and read", "[operators][sweep]") {
  for_each_case([](const SweepCase& each) {
    const OpRecord& op = OpRegistry::instance().get(each.op);
    std::vector<Symbol> inputs;
    const auto params = op.schema.parse(each.params, op.name);
    for (const std::string& name : op.inputs(params.get()))
      inputs.push_back(Symbol::variable(name));
    const Symbol symbol = compose(each.op, each.params, inputs, {}, "node");
    const Symbol again = Symbol::from_json(symbol.to_json());
    REQUIRE(again.to_json() == symbol.to_json());
    REQUIRE(again.attr_dict() == symbol.attr_dict());
    REQUIRE(again.list_inputs() == symbol.list_inputs());
    REQUIRE(again.list_outputs() == symbol.list_outputs());
  });
}

TEST_CASE("backward is the derivative of forward", "[operators][sweep]") {
  for_each_case([](const SweepCase& each) {
    const OpRecord& op = OpRegistry::instance().get(each.op);
    if (each.is_large || !each.has_derivative || op.gradient_kind == GradientKind::none) return;
    check_gradient(each);
  });
}

TEST_CASE("an operator without a gradient says so", "[operators][sweep]") {
  for_each_case([](const SweepCase& each) {
    const Prepared given = prepare(each, DType::f32);
    if (given.runner.op().gradient_kind != GradientKind::none || given.inputs.empty()) return;
    require_error_matches([&] { given.runner.backward(given.inputs, given.heads); }, "no gradient");
  });
}

TEST_CASE("every implementation agrees with the reference", "[operators][sweep]") {
  std::set<std::string> accepted, declared;
  for_each_case([&](const SweepCase& each) {
    for (const NodeProblem& problem : own_nodes(each, DType::f32)) {
      RunOptions options;
      options.implementation = "reference";
      const NodeAnswer expected = run_node(problem, options);
      for (const std::string& implementation : implementations(*problem.op)) {
        INFO(problem.who << " by " << implementation);
        declared.insert(problem.op->name + " by " + implementation);
        options.implementation = implementation;
        const auto answer = try_node(problem, options);
        if (!answer) continue;
        accepted.insert(problem.op->name + " by " + implementation);
        for (size_t i = 0; i < expected.outputs.size(); ++i) {
          require_close(answer->outputs[i], expected.outputs[i], each.tolerance);
        }
        for (size_t i = 0; i < expected.inputs.size(); ++i) {  // states
          require_close(answer->inputs[i], expected.inputs[i], each.tolerance);
        }
      }
    }
  });
  for (const std::string& each : declared) {
    INFO(each << " refused every case: the comparison says nothing about it");
    REQUIRE(accepted.count(each) == 1);
  }
}

TEST_CASE("outputs may lie where the operator says they may", "[operators][sweep]") {
  int num_checked = 0;
  for_each_case([&](const SweepCase& each) {
    for (const NodeProblem& problem : own_nodes(each, DType::f32)) {
      if (!problem.op->may_share) continue;
      for (const Share& share : problem.op->may_share(problem.params.get())) {
        for (const std::string& implementation : implementations(*problem.op)) {
          RunOptions options;
          options.implementation = implementation;
          const auto expected = try_node(problem, options);
          if (!expected) continue;
          INFO(problem.who << " by " << implementation << ": " << share.read.index << " under "
                           << share.written.index);
          options.share = share;
          require_same_bits(run_node(problem, options), *expected);
          ++num_checked;
        }
      }
    }
  });
  REQUIRE(num_checked > 0);
}

TEST_CASE("requests: add adds to what was there, null leaves the others as they are",
          "[operators][sweep]") {
  for_each_case([](const SweepCase& each) {
    if (each.is_large) return;
    for (DType type : {DType::f32, DType::f16}) {
      for (const NodeProblem& problem : own_nodes(each, type)) {
        for (const std::string& implementation : implementations(*problem.op)) {
          RunOptions options;
          options.implementation = implementation;
          const auto written = try_node(problem, options);
          if (!written) continue;
          INFO(problem.who << " by " << implementation << " in " << type);
          const size_t n = problem.outputs.size();
          for (size_t i = 0; i < n; ++i) {
            INFO("output " << i);
            options.preset = 2;
            options.requests.assign(n, Request::write);
            options.requests[i] = Request::add;
            NodeAnswer added = run_node(problem, options);
            HostArray expected = written->outputs[i];
            const bool adds = each.adds_first_gradient || !problem.op->forward || i > 0;
            for (int64_t k = 0; adds && k < expected.elements(); ++k)
              expected.set(k, expected.get(k) + 2);
            require_close(added.outputs[i], expected, type == DType::f16 ? 2e-3 : each.tolerance);
            added.outputs[i] = written->outputs[i];
            require_same_bits(added, *written);

            options.requests[i] = Request::null;
            NodeAnswer without = run_node(problem, options);
            without.outputs[i] = written->outputs[i];
            require_same_bits(without, *written);
          }
        }
      }
    }
  });
}

TEST_CASE("the number of threads does not change a bit", "[operators][sweep]") {
  const auto alone = make_thread_pool({.concurrency = 1, .kernel_width = 2});
  const auto together = make_thread_pool({.concurrency = 2, .kernel_width = 2});
  for_each_case([&](const SweepCase& each) {
    for (const NodeProblem& problem : own_nodes(each, DType::f32)) {
      for (const std::string& implementation : implementations(*problem.op)) {
        RunOptions options;
        options.implementation = implementation;
        options.pool = alone.get();
        const auto expected = try_node(problem, options);
        if (!expected) continue;
        INFO(problem.who << " by " << implementation);
        options.pool = together.get();
        require_same_bits(run_node(problem, options), *expected);
      }
    }
  });
}

TEST_CASE("narrow types follow the wide one", "[operators][sweep]") {
  for_each_case([](const SweepCase& each) {
    if (each.is_large) return;
    const Prepared wide = prepare(each, DType::f64);
    RunOptions options;
    options.implementation = "reference";
    const std::vector<HostArray> expected = wide.runner.forward(wide.inputs, options);
    for (const auto& [type, tolerance] :
         {std::pair{DType::f32, 1e-5}, {DType::f16, 1e-2}, {DType::bf16, 8e-2}}) {
      const Prepared narrow = prepare(each, type);
      for (const std::string& implementation : implementations(narrow.runner.op())) {
        options.implementation = implementation;
        const auto answer = try_node(narrow.runner.problem(narrow.inputs), options);
        if (!answer) continue;
        INFO(type << " by " << implementation);
        for (int i = 0; i < narrow.runner.num_visible(); ++i) {
          require_close(answer->outputs[size_t(i)], expected[size_t(i)],
                        std::max(tolerance, each.tolerance));
        }
      }
    }
  });
}

TEST_CASE("integers and booleans are computed or refused, never half done", "[operators][sweep]") {
  for_each_case([](const SweepCase& each) {
    if (each.is_large) return;
    for (DType type : {DType::u8, DType::i8, DType::i32, DType::i64, DType::boolean}) {
      const Prepared given = prepare(each, type);
      const auto answer = try_node(given.runner.problem(given.inputs), {});
      if (!answer) continue;
      INFO(type);
      // Poison is an error a second run would not repeat with other bytes before it.
      RunOptions adding;
      adding.requests.assign(answer->outputs.size(), Request::add);
      const NodeAnswer again = run_node(given.runner.problem(given.inputs), adding);
      require_same_bits(again, *answer);
    }
  });
}

}  // namespace treadle::testing
