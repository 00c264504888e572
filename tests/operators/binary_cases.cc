// Cases of the operators on two arrays, broadcast or not, and on an array and a number.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "_maximum", .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "broadcast_maximum", .inputs = {{2, 1, 3}, {1, 4, 3}}});
TREADLE_SWEEP({.op = "broadcast_maximum", .inputs = {{3}, {2, 3}}});
TREADLE_SWEEP({.op = "_minimum", .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "broadcast_minimum", .inputs = {{2, 1, 3}, {1, 4, 3}}});
TREADLE_SWEEP({.op = "broadcast_minimum", .inputs = {{3}, {2, 3}}});
TREADLE_SWEEP({.op = "_power",
               .inputs = {{3, 4}},
               .values = {{"lhs", range(0.5, 3)}, {"rhs", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "broadcast_power",
               .inputs = {{2, 1, 3}, {1, 4, 3}},
               .values = {{"lhs", range(0.5, 3)}, {"rhs", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "broadcast_power",
               .inputs = {{3}, {2, 3}},
               .values = {{"lhs", range(0.5, 3)}, {"rhs", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_hypot",
               .inputs = {{3, 4}},
               .values = {{"lhs", range(0.5, 3)}, {"rhs", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "broadcast_hypot",
               .inputs = {{2, 1, 3}, {1, 4, 3}},
               .values = {{"lhs", range(0.5, 3)}, {"rhs", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "broadcast_hypot",
               .inputs = {{3}, {2, 3}},
               .values = {{"lhs", range(0.5, 3)}, {"rhs", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_mod",
               .inputs = {{3, 4}},
               .values = {{"lhs", range(3.2, 3.9)}, {"rhs", range(1.1, 1.5)}}});
TREADLE_SWEEP({.op = "broadcast_mod",
               .inputs = {{2, 1, 3}, {1, 4, 3}},
               .values = {{"lhs", range(3.2, 3.9)}, {"rhs", range(1.1, 1.5)}}});
TREADLE_SWEEP({.op = "broadcast_mod",
               .inputs = {{3}, {2, 3}},
               .values = {{"lhs", range(3.2, 3.9)}, {"rhs", range(1.1, 1.5)}}});
TREADLE_SWEEP({.op = "_equal",
               .inputs = {{3, 4}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "broadcast_equal",
               .inputs = {{2, 1, 3}, {1, 4, 1}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "_not_equal",
               .inputs = {{3, 4}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "broadcast_not_equal",
               .inputs = {{2, 1, 3}, {1, 4, 1}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "_greater",
               .inputs = {{3, 4}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "broadcast_greater",
               .inputs = {{2, 1, 3}, {1, 4, 1}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "_greater_equal",
               .inputs = {{3, 4}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "broadcast_greater_equal",
               .inputs = {{2, 1, 3}, {1, 4, 1}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "_lesser",
               .inputs = {{3, 4}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "broadcast_lesser",
               .inputs = {{2, 1, 3}, {1, 4, 1}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "_lesser_equal",
               .inputs = {{3, 4}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "broadcast_lesser_equal",
               .inputs = {{2, 1, 3}, {1, 4, 1}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "_logical_and",
               .inputs = {{3, 4}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "broadcast_logical_and",
               .inputs = {{2, 1, 3}, {1, 4, 1}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "_logical_or",
               .inputs = {{3, 4}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "broadcast_logical_or",
               .inputs = {{2, 1, 3}, {1, 4, 1}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "_logical_xor",
               .inputs = {{3, 4}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "broadcast_logical_xor",
               .inputs = {{2, 1, 3}, {1, 4, 1}},
               .values = {{"lhs", whole(-1, 2)}, {"rhs", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "_maximum_scalar", .params = {{"scalar", "0.2"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_minimum_scalar", .params = {{"scalar", "-0.1"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_power_scalar",
               .params = {{"scalar", "2.5"}},
               .inputs = {{3, 4}},
               .values = {{"data", range(0.4, 2)}}});
TREADLE_SWEEP({.op = "_hypot_scalar", .params = {{"scalar", "1.5"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_mod_scalar",
               .params = {{"scalar", "1.3"}},
               .inputs = {{3, 4}},
               .values = {{"data", range(2.7, 3.8)}}});
TREADLE_SWEEP({.op = "_rpower_scalar", .params = {{"scalar", "1.7"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_rmod_scalar",
               .params = {{"scalar", "3.6"}},
               .inputs = {{3, 4}},
               .values = {{"data", range(1.3, 1.7)}}});
TREADLE_SWEEP({.op = "_equal_scalar",
               .params = {{"scalar", "1"}},
               .inputs = {{3, 4}},
               .values = {{"data", whole(0, 3)}}});
TREADLE_SWEEP({.op = "_not_equal_scalar",
               .params = {{"scalar", "1"}},
               .inputs = {{3, 4}},
               .values = {{"data", whole(0, 3)}}});
TREADLE_SWEEP({.op = "_greater_scalar",
               .params = {{"scalar", "1"}},
               .inputs = {{3, 4}},
               .values = {{"data", whole(0, 3)}}});
TREADLE_SWEEP({.op = "_greater_equal_scalar",
               .params = {{"scalar", "1"}},
               .inputs = {{3, 4}},
               .values = {{"data", whole(0, 3)}}});
TREADLE_SWEEP({.op = "_lesser_scalar",
               .params = {{"scalar", "1"}},
               .inputs = {{3, 4}},
               .values = {{"data", whole(0, 3)}}});
TREADLE_SWEEP({.op = "_lesser_equal_scalar",
               .params = {{"scalar", "1"}},
               .inputs = {{3, 4}},
               .values = {{"data", whole(0, 3)}}});
TREADLE_SWEEP({.op = "_logical_and_scalar",
               .params = {{"scalar", "1"}},
               .inputs = {{3, 4}},
               .values = {{"data", whole(0, 3)}}});
TREADLE_SWEEP({.op = "_logical_or_scalar",
               .params = {{"scalar", "1"}},
               .inputs = {{3, 4}},
               .values = {{"data", whole(0, 3)}}});
TREADLE_SWEEP({.op = "_logical_xor_scalar",
               .params = {{"scalar", "1"}},
               .inputs = {{3, 4}},
               .values = {{"data", whole(0, 3)}}});
TREADLE_SWEEP({.op = "broadcast_add", .inputs = {{2, 1, 3}, {1, 4, 3}}});
TREADLE_SWEEP({.op = "broadcast_add", .inputs = {{2, 3}, {2, 3}}});
TREADLE_SWEEP({.op = "broadcast_add", .inputs = {{2, 3, 4}, {1}}});
TREADLE_SWEEP({.op = "broadcast_sub", .inputs = {{2, 1, 3}, {1, 4, 3}}});
TREADLE_SWEEP({.op = "broadcast_sub", .inputs = {{2, 3}, {2, 3}}});
TREADLE_SWEEP({.op = "broadcast_sub", .inputs = {{2, 3, 4}, {1}}});
TREADLE_SWEEP({.op = "broadcast_mul", .inputs = {{2, 1, 3}, {1, 4, 3}}});
TREADLE_SWEEP({.op = "broadcast_mul", .inputs = {{2, 3}, {2, 3}}});
TREADLE_SWEEP({.op = "broadcast_mul", .inputs = {{2, 3, 4}, {1}}});
TREADLE_SWEEP({.op = "broadcast_div",
               .inputs = {{2, 1, 3}, {1, 4, 3}},
               .values = {{"rhs", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "broadcast_div",
               .inputs = {{2, 3}, {2, 3}},
               .values = {{"rhs", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "broadcast_div",
               .inputs = {{2, 3, 4}, {1}},
               .values = {{"rhs", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "broadcast_mul", .inputs = {{300, 200}, {1, 200}}, .is_large = true});
TREADLE_SWEEP({.op = "broadcast_mul", .inputs = {{300, 200}, {300, 1}}, .is_large = true});
TREADLE_SWEEP({.op = "broadcast_to", .params = {{"shape", "(2, 4, 0)"}}, .inputs = {{2, 1, 3}}});
TREADLE_SWEEP({.op = "broadcast_axis",
               .params = {{"axis", "(0, 2)"}, {"size", "(2, 4)"}},
               .inputs = {{1, 3, 1}}});
TREADLE_SWEEP({.op = "broadcast_like", .inputs = {{2, 1}, {2, 4}}});
TREADLE_SWEEP({.op = "broadcast_like",
               .params = {{"lhs_axes", "(1,)"}, {"rhs_axes", "(-1,)"}},
               .inputs = {{2, 1}, {3, 5}}});
TREADLE_SWEEP({.op = "element_mask", .inputs = {{3, 2, 2}}, .values = {{"rhs", whole(0, 2)}}});

}  // namespace
}  // namespace treadle::testing
