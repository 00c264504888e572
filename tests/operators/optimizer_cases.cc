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

}  // namespace
}  // namespace treadle::testing
