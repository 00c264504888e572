// What the operators of networks refuse, and in which words: one line per refusal.
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

struct Refusal {
  std::string op;
  ParamText params;
  std::vector<Shape> inputs;
  std::vector<std::string_view> words;
};

void check(const std::vector<Refusal>& refusals) {
  for (const Refusal& each : refusals) {
    INFO(each.op << ": " << each.words.back());
    std::string said;
    try {
      OpRunner(each.op, each.params, each.inputs, DType::f32);
    } catch (const Error& error) {
      said = error.what();
    }
    CHECK(said.starts_with(each.op + "(node)"));
    for (std::string_view words : each.words) {
      INFO("said: " << said << "\nexpected: " << words);
      CHECK(said.find(words) != std::string::npos);
    }
  }
}

}  // namespace

TEST_CASE("refusals of rectifiers and softmax", "[operators][refusal]") {
  check({
      {"LeakyReLU",
       {{"act_type", "lrelu"}},
       {{2, 3}},
       {"act_type", "'lrelu' is none of its values"}},
      {"LeakyReLU", {{"act_type", "prelu"}}, {{2, 3}, {4}}, {"(4,)", "(3,)", "data is (2, 3)"}},
      {"LeakyReLU", {{"act_type", "prelu"}}, {{2, 3}, {2, 2}}, {"(2, 2)", "data is (2, 3)"}},
      {"LeakyReLU",
       {{"act_type", "rrelu"}, {"lower_bound", "0.5"}},
       {{2, 3}},
       {"lower_bound is 0.5", "may not be less"}},
      {"softmax", {{"axis", "2"}}, {{2, 3}}, {"axis is 2", "(2, 3)", "expected -2 to 1"}},
      {"softmax", {{"axis", "-3"}}, {{2, 3}}, {"axis is -3", "expected -2 to 1"}},
      {"softmax", {{"temperature", "0"}}, {{2, 3}}, {"temperature is 0"}},
      {"softmax", {{"use_length", "True"}}, {{2, 3}, {3}}, {"(3,)", "(2,)", "axis is -1"}},
      {"softmax", {{"dtype", "int32"}}, {{2, 3}}, {"dtype is int32", "float32, float64"}},
      {"log_softmax", {{"axis", "1"}}, {{3}}, {"axis is 1", "expected -1 to 0"}},
      {"log_softmax", {{"use_length", "True"}}, {{2, 3}}, {"only softmax takes lengths"}},
      {"softmin", {{"use_length", "True"}}, {{2, 3}}, {"only softmax takes lengths"}},
      {"SoftmaxActivation", {{"mode", "channel"}}, {{2, 3}}, {"(2, 3)", "at least 3 axes"}},
  });
}

TEST_CASE("refusals of normalizations", "[operators][refusal]") {
  check({
      {"LayerNorm", {{"axis", "2"}}, {{2, 3}}, {"axis is 2", "expected -2 to 1"}},
      {"LayerNorm", {}, {{2, 3}, {2}}, {"(2,)", "(3,)", "axis is -1"}},
      {"GroupNorm", {{"num_groups", "0"}}, {{2, 4, 3}}, {"num_groups is 0", "at least 1"}},
      {"GroupNorm", {{"num_groups", "3"}}, {{2, 4, 3}}, {"4 channels", "evenly"}},
      {"GroupNorm", {}, {{2, 4}}, {"(2, 4)", "at least 3 axes"}},
      {"InstanceNorm", {}, {{2, 4}}, {"(2, 4)", "at least 3 axes"}},
      {"InstanceNorm", {}, {{2, 4, 3}, {3}}, {"(3,)", "(4,)", "data is (2, 4, 3)"}},
      {"L2Normalization", {{"mode", "channel"}}, {{2, 4}}, {"at least 3 axes", "channel"}},
      {"L2Normalization", {}, {{4}}, {"at least 2 axes"}},
      {"L2Normalization", {{"eps", "-1"}}, {{2, 4}}, {"eps is -1", "at least 0"}},
      {"LRN", {{"nsize", "4"}}, {{2, 4, 3, 3}}, {"nsize is 4", "odd"}},
      {"LRN", {{"nsize", "0"}}, {{2, 4, 3, 3}}, {"nsize is 0", "at least 1"}},
      {"LRN", {{"nsize", "3"}}, {{2, 4, 3}}, {"(2, 4, 3)", "4 axes"}},
      {"LRN", {}, {{2, 4, 3, 3}}, {"nsize"}},
  });
}

TEST_CASE("refusals of losses and updates", "[operators][refusal]") {
  check({
      {"LogisticRegressionOutput", {}, {{4, 3}, {4}}, {"(4,)", "(4, 3)"}},
      {"MAERegressionOutput", {}, {{4, 3}, {12}}, {"(12,)", "(4, 3)"}},
      {"SVMOutput", {}, {{4}}, {"(4,)", "(sample, class)"}},
      {"SVMOutput", {}, {{4, 3}, {3}}, {"(3,)", "(4,)", "data is (4, 3)"}},
      {"MakeLoss", {{"normalization", "mean"}}, {{4}}, {"normalization", "'mean' is none"}},
      {"smooth_l1", {{"scalar", "0"}}, {{4}}, {"scalar is 0"}},
      {"IdentityAttachKLSparseReg", {}, {{4, 3, 2}}, {"(4, 3, 2)", "(sample, unit)"}},
      {"IdentityAttachKLSparseReg",
       {{"momentum", "2"}},
       {{4, 3}},
       {"momentum is 2", "between 0 and 1"}},
      {"CTCLoss", {}, {{6, 3}}, {"(6, 3)", "(step, sample, class)"}},
      {"CTCLoss", {}, {{6, 3, 5}, {3}}, {"(3,)", "(sample, position)"}},
      {"CTCLoss", {}, {{6, 3, 5}, {2, 2}}, {"(2, 2)", "data is (6, 3, 5)"}},
      {"CTCLoss", {}, {{2, 3, 5}, {3, 4}}, {"4 labels a sample", "only 2 steps"}},
      {"adam_update", {}, {{3}}, {"lr"}},
      {"adam_update", {{"lr", "1"}}, {{3}, {4}}, {"(4,)", "(3,)"}},
      {"ftrl_update", {{"lr", "0"}}, {{3}}, {"lr is 0", "above 0"}},
      {"ftml_update", {{"lr", "0.1"}, {"t", "0"}}, {{3}}, {"t is 0", "at least 1"}},
      {"ftml_update", {{"lr", "0.1"}, {"t", "1"}, {"beta1", "2"}}, {{3}}, {"beta1 is 2"}},
      {"mp_sgd_update", {{"lr", "0.1"}}, {{3}, {2}}, {"(2,)", "(3,)"}},
  });
}

}  // namespace treadle::testing
