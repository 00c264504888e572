// Cases of the operators on one array in operators/elementwise/.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "abs", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "square", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "sqrt", .inputs = {{3, 4}}, .values = {{"data", range(0.3, 4)}}});
TREADLE_SWEEP({.op = "rsqrt", .inputs = {{3, 4}}, .values = {{"data", range(0.3, 4)}}});
TREADLE_SWEEP({.op = "cbrt", .inputs = {{3, 4}}, .values = {{"data", range(0.2, 4)}}});
TREADLE_SWEEP({.op = "rcbrt", .inputs = {{3, 4}}, .values = {{"data", range(0.2, 4)}}});
TREADLE_SWEEP({.op = "exp", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "expm1", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "log", .inputs = {{3, 4}}, .values = {{"data", range(0.3, 4)}}});
TREADLE_SWEEP({.op = "log10", .inputs = {{3, 4}}, .values = {{"data", range(0.3, 4)}}});
TREADLE_SWEEP({.op = "log2", .inputs = {{3, 4}}, .values = {{"data", range(0.3, 4)}}});
TREADLE_SWEEP({.op = "log1p", .inputs = {{3, 4}}, .values = {{"data", range(-0.6, 4)}}});
TREADLE_SWEEP({.op = "sin", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "cos", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "tan", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "arcsin", .inputs = {{3, 4}}, .values = {{"data", range(-0.8, 0.8)}}});
TREADLE_SWEEP({.op = "arccos", .inputs = {{3, 4}}, .values = {{"data", range(-0.8, 0.8)}}});
TREADLE_SWEEP({.op = "arctan", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "sinh", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "cosh", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "tanh", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "arcsinh", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "arccosh", .inputs = {{3, 4}}, .values = {{"data", range(1.2, 4)}}});
TREADLE_SWEEP({.op = "arctanh", .inputs = {{3, 4}}, .values = {{"data", range(-0.8, 0.8)}}});
TREADLE_SWEEP({.op = "degrees", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "radians", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "gamma", .inputs = {{3, 4}}, .values = {{"data", range(0.4, 3)}}});
TREADLE_SWEEP({.op = "gammaln", .inputs = {{3, 4}}, .values = {{"data", range(0.4, 8)}}});
TREADLE_SWEEP({.op = "erf", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "erfinv", .inputs = {{3, 4}}, .values = {{"data", range(-0.9, 0.9)}}});
TREADLE_SWEEP({.op = "reciprocal", .inputs = {{3, 4}}, .values = {{"data", range(0.4, 3)}}});
TREADLE_SWEEP({.op = "sigmoid", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "softsign", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "relu", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "sign", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "round", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "rint", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "ceil", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "floor", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "trunc", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "fix", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "logical_not", .inputs = {{3, 4}}, .values = {{"data", range(-2, 2)}}});
TREADLE_SWEEP({.op = "gamma", .inputs = {{7}}, .values = {{"data", range(-3.9, -3.1)}}});
TREADLE_SWEEP({.op = "gammaln", .inputs = {{7}}, .values = {{"data", range(-3.8, -3.2)}}});
TREADLE_SWEEP({.op = "exp", .inputs = {{70001}}, .is_large = true});
TREADLE_SWEEP({.op = "clip", .params = {{"a_min", "-0.5"}, {"a_max", "0.5"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "Cast", .params = {{"dtype", "float64"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP(
    {.op = "Cast", .params = {{"dtype", "int32"}}, .inputs = {{3, 4}}, .has_derivative = false});
TREADLE_SWEEP({.op = "amp_cast", .params = {{"dtype", "float32"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "amp_multicast", .params = {{"num_outputs", "2"}}, .inputs = {{3, 4}, {2}}});
TREADLE_SWEEP({.op = "amp_multicast",
               .params = {{"num_outputs", "2"}, {"cast_narrow", "True"}},
               .inputs = {{3}, {2}}});
TREADLE_SWEEP({.op = "where", .inputs = {{3, 4}, {3, 4}}, .values = {{"condition", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "where", .inputs = {{3}, {3, 4}}, .values = {{"condition", whole(0, 2)}}});
TREADLE_SWEEP({.op = "where",
               .inputs = {{300, 200}, {300, 200}},
               .values = {{"condition", whole(0, 2)}},
               .is_large = true});
TREADLE_SWEEP({.op = "_grad_add", .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_identity_with_attr_like_rhs", .inputs = {{3, 4}}});

}  // namespace
}  // namespace treadle::testing
