// Cases of the operators in operators/indexing/ and ordering/.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "Embedding",
               .params = {{"input_dim", "4"}, {"output_dim", "5"}, {"dtype", "float64"}},
               .inputs = {{3, 2}},
               .values = {{"data", whole(-1, 6)}}});
TREADLE_SWEEP({.op = "Embedding",
               .params = {{"input_dim", "50"}, {"output_dim", "64"}},
               .inputs = {{3000}},
               .values = {{"data", whole(0, 50)}},
               .is_large = true});
TREADLE_SWEEP({.op = "take", .inputs = {{4, 3}, {2, 5}}, .values = {{"indices", whole(-1, 5)}}});
TREADLE_SWEEP({.op = "take",
               .params = {{"axis", "-2"}, {"mode", "wrap"}},
               .inputs = {{2, 4, 3}, {5}},
               .values = {{"indices", whole(-5, 9)}}});
TREADLE_SWEEP({.op = "take",
               .params = {{"axis", "1"}, {"mode", "raise"}},
               .inputs = {{2, 4}, {3}},
               .values = {{"indices", whole(0, 4)}}});
TREADLE_SWEEP({.op = "batch_take", .inputs = {{3, 4}, {3}}, .values = {{"indices", whole(0, 4)}}});
TREADLE_SWEEP({.op = "pick", .inputs = {{3, 4}, {3}}, .values = {{"index", whole(-1, 6)}}});
TREADLE_SWEEP({.op = "pick",
               .params = {{"axis", "1"}, {"keepdims", "True"}, {"mode", "wrap"}},
               .inputs = {{3, 4, 2}, {3, 2}},
               .values = {{"index", whole(-4, 8)}}});
TREADLE_SWEEP({.op = "pick",
               .params = {{"axis", "0"}},
               .inputs = {{3, 4}, {1, 4}},
               .values = {{"index", whole(0, 3)}}});
TREADLE_SWEEP({.op = "pick",
               .params = {{"axis", "0"}},
               .inputs = {{4}, {1}},
               .values = {{"index", whole(0, 4)}}});
TREADLE_SWEEP({.op = "fill_element_0index",
               .inputs = {{3, 4}, {3}, {3}},
               .values = {{"rhs", whole(0, 4)}}});
TREADLE_SWEEP({.op = "one_hot",
               .params = {{"depth", "4"}, {"on_value", "2"}, {"off_value", "-1"}},
               .inputs = {{2, 3}},
               .values = {{"indices", whole(-1, 5)}}});
TREADLE_SWEEP({.op = "gather_nd",
               .inputs = {{4, 3, 2}, {2, 5}},
               .values = {{"indices", whole(0, 3)}}});
TREADLE_SWEEP({.op = "gather_nd", .inputs = {{4}, {1, 6}}, .values = {{"indices", whole(0, 4)}}});
TREADLE_SWEEP({.op = "scatter_nd",
               .params = {{"shape", "(9, 2)"}},
               .inputs = {{3, 2}, {1, 3}},
               .values = {{"indices", whole(0, 9)}},
               .has_derivative = false});
TREADLE_SWEEP({.op = "_scatter_set_nd",
               .params = {{"shape", "(4, 3)"}},
               .inputs = {{4, 3}, {2}, {2, 2}},
               .values = {{"indices", whole(0, 3)}}});
TREADLE_SWEEP({.op = "_ravel_multi_index",
               .params = {{"shape", "(4, 3)"}},
               .inputs = {{2, 5}},
               .values = {{"data", whole(0, 3)}}});
TREADLE_SWEEP({.op = "_unravel_index",
               .params = {{"shape", "(4, 3)"}},
               .inputs = {{5}},
               .values = {{"data", whole(0, 12)}}});
TREADLE_SWEEP({.op = "_histogram",
               .params = {{"bin_cnt", "5"}, {"range", "(-0.8, 0.9)"}},
               .inputs = {{50}}});
TREADLE_SWEEP({.op = "_histogram",
               .inputs = {{20}, {2}},
               .values = {{"data", whole(0, 3)}, {"bins", whole(0, 2)}}});
TREADLE_SWEEP({.op = "_contrib_index_array", .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "_contrib_index_array",
               .params = {{"axes", "(2, -3)"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "_contrib_index_copy",
               .inputs = {{5, 2}, {2}, {2, 2}},
               .values = {{"index_vector", whole(0, 5)}}});
TREADLE_SWEEP({.op = "sort", .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "sort",
               .params = {{"axis", "1"}, {"is_ascend", "False"}},
               .inputs = {{3, 4, 2}}});
TREADLE_SWEEP({.op = "sort", .params = {{"axis", "None"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "argsort", .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "argsort",
               .params = {{"axis", "None"}, {"is_ascend", "False"}},
               .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "topk", .params = {{"k", "2"}, {"ret_typ", "both"}}, .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "topk",
               .params = {{"k", "3"}, {"axis", "1"}, {"ret_typ", "both"}, {"is_ascend", "True"}},
               .inputs = {{3, 4, 2}}});
TREADLE_SWEEP({.op = "topk", .params = {{"k", "2"}, {"ret_typ", "indices"}}, .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "topk",
               .params = {{"k", "3"}, {"axis", "1"}, {"ret_typ", "indices"}, {"is_ascend", "True"}},
               .inputs = {{3, 4, 2}}});
TREADLE_SWEEP({.op = "topk", .params = {{"k", "2"}, {"ret_typ", "mask"}}, .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "topk",
               .params = {{"k", "3"}, {"axis", "1"}, {"ret_typ", "mask"}, {"is_ascend", "True"}},
               .inputs = {{3, 4, 2}}});
TREADLE_SWEEP({.op = "topk", .params = {{"k", "2"}, {"ret_typ", "value"}}, .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "topk",
               .params = {{"k", "3"}, {"axis", "1"}, {"ret_typ", "value"}, {"is_ascend", "True"}},
               .inputs = {{3, 4, 2}}});
TREADLE_SWEEP({.op = "topk",
               .params = {{"k", "0"}, {"axis", "None"}, {"ret_typ", "value"}},
               .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "topk", .params = {{"k", "10"}}, .inputs = {{200, 300}}, .is_large = true});

}  // namespace
}  // namespace treadle::testing
