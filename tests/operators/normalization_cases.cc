// Sweep cases: normalizations.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "LayerNorm", .inputs = {{4, 21}}});
TREADLE_SWEEP({.op = "LayerNorm",
               .params = {{"axis", "0"}, {"eps", "0.001"}, {"output_mean_var", "True"}},
               .inputs = {{5, 2, 9}},
               .has_derivative = false});  // mean and deviation pass no gradient on
TREADLE_SWEEP({.op = "LayerNorm", .params = {{"axis", "1"}}, .inputs = {{2, 5, 3}}});
TREADLE_SWEEP({.op = "LayerNorm", .inputs = {{130, 700}}, .is_large = true, .tolerance = 5e-5});
TREADLE_SWEEP({.op = "GroupNorm", .params = {{"num_groups", "2"}}, .inputs = {{2, 4, 3}}});
TREADLE_SWEEP({.op = "GroupNorm",
               .params = {{"num_groups", "4"}},
               .inputs = {{8, 8, 40, 40}},
               .is_large = true,
               .tolerance = 5e-5});
TREADLE_SWEEP({.op = "InstanceNorm", .inputs = {{2, 3, 3, 2}}});
TREADLE_SWEEP({.op = "InstanceNorm", .params = {{"eps", "0.01"}}, .inputs = {{3, 2, 5}}});
TREADLE_SWEEP({.op = "L2Normalization", .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "L2Normalization",
               .params = {{"mode", "channel"}, {"eps", "0.1"}},
               .inputs = {{2, 3, 2, 2}}});
TREADLE_SWEEP({.op = "L2Normalization", .params = {{"mode", "spatial"}}, .inputs = {{2, 3, 5}}});
TREADLE_SWEEP({.op = "L2Normalization",
               .params = {{"mode", "channel"}},
               .inputs = {{8, 16, 30, 31}},
               .is_large = true});
TREADLE_SWEEP({.op = "LRN",
               .params = {{"nsize", "3"}, {"alpha", "0.5"}, {"knorm", "1"}},
               .inputs = {{2, 5, 2, 3}}});
TREADLE_SWEEP({.op = "LRN",
               .params = {{"nsize", "5"}, {"alpha", "0.1"}, {"beta", "0.5"}},
               .inputs = {{1, 4, 9, 8}}});
TREADLE_SWEEP(
    {.op = "LRN", .params = {{"nsize", "5"}}, .inputs = {{4, 32, 28, 28}}, .is_large = true});

}  // namespace
}  // namespace treadle::testing
