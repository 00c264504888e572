// Cases of the operators in operators/reduce/.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "sum", .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "sum", .params = {{"axis", "(1,)"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "sum",
               .params = {{"axis", "(0, 2)"}, {"keepdims", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "sum",
               .params = {{"axis", "(-1,)"}, {"exclude", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "sum", .params = {{"axis", "(0,)"}}, .inputs = {{5}}});
TREADLE_SWEEP({.op = "mean", .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "mean", .params = {{"axis", "(1,)"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "mean",
               .params = {{"axis", "(0, 2)"}, {"keepdims", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "mean",
               .params = {{"axis", "(-1,)"}, {"exclude", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "mean", .params = {{"axis", "(0,)"}}, .inputs = {{5}}});
TREADLE_SWEEP({.op = "prod", .inputs = {{2, 3, 4}}, .values = {{"data", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "prod",
               .params = {{"axis", "(1,)"}},
               .inputs = {{2, 3, 4}},
               .values = {{"data", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "prod",
               .params = {{"axis", "(0, 2)"}, {"keepdims", "True"}},
               .inputs = {{2, 3, 4}},
               .values = {{"data", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "prod",
               .params = {{"axis", "(-1,)"}, {"exclude", "True"}},
               .inputs = {{2, 3, 4}},
               .values = {{"data", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "prod",
               .params = {{"axis", "(0,)"}},
               .inputs = {{5}},
               .values = {{"data", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "nansum", .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "nansum", .params = {{"axis", "(1,)"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "nansum",
               .params = {{"axis", "(0, 2)"}, {"keepdims", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "nansum",
               .params = {{"axis", "(-1,)"}, {"exclude", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "nansum", .params = {{"axis", "(0,)"}}, .inputs = {{5}}});
TREADLE_SWEEP({.op = "nanprod", .inputs = {{2, 3, 4}}, .values = {{"data", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "nanprod",
               .params = {{"axis", "(1,)"}},
               .inputs = {{2, 3, 4}},
               .values = {{"data", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "nanprod",
               .params = {{"axis", "(0, 2)"}, {"keepdims", "True"}},
               .inputs = {{2, 3, 4}},
               .values = {{"data", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "nanprod",
               .params = {{"axis", "(-1,)"}, {"exclude", "True"}},
               .inputs = {{2, 3, 4}},
               .values = {{"data", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "nanprod",
               .params = {{"axis", "(0,)"}},
               .inputs = {{5}},
               .values = {{"data", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "max", .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "max", .params = {{"axis", "(1,)"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "max",
               .params = {{"axis", "(0, 2)"}, {"keepdims", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "max",
               .params = {{"axis", "(-1,)"}, {"exclude", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "max", .params = {{"axis", "(0,)"}}, .inputs = {{5}}});
TREADLE_SWEEP({.op = "min", .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "min", .params = {{"axis", "(1,)"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "min",
               .params = {{"axis", "(0, 2)"}, {"keepdims", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "min",
               .params = {{"axis", "(-1,)"}, {"exclude", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "min", .params = {{"axis", "(0,)"}}, .inputs = {{5}}});
TREADLE_SWEEP(
    {.op = "sum", .params = {{"axis", "(1,)"}}, .inputs = {{40, 30, 50}}, .is_large = true});
TREADLE_SWEEP({.op = "sum", .inputs = {{300, 1000}}, .is_large = true});
TREADLE_SWEEP(
    {.op = "sum", .params = {{"axis", "(0,)"}}, .inputs = {{3000, 40}}, .is_large = true});
TREADLE_SWEEP(
    {.op = "max", .params = {{"axis", "(1,)"}}, .inputs = {{70, 1100}}, .is_large = true});
TREADLE_SWEEP({.op = "norm", .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "norm", .params = {{"axis", "(1,)"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "norm",
               .params = {{"ord", "1"}, {"axis", "(0, 2)"}, {"keepdims", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "moments", .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "moments", .params = {{"axes", "(1,)"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "moments",
               .params = {{"axes", "(0, 2)"}, {"keepdims", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "argmax", .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "argmax", .params = {{"axis", "1"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "argmax",
               .params = {{"axis", "-1"}, {"keepdims", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "argmin", .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "argmin", .params = {{"axis", "1"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "argmin",
               .params = {{"axis", "-1"}, {"keepdims", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP(
    {.op = "argmax", .params = {{"axis", "1"}}, .inputs = {{100, 10, 80}}, .is_large = true});
TREADLE_SWEEP({.op = "argmax_channel", .inputs = {{4, 5}}});

TREADLE_SWEEP({.op = "_np_cumsum", .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_np_cumsum", .params = {{"axis", "-2"}}, .inputs = {{2, 3, 70}}});
TREADLE_SWEEP(
    {.op = "_np_cumsum", .params = {{"axis", "1"}}, .inputs = {{200, 30, 20}}, .is_large = true});

}  // namespace
}  // namespace treadle::testing
