// Cases of the operators in operators/shape/ and operators/loss/.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "Flatten", .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "Flatten", .inputs = {{3}}});
TREADLE_SWEEP({.op = "Reshape", .params = {{"shape", "(0, -1)"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "Reshape", .params = {{"shape", "(-4, 1, 2, -2)"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "Reshape",
               .params = {{"target_shape", "(0, 12)"}, {"keep_highest", "True"}},
               .inputs = {{2, 3, 4}}});

TREADLE_SWEEP({.op = "Concat", .params = {{"num_args", "2"}}, .inputs = {{2, 3, 2}, {2, 1, 2}}});
TREADLE_SWEEP({.op = "Concat",
               .params = {{"num_args", "3"}, {"dim", "-1"}},
               .inputs = {{2, 3}, {2, 1}, {2, 5}}});
TREADLE_SWEEP({.op = "Concat", .params = {{"num_args", "1"}}, .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "Concat",
               .params = {{"num_args", "2"}, {"dim", "0"}},
               .inputs = {{30, 1000}, {70, 1000}},
               .is_large = true});

TREADLE_SWEEP({.op = "LinearRegressionOutput",
               .params = {{"grad_scale", "0.5"}},
               .inputs = {{4, 3}},
               .has_derivative = false});
TREADLE_SWEEP({.op = "SoftmaxOutput",
               .inputs = {{5, 4}},
               .values = {{"label", whole(0, 4)}},
               .has_derivative = false,
               .adds_first_gradient = false});
TREADLE_SWEEP({.op = "SoftmaxOutput",
               .params = {{"multi_output", "True"}, {"normalization", "valid"}},
               .inputs = {{2, 3, 2, 20}},
               .values = {{"label", whole(-1, 3)}},
               .has_derivative = false,
               .adds_first_gradient = false});
TREADLE_SWEEP({.op = "SoftmaxOutput",
               .params = {{"preserve_shape", "True"}, {"out_grad", "True"}},
               .inputs = {{2, 3, 37}},
               .values = {{"label", whole(0, 37)}},
               .has_derivative = false,
               .adds_first_gradient = false});
TREADLE_SWEEP({.op = "SoftmaxOutput",
               .inputs = {{600, 100}},
               .values = {{"label", whole(0, 100)}},
               .has_derivative = false,
               .adds_first_gradient = false,
               .is_large = true});
TREADLE_SWEEP({.op = "softmax_cross_entropy",
               .inputs = {{5, 4}},
               .values = {{"label", whole(0, 4)}}});

}  // namespace
}  // namespace treadle::testing
