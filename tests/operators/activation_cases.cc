// Sweep cases: rectifiers with a slope, and softmax in its forms.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "LeakyReLU", .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "LeakyReLU",
               .params = {{"act_type", "elu"}, {"slope", "0.3"}},
               .inputs = {{2, 3, 2}}});
TREADLE_SWEEP({.op = "LeakyReLU",
               .params = {{"act_type", "elu"}, {"slope", "-0.5"}},
               .inputs = {{4, 5}}});
TREADLE_SWEEP({.op = "LeakyReLU", .params = {{"act_type", "selu"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "LeakyReLU", .params = {{"act_type", "gelu"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "LeakyReLU", .params = {{"act_type", "prelu"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "LeakyReLU", .params = {{"act_type", "prelu"}}, .inputs = {{4, 3}, {1}}});
TREADLE_SWEEP({.op = "LeakyReLU",
               .params = {{"act_type", "prelu"}},
               .inputs = {{2, 3, 2}, {2, 3}}});
TREADLE_SWEEP({.op = "LeakyReLU",
               .params = {{"act_type", "prelu"}},
               .inputs = {{2, 3, 2}, {2, 1}}});
TREADLE_SWEEP({.op = "LeakyReLU", .params = {{"act_type", "prelu"}}, .inputs = {{7}}});
TREADLE_SWEEP({.op = "LeakyReLU", .params = {{"act_type", "rrelu"}}, .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "LeakyReLU",
               .params = {{"act_type", "prelu"}},
               .inputs = {{9, 33, 70, 9}},
               .is_large = true});

TREADLE_SWEEP({.op = "hard_sigmoid", .inputs = {{4, 5}}});
TREADLE_SWEEP({.op = "hard_sigmoid",
               .params = {{"alpha", "1.5"}, {"beta", "0.25"}},
               .inputs = {{40}},
               .values = {{"data", range(0.5, 3)}}});

TREADLE_SWEEP({.op = "softmax", .inputs = {{3, 20}}});
TREADLE_SWEEP({.op = "softmax",
               .params = {{"axis", "1"}, {"temperature", "0.5"}},
               .inputs = {{2, 4, 19}}});
TREADLE_SWEEP({.op = "softmax",
               .params = {{"use_length", "True"}},
               .inputs = {{5, 6}},
               .values = {{"length", whole(0, 8)}}});
TREADLE_SWEEP({.op = "softmax",
               .params = {{"use_length", "True"}, {"axis", "0"}},
               .inputs = {{4, 3, 2}},
               .values = {{"length", whole(0, 5)}}});
TREADLE_SWEEP({.op = "softmax", .inputs = {{200, 333}}, .is_large = true});
TREADLE_SWEEP({.op = "log_softmax", .inputs = {{3, 33}}});
TREADLE_SWEEP({.op = "log_softmax",
               .params = {{"axis", "-2"}, {"temperature", "2"}},
               .inputs = {{2, 5, 18}}});
TREADLE_SWEEP(
    {.op = "log_softmax", .params = {{"axis", "0"}}, .inputs = {{30, 999}}, .is_large = true});
TREADLE_SWEEP({.op = "softmin", .inputs = {{3, 20}}});
TREADLE_SWEEP({.op = "softmin", .params = {{"axis", "0"}}, .inputs = {{3, 2, 2}}});
TREADLE_SWEEP({.op = "SoftmaxActivation", .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "SoftmaxActivation",
               .params = {{"mode", "channel"}},
               .inputs = {{2, 3, 2, 2}}});

}  // namespace
}  // namespace treadle::testing
