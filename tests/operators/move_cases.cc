// Cases of the operators that move elements, in operators/shape/.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "transpose", .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "transpose", .params = {{"axes", "(1, 0, 2)"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "transpose", .params = {{"axes", "(0, -1, 1, 2)"}}, .inputs = {{2, 3, 4, 5}}});
TREADLE_SWEEP({.op = "transpose", .inputs = {{300, 200}}, .is_large = true});
TREADLE_SWEEP({.op = "SwapAxis", .params = {{"dim1", "0"}, {"dim2", "2"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "SwapAxis", .params = {{"dim1", "1"}, {"dim2", "-1"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "expand_dims", .params = {{"axis", "1"}}, .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "expand_dims", .params = {{"axis", "-1"}}, .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "squeeze", .inputs = {{1, 2, 1, 3}}});
TREADLE_SWEEP({.op = "squeeze", .params = {{"axis", "(-2,)"}}, .inputs = {{1, 2, 1, 3}}});
TREADLE_SWEEP({.op = "squeeze", .inputs = {{1, 1}}});
TREADLE_SWEEP({.op = "slice",
               .params = {{"begin", "(1, None)"}, {"end", "(3, -1)"}},
               .inputs = {{4, 5}}});
TREADLE_SWEEP({.op = "slice",
               .params = {{"begin", "(None, 4)"}, {"end", "(None, 0)"}, {"step", "(2, -2)"}},
               .inputs = {{4, 5, 2}}});
TREADLE_SWEEP({.op = "slice_axis",
               .params = {{"axis", "1"}, {"begin", "1"}, {"end", "-1"}},
               .inputs = {{4, 5}}});
TREADLE_SWEEP({.op = "slice_axis",
               .params = {{"axis", "-2"}, {"begin", "-3"}, {"end", "None"}},
               .inputs = {{4, 5}}});
TREADLE_SWEEP({.op = "slice_like", .inputs = {{4, 5}, {2, 3}}});
TREADLE_SWEEP({.op = "slice_like", .params = {{"axes", "(-1,)"}}, .inputs = {{4, 5}, {9, 3}}});
TREADLE_SWEEP({.op = "_sum_like", .inputs = {{2, 3, 4}, {2, 1, 4}}});
TREADLE_SWEEP({.op = "_sum_like", .inputs = {{2, 3, 4}, {3, 1}}});
TREADLE_SWEEP({.op = "_slice_assign",
               .params = {{"begin", "(1, 0)"}, {"end", "(3, 4)"}, {"step", "(1, 2)"}},
               .inputs = {{4, 5}, {2, 2}}});
TREADLE_SWEEP({.op = "_slice_assign_scalar",
               .params = {{"scalar", "2.5"}, {"begin", "(1, None)"}, {"end", "(None, 3)"}},
               .inputs = {{4, 5}}});
TREADLE_SWEEP({.op = "repeat", .params = {{"repeats", "2"}}, .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "repeat", .params = {{"repeats", "3"}, {"axis", "1"}}, .inputs = {{2, 3, 2}}});
TREADLE_SWEEP({.op = "tile", .params = {{"reps", "(2, 1, 3)"}}, .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "tile", .params = {{"reps", "(2,)"}}, .inputs = {{2, 3, 2}}});
TREADLE_SWEEP({.op = "reverse", .params = {{"axis", "(0, -1)"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "space_to_depth", .params = {{"block_size", "2"}}, .inputs = {{2, 3, 4, 6}}});
TREADLE_SWEEP({.op = "depth_to_space", .params = {{"block_size", "2"}}, .inputs = {{2, 12, 2, 3}}});
TREADLE_SWEEP({.op = "diag", .params = {{"k", "1"}}, .inputs = {{4}}});
TREADLE_SWEEP({.op = "diag", .params = {{"k", "-2"}}, .inputs = {{3}}});
TREADLE_SWEEP({.op = "diag", .params = {{"k", "-1"}}, .inputs = {{4, 5}}});
TREADLE_SWEEP({.op = "diag",
               .params = {{"axis1", "-1"}, {"axis2", "0"}, {"k", "1"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "shape_array", .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "size_array", .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "reshape_like", .inputs = {{2, 6}, {3, 4}}});
TREADLE_SWEEP({.op = "reshape_like",
               .params = {{"lhs_begin", "1"}, {"lhs_end", "2"}, {"rhs_begin", "-2"}},
               .inputs = {{2, 6, 2}, {9, 2, 3}}});
TREADLE_SWEEP({.op = "stack", .params = {{"num_args", "2"}}, .inputs = {{2, 3}, {2, 3}}});
TREADLE_SWEEP({.op = "stack",
               .params = {{"num_args", "3"}, {"axis", "-1"}},
               .inputs = {{2, 3}, {2, 3}, {2, 3}}});
TREADLE_SWEEP({.op = "SliceChannel", .params = {{"num_outputs", "3"}}, .inputs = {{2, 6}}});
TREADLE_SWEEP({.op = "SliceChannel",
               .params = {{"num_outputs", "3"}, {"squeeze_axis", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "SliceChannel",
               .params = {{"num_outputs", "2"}, {"axis", "0"}},
               .inputs = {{4, 3}}});
TREADLE_SWEEP({.op = "SliceChannel", .params = {{"num_outputs", "1"}}, .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "_split_v2", .params = {{"indices", "(0, 2, 5)"}}, .inputs = {{2, 7}}});
TREADLE_SWEEP({.op = "_split_v2", .params = {{"indices", "(1, 3)"}}, .inputs = {{2, 7}}});
TREADLE_SWEEP({.op = "_split_v2",
               .params = {{"indices", "()"}, {"sections", "3"}, {"axis", "0"}},
               .inputs = {{7, 2}}});
TREADLE_SWEEP({.op = "_split_v2",
               .params = {{"indices", "()"}, {"sections", "3"}, {"squeeze_axis", "True"}},
               .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "_rnn_param_concat",
               .params = {{"num_args", "2"}, {"dim", "0"}},
               .inputs = {{4}, {6}}});
TREADLE_SWEEP({.op = "Pad",
               .params = {{"mode", "constant"},
                          {"pad_width", "(0, 0, 0, 0, 1, 2, 3, 0)"},
                          {"constant_value", "0.5"}},
               .inputs = {{2, 2, 3, 4}}});
TREADLE_SWEEP({.op = "Pad",
               .params = {{"mode", "constant"}, {"pad_width", "(0, 0, 0, 0, 1, 2, 0, 1, 2, 2)"}},
               .inputs = {{1, 2, 3, 2, 4}}});
TREADLE_SWEEP({.op = "Pad",
               .params = {{"mode", "edge"},
                          {"pad_width", "(0, 0, 0, 0, 1, 2, 3, 0)"},
                          {"constant_value", "0.5"}},
               .inputs = {{2, 2, 3, 4}}});
TREADLE_SWEEP({.op = "Pad",
               .params = {{"mode", "edge"}, {"pad_width", "(0, 0, 0, 0, 1, 2, 0, 1, 2, 2)"}},
               .inputs = {{1, 2, 3, 2, 4}}});
TREADLE_SWEEP({.op = "Pad",
               .params = {{"mode", "reflect"},
                          {"pad_width", "(0, 0, 0, 0, 1, 2, 3, 0)"},
                          {"constant_value", "0.5"}},
               .inputs = {{2, 2, 3, 4}}});
TREADLE_SWEEP({.op = "Pad",
               .params = {{"mode", "reflect"}, {"pad_width", "(0, 0, 0, 0, 1, 2, 0, 1, 2, 2)"}},
               .inputs = {{1, 2, 3, 2, 4}}});

}  // namespace
}  // namespace treadle::testing
