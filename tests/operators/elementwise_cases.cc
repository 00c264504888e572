// Cases of the operators in operators/elementwise/, activation/, random/ and optimizer/.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "elemwise_add", .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "elemwise_add", .inputs = {{1, 1}}});
TREADLE_SWEEP({.op = "elemwise_add", .inputs = {{3, 40000}}, .is_large = true});
TREADLE_SWEEP({.op = "elemwise_sub", .inputs = {{2, 1, 3}}});
TREADLE_SWEEP({.op = "elemwise_mul", .inputs = {{7}}});
TREADLE_SWEEP({.op = "elemwise_div", .inputs = {{3, 4}}, .values = {{"rhs", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_plus_scalar", .params = {{"scalar", "2.5"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_minus_scalar", .params = {{"scalar", "-3"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_rminus_scalar", .params = {{"scalar", "0.7"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_mul_scalar", .params = {{"scalar", "1.25"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_div_scalar", .params = {{"scalar", "3"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_rdiv_scalar",
               .params = {{"scalar", "1.5"}},
               .inputs = {{3, 4}},
               .values = {{"data", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "negative", .inputs = {{5}}});
TREADLE_SWEEP({.op = "_copy", .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "_CrossDeviceCopy", .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "BlockGrad", .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "zeros_like", .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "ones_like", .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "add_n", .params = {{"num_args", "1"}}, .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "add_n", .params = {{"num_args", "2"}}, .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "add_n", .params = {{"num_args", "3"}}, .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "add_n", .params = {{"num_args", "6"}}, .inputs = {{2, 3}}});

TREADLE_SWEEP({.op = "Activation", .params = {{"act_type", "relu"}}, .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "Activation", .params = {{"act_type", "sigmoid"}}, .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "Activation", .params = {{"act_type", "tanh"}}, .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "Activation", .params = {{"act_type", "softrelu"}}, .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "Activation", .params = {{"act_type", "softsign"}}, .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "Activation",
               .params = {{"act_type", "tanh"}},
               .inputs = {{2, 3, 4, 5}},
               .values = {{"data", range(-20, 20)}}});
TREADLE_SWEEP({.op = "Activation",
               .params = {{"act_type", "sigmoid"}},
               .inputs = {{70001}},
               .values = {{"data", range(-30, 30)}},
               .is_large = true});

TREADLE_SWEEP({.op = "Dropout", .inputs = {{4, 6}}});
TREADLE_SWEEP({.op = "Dropout", .params = {{"p", "0"}}, .inputs = {{4, 6}}});
TREADLE_SWEEP({.op = "Dropout",
               .params = {{"p", "0.3"}, {"axes", "(1, 2)"}},
               .inputs = {{4, 2, 3}}});
TREADLE_SWEEP(
    {.op = "Dropout", .params = {{"mode", "always"}}, .inputs = {{50001}}, .is_large = true});

TREADLE_SWEEP({.op = "sgd_update", .params = {{"lr", "0.1"}, {"wd", "0.01"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "sgd_update",
               .params = {{"lr", "0.1"}, {"rescale_grad", "2"}, {"clip_gradient", "0.5"}},
               .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "sgd_mom_update",
               .params = {{"lr", "0.1"}, {"wd", "0.01"}, {"momentum", "0.9"}},
               .inputs = {{3, 4}}});

}  // namespace
}  // namespace treadle::testing
