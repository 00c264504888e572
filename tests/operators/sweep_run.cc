#include "treadle/tests/operators/sweep_run.h"

#include <cmath>

namespace treadle::testing {

HostArray filled(const TensorSpec& spec, const Values& values, std::mt19937_64& generator) {
  HostArray made(spec);
  std::uniform_real_distribution<double> numbers(values.low, values.high);
  const bool is_whole = values.whole || !is_floating(spec.type);
  for (int64_t i = 0; i < made.elements(); ++i) {
    const double number = numbers(generator);
    made.set(i, is_whole ? std::floor(number) : number);
  }
  return made;
}

Values values_of(const SweepCase& each, const std::string& name, DType type) {
  const auto it = each.values.find(name);
  if (it != each.values.end()) return it->second;
  return is_floating(type) ? range(-1, 1) : whole(0, 8);
}

Prepared prepare(const SweepCase& each, DType type) {
  OpRunner runner(each.op, each.params, each.inputs, type);
  std::mt19937_64 generator(20240607);
  std::vector<HostArray> inputs, heads;
  for (int i = 0; i < int(runner.input_names().size()); ++i) {
    const Values values = values_of(each, runner.input_names()[size_t(i)], type);
    inputs.push_back(filled(runner.input_spec(i), values, generator));
  }
  for (int i = 0; i < runner.num_outputs(); ++i) {
    heads.push_back(filled(runner.output_spec(i), range(-1, 1), generator));
    if (i >= runner.num_visible()) heads.back().fill(0);
  }
  return {std::move(runner), std::move(inputs), std::move(heads)};
}

std::vector<std::string> implementations(const OpRecord& op) {
  std::vector<std::string> names;
  for (const Implementation& each : op.attributes.get<Implementations<DeviceKind::cpu>>()->list) {
    names.push_back(each.name);
  }
  return names;
}

std::optional<NodeAnswer> try_node(const NodeProblem& problem, const RunOptions& options) {
  try {
    return run_node(problem, options);
  } catch (const Error& error) {
    if (std::string_view(error.what()).find("no implementation takes") == std::string_view::npos)
      throw;
    return {};
  }
}

}  // namespace treadle::testing
