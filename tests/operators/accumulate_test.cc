// Implementations that cannot add to their outputs, behind the wrapper that can.
#include "treadle/operators/accumulate.h"

#include <cstring>

#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

// Writes 1, 2, 3 … to every output and poisons its scratch memory.
class Counting final : public Kernel {
 public:
  explicit Counting(const KernelQuery& query)
      : outputs_(query.outputs.begin(), query.outputs.end()) {
    for (Request request : query.requests) REQUIRE(request != Request::add);
    scratch_bytes_ = 100;
  }
  void run(const KernelRun& run) const override {
    std::memset(run.scratch, 0x55, scratch_bytes());
    for (size_t i = 0; i < outputs_.size(); ++i) {
      float* out = static_cast<float*>(run.outputs[i]);
      for (int64_t k = 0; out && k < outputs_[i].shape.elements(); ++k) out[k] = float(k + 1);
    }
  }

 private:
  std::vector<TensorSpec> outputs_;
};

Prepared prepare_counting(const KernelQuery& query) {
  if (query.outputs[0].type != DType::f32) return Prepared::refuse("only float32");
  return {std::make_unique<Counting>(query), {}};
}

OpRecord counting_op() {
  OpRecord op;
  op.name = "counting";
  op.attributes.edit<Implementations<DeviceKind::cpu>>().list.push_back(
      {"counting", &prepare_counting});
  return op;
}

}  // namespace

TEST_CASE("add is met by an implementation that only writes", "[operators][accumulate]") {
  const OpRecord op = counting_op();
  NodeProblem problem{&op, nullptr, "counting(c)", {}, {}};
  problem.outputs = {{Shape{5}, DType::f32}, {Shape{2, 2}, DType::f32}, {Shape{3}, DType::f32}};
  RunOptions options;
  options.requests = {Request::add, Request::write, Request::add};
  options.preset = 10;
  const NodeAnswer answer = run_node(problem, options);
  CHECK(answer.implementation == "counting");
  CHECK(numbers_of(answer.outputs[0]) == std::vector<double>{11, 12, 13, 14, 15});
  CHECK(numbers_of(answer.outputs[1]) == std::vector<double>{1, 2, 3, 4});
  CHECK(numbers_of(answer.outputs[2]) == std::vector<double>{11, 12, 13});
}

TEST_CASE("a refusal behind the wrapper keeps its reason", "[operators][accumulate]") {
  const OpRecord op = counting_op();
  NodeProblem problem{&op, nullptr, "counting(c)", {}, {{Shape{5}, DType::f64}}};
  RunOptions options;
  options.requests = {Request::add};
  require_error_matches(
      [&] { run_node(problem, options); },
      {"counting(c): no implementation takes these arrays", "counting: only float32"});
}

}  // namespace treadle::testing
