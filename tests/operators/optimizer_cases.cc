// Sweep cases: update operators.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

const ParamText usual{
    {"lr", "0.1"}, {"wd", "0.1"}, {"rescale_grad", "0.5"}, {"clip_gradient", "0.3"}};
ParamText with(ParamText params) {
  params.insert(usual.begin(), usual.end());
  return params;
}
// Averages of squares.
const std::map<std::string, Values> squares{{"var", range(0.1, 1)}, {"n", range(1, 2)}};

TREADLE_SWEEP({.op = "adam_update", .params = usual, .inputs = {{3, 4}}, .values = squares});
TREADLE_SWEEP({.op = "adam_update",
               .params = usual,
               .inputs = {{300, 400}},
               .values = squares,
               .is_large = true});
TREADLE_SWEEP({.op = "nag_mom_update", .params = with({{"momentum", "0.9"}}), .inputs = {{7}}});
TREADLE_SWEEP({.op = "mp_nag_mom_update", .params = with({{"momentum", "0.9"}}), .inputs = {{7}}});
TREADLE_SWEEP({.op = "mp_sgd_update", .params = usual, .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "mp_sgd_mom_update", .params = with({{"momentum", "0.9"}}), .inputs = {{7}}});
TREADLE_SWEEP({.op = "rmsprop_update",
               .params = with({{"clip_weights", "0.9"}}),
               .inputs = {{5, 2}},
               .values = squares});
TREADLE_SWEEP({.op = "rmspropalex_update",
               .params = with({{"gamma1", "0.9"}}),
               .inputs = {{5, 2}},
               .values = squares});
TREADLE_SWEEP({.op = "ftrl_update", .params = usual, .inputs = {{9}}, .values = squares});
TREADLE_SWEEP({.op = "ftml_update",
               .params = {{"lr", "0.1"}, {"t", "2"}, {"wd", "0.1"}, {"clip_grad", "0.5"}},
               .inputs = {{9}},
               .values = {{"v", range(0.1, 1)}, {"d", range(1, 2)}}});
TREADLE_SWEEP({.op = "signsgd_update", .params = usual, .inputs = {{9}}});
TREADLE_SWEEP({.op = "signum_update",
               .params = with({{"momentum", "0.5"}, {"wd_lh", "0.01"}}),
               .inputs = {{9}}});

// Two weights at once, and one.
const std::map<std::string, Values> squares_of_two{{"var_0", range(0.1, 1)},
                                                   {"var_1", range(0.1, 1)}};
const ParamText two{{"lrs", "(0.1, 0.2)"},
                    {"wds", "(0.1, 0)"},
                    {"num_weights", "2"},
                    {"momentum", "0.9"},
                    {"clip_gradient", "0.3"}};
ParamText without(ParamText params, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) params.erase(key);
  return params;
}

TREADLE_SWEEP({.op = "multi_sgd_update",
               .params = without(two, {"momentum"}),
               .inputs = {{3, 4}, {3, 4}, {5}}});
TREADLE_SWEEP({.op = "multi_sgd_update",
               .params = {{"lrs", "(0.1,)"}, {"wds", "(0,)"}},
               .inputs = {{3}}});
TREADLE_SWEEP({.op = "multi_sgd_mom_update", .params = two, .inputs = {{3, 4}, {3, 4}, {5}}});
TREADLE_SWEEP({.op = "multi_mp_sgd_update",
               .params = without(two, {"momentum"}),
               .inputs = {{3, 4}, {3, 4}, {5}}});
TREADLE_SWEEP({.op = "multi_mp_sgd_mom_update", .params = two, .inputs = {{3, 4}, {3, 4}, {5}}});
TREADLE_SWEEP({.op = "preloaded_multi_sgd_update",
               .params = without(two, {"momentum", "lrs", "wds"}),
               .inputs = {{3, 4}, {3, 4}, {5}}});
