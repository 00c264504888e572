// Running the cases of the registry sweep (sweep.h).
#pragma once

#include <optional>
#include <random>

#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/operators/sweep.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {

// Each operator's cases are looked at on their own, so that a failure names its case.
template <class Body>
void for_each_case(const Body& body) {
  for (const SweepCase& each : sweep_cases()) {
    INFO(describe(each));
    body(each);
  }
}

HostArray filled(const TensorSpec& spec, const Values& values, std::mt19937_64& generator);
Values values_of(const SweepCase& each, const std::string& name, DType type);

struct Prepared {
  OpRunner runner;
  std::vector<HostArray> inputs, heads;
};
// The same numbers in every type, but for rounding.
Prepared prepare(const SweepCase& each, DType type);

std::vector<std::string> implementations(const OpRecord& op);

// Empty where the implementation refuses the arrays.
std::optional<NodeAnswer> try_node(const NodeProblem& problem, const RunOptions& options);

}  // namespace treadle::testing
