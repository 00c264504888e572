// Sweep cases: losses. Most ignore the gradient that arrives, so backward is not the derivative of
// what forward gives.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "LogisticRegressionOutput", .inputs = {{4, 3}}, .has_derivative = false});
TREADLE_SWEEP({.op = "MAERegressionOutput",
               .params = {{"grad_scale", "0.25"}},
               .inputs = {{4, 1}},
               .has_derivative = false});
TREADLE_SWEEP({.op = "SVMOutput",
               .inputs = {{4, 3}},
               .values = {{"label", whole(0, 3)}},
               .has_derivative = false,
               .adds_first_gradient = false});
TREADLE_SWEEP({.op = "SVMOutput",
               .params = {{"use_linear", "True"}, {"margin", "0.5"}},
               .inputs = {{40, 900}},
               .values = {{"label", whole(0, 900)}},
               .has_derivative = false,
               .adds_first_gradient = false,
               .is_large = true});
TREADLE_SWEEP({.op = "MakeLoss",
               .params = {{"normalization", "valid"}, {"valid_thresh", "0.2"}},
               .inputs = {{4, 5}},
               .has_derivative = false});
TREADLE_SWEEP({.op = "MakeLoss",
               .params = {{"normalization", "batch"}, {"grad_scale", "3"}},
               .inputs = {{4, 5}},
               .has_derivative = false});
TREADLE_SWEEP({.op = "make_loss", .inputs = {{6}}, .has_derivative = false});
TREADLE_SWEEP({.op = "smooth_l1", .params = {{"scalar", "1.5"}}, .inputs = {{30}}});
TREADLE_SWEEP({.op = "smooth_l1", .inputs = {{7, 3}}, .values = {{"data", range(-3, 3)}}});
TREADLE_SWEEP({.op = "IdentityAttachKLSparseReg",
               .inputs = {{6, 4}},
               .values = {{"data", range(0.1, 0.9)}, {"moving_avg", range(0.2, 0.5)}},
               .has_derivative = false});
TREADLE_SWEEP({.op = "CTCLoss", .inputs = {{6, 3, 5}, {3, 3}}, .values = {{"label", whole(0, 5)}}});
TREADLE_SWEEP({.op = "CTCLoss",
               .params = {{"blank_label", "last"},
                          {"use_data_lengths", "True"},
                          {"use_label_lengths", "True"}},
               .inputs = {{8, 4, 6}, {4, 3}},
               .values = {{"label", whole(0, 5)},
                          {"data_lengths", whole(5, 9)},
                          {"label_lengths", whole(0, 4)}}});

}  // namespace
}  // namespace treadle::testing