TREADLE_SWEEP({.op = "preloaded_multi_sgd_mom_update",
               .params = without(two, {"lrs", "wds"}),
               .inputs = {{3, 4}, {3, 4}, {5}}});
TREADLE_SWEEP({.op = "preloaded_multi_mp_sgd_update",
               .params = without(two, {"momentum", "lrs", "wds"}),
               .inputs = {{3, 4}, {3, 4}, {5}}});
TREADLE_SWEEP({.op = "preloaded_multi_mp_sgd_mom_update",
               .params = without(two, {"lrs", "wds"}),
               .inputs = {{3, 4}, {3, 4}, {5}}});

const ParamText adamw{{"lr", "0.1"}, {"eta", "0.5"}, {"wd", "0.1"}, {"clip_gradient", "0.3"}};
const ParamText adamw_of_two{
    {"lrs", "(0.1, 0.2)"}, {"wds", "(0.1, 0)"}, {"etas", "(1, 0.5)"}, {"num_weights", "2"}};
TREADLE_SWEEP({.op = "_adamw_update", .params = adamw, .inputs = {{3, 4}}, .values = squares});
TREADLE_SWEEP({.op = "_mp_adamw_update", .params = adamw, .inputs = {{3, 4}}, .values = squares});
TREADLE_SWEEP({.op = "_multi_adamw_update",
               .params = adamw_of_two,
               .inputs = {{3, 4}, {3, 4}, {5}},
               .values = squares_of_two});
TREADLE_SWEEP({.op = "_multi_mp_adamw_update",
               .params = adamw_of_two,
               .inputs = {{3, 4}, {3, 4}, {5}},
               .values = squares_of_two});

const ParamText lamb_of_two{{"learning_rates", "(0.1, 0.2)"},
                            {"wds", "(0.1, 0)"},
                            {"step_count", "(1, 2)"},
                            {"num_tensors", "2"},
                            {"upper_bound", "1"},
                            {"rescale_grad", "0.5"}};
TREADLE_SWEEP({.op = "_multi_lamb_update",
               .params = lamb_of_two,
               .inputs = {{3, 4}, {3, 4}, {5}},
               .values = squares_of_two});
TREADLE_SWEEP({.op = "_multi_lamb_update",
               .params = {{"learning_rates", "(0.1,)"}, {"wds", "(0.1,)"}, {"step_count", "(3,)"}},
               .inputs = {{300, 400}},
               .values = {{"var_0", range(0.1, 1)}},
               .is_large = true});
TREADLE_SWEEP({.op = "_multi_mp_lamb_update",
               .params = lamb_of_two,
               .inputs = {{3, 4}, {3, 4}, {5}},
               .values = squares_of_two});
TREADLE_SWEEP({.op = "mp_lamb_update_phase1",
               .params = {{"t", "2"}, {"wd", "0.1"}},
               .inputs = {{3, 4}},
               .values = squares});
TREADLE_SWEEP({.op = "mp_lamb_update_phase2",
               .params = {{"lr", "0.1"}, {"lower_bound", "0.5"}},
               .inputs = {{3, 4}},
               .values = {{"r1", range(0, 1)}, {"r2", range(0.5, 1)}}});
TREADLE_SWEEP({.op = "multi_lars",
               .params = {{"eta", "0.5"}, {"eps", "0.01"}},
               .inputs = {{6}},
               .values = {{"weights_sum_sq", range(0, 2)},
                          {"grads_sum_sq", range(-1, 2)},
                          {"wds", range(0, 1)}}});
TREADLE_SWEEP({.op = "multi_sum_sq", .params = {{"num_arrays", "2"}}, .inputs = {{3, 4}, {5}}});
TREADLE_SWEEP({.op = "multi_sum_sq",
               .params = {{"num_arrays", "1"}},
               .inputs = {{300, 400}},
               .is_large = true});
TREADLE_SWEEP({.op = "all_finite", .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "multi_all_finite", .params = {{"num_arrays", "2"}}, .inputs = {{3, 4}, {5}}});

}  // namespace
}  // namespace treadle::testing
