// Cases of the operators in operators/nn/.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "FullyConnected", .params = {{"num_hidden", "3"}}, .inputs = {{4, 5}}});
TREADLE_SWEEP({.op = "FullyConnected",
               .params = {{"num_hidden", "17"}, {"no_bias", "True"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "FullyConnected",
               .params = {{"num_hidden", "5"}, {"flatten", "False"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "FullyConnected", .params = {{"num_hidden", "2"}}, .inputs = {{3}}});
TREADLE_SWEEP({.op = "FullyConnected", .params = {{"num_hidden", "1"}}, .inputs = {{1, 1}}});
TREADLE_SWEEP({.op = "FullyConnected",
               .params = {{"num_hidden", "500"}},
               .inputs = {{64, 800}},
               .is_large = true});
TREADLE_SWEEP({.op = "FullyConnected",
               .params = {{"num_hidden", "10"}},
               .inputs = {{1, 600}},
               .is_large = true});

TREADLE_SWEEP({.op = "Convolution",
               .params = {{"kernel", "(3, 2)"}, {"num_filter", "4"}},
               .inputs = {{2, 3, 5, 4}}});
TREADLE_SWEEP({.op = "Convolution",
               .params = {{"kernel", "(3,)"},
                          {"num_filter", "2"},
                          {"stride", "(2,)"},
                          {"dilate", "(2,)"},
                          {"pad", "(3,)"}},
               .inputs = {{2, 5, 7}}});
TREADLE_SWEEP({.op = "Convolution",
               .params = {{"kernel", "(2, 1, 3)"},
                          {"num_filter", "2"},
                          {"stride", "(1, 2, 2)"},
                          {"pad", "(1, 0, 1)"}},
               .inputs = {{1, 2, 3, 3, 4}}});
TREADLE_SWEEP({.op = "Convolution",
               .params = {{"kernel", "(2, 2)"},
                          {"num_filter", "6"},
                          {"num_group", "2"},
                          {"no_bias", "True"},
                          {"pad", "(1, 1)"}},
               .inputs = {{2, 4, 3, 3}}});
TREADLE_SWEEP({.op = "Convolution",
               .params = {{"kernel", "(3, 3)"}, {"num_filter", "3"}, {"num_group", "3"}},
               .inputs = {{1, 3, 4, 4}}});
TREADLE_SWEEP({.op = "Convolution",
               .params = {{"kernel", "(3, 2)"},
                          {"num_filter", "4"},
                          {"stride", "(2, 1)"},
                          {"layout", "NHWC"}},
               .inputs = {{2, 5, 4, 3}}});
TREADLE_SWEEP({.op = "Convolution",
               .params = {{"kernel", "(2, 2, 2)"},
                          {"num_filter", "4"},
                          {"num_group", "2"},
                          {"layout", "NDHWC"}},
               .inputs = {{1, 3, 2, 3, 4}}});
TREADLE_SWEEP({.op = "Convolution",
               .params = {{"kernel", "(1, 1)"}, {"num_filter", "1"}},
               .inputs = {{1, 1, 1, 1}}});
// LeNet's two layers at batch 16, channels in blocks of 16, and a kernel wider than its image.
TREADLE_SWEEP({.op = "Convolution",
               .params = {{"kernel", "(5, 5)"}, {"num_filter", "20"}},
               .inputs = {{16, 1, 28, 28}},
               .is_large = true,
               .tolerance = 2e-5});
TREADLE_SWEEP({.op = "Convolution",
               .params = {{"kernel", "(5, 5)"}, {"num_filter", "50"}},
               .inputs = {{16, 20, 12, 12}},
               .is_large = true,
               .tolerance = 2e-5});
TREADLE_SWEEP({.op = "Convolution",
               .params = {{"kernel", "(3, 3)"},
                          {"num_filter", "32"},
                          {"pad", "(1, 1)"},
                          {"stride", "(2, 2)"}},
               .inputs = {{4, 16, 15, 15}},
               .is_large = true,
               .tolerance = 2e-5});
TREADLE_SWEEP({.op = "Convolution",
               .params = {{"kernel", "(7,)"}, {"num_filter", "8"}, {"pad", "(3,)"}},
               .inputs = {{2, 3, 9001}},
               .is_large = true,
               .tolerance = 2e-5});

TREADLE_SWEEP({.op = "Pooling",
               .params = {{"kernel", "(2, 2)"}, {"stride", "(2, 2)"}},
               .inputs = {{2, 3, 5, 4}}});
TREADLE_SWEEP({.op = "Pooling",
               .params = {{"kernel", "(3, 3)"},
                          {"stride", "(2, 1)"},
                          {"pad", "(1, 1)"},
                          {"pooling_convention", "full"}},
               .inputs = {{1, 2, 6, 5}}});
TREADLE_SWEEP({.op = "Pooling",
               .params = {{"kernel", "(2,)"},
                          {"stride", "(2,)"},
                          {"pool_type", "avg"},
                          {"pooling_convention", "same"}},
               .inputs = {{2, 2, 5}}});
TREADLE_SWEEP({.op = "Pooling",
               .params = {{"kernel", "(3, 2)"},
                          {"pad", "(1, 1)"},
                          {"pool_type", "avg"},
                          {"stride", "(2, 2)"}},
               .inputs = {{2, 2, 5, 4}}});
TREADLE_SWEEP({.op = "Pooling",
               .params = {{"kernel", "(3, 2)"},
                          {"pad", "(1, 1)"},
                          {"pool_type", "avg"},
                          {"stride", "(2, 2)"},
                          {"count_include_pad", "False"},
                          {"pooling_convention", "full"},
                          {"layout", "NHWC"}},
               .inputs = {{2, 5, 4, 3}}});
TREADLE_SWEEP({.op = "Pooling",
               .params = {{"kernel", "(3, 3)"},
                          {"pool_type", "avg"},
                          {"stride", "(2, 2)"},
                          {"pooling_convention", "full"}},
               .inputs = {{1, 2, 6, 6}}});
TREADLE_SWEEP({.op = "Pooling",
               .params = {{"kernel", "(2, 2, 2)"}, {"pool_type", "sum"}, {"stride", "(1, 2, 2)"}},
               .inputs = {{1, 2, 3, 4, 4}}});
TREADLE_SWEEP({.op = "Pooling",
               .params = {{"kernel", "(2, 2)"}, {"pool_type", "lp"}, {"p_value", "1"}},
               .inputs = {{1, 2, 3, 3}}});
TREADLE_SWEEP({.op = "Pooling",
               .params = {{"kernel", "(2, 2)"}, {"pool_type", "lp"}, {"p_value", "2"}},
               .inputs = {{1, 2, 4, 3}}});
TREADLE_SWEEP(
    {.op = "Pooling",
     .params = {{"kernel", "(2,)"}, {"pool_type", "lp"}, {"p_value", "3"}, {"layout", "NWC"}},
     .inputs = {{2, 5, 2}},
     .values = {{"data", range(0.5, 1)}}});
TREADLE_SWEEP({.op = "Pooling",
               .params = {{"global_pool", "True"}, {"pool_type", "avg"}},
               .inputs = {{2, 3, 4, 5}}});
TREADLE_SWEEP({.op = "Pooling", .params = {{"global_pool", "True"}}, .inputs = {{2, 3, 4, 2, 3}}});
TREADLE_SWEEP({.op = "Pooling",
               .params = {{"kernel", "(2, 2)"}, {"stride", "(2, 2)"}},
               .inputs = {{16, 20, 24, 24}},
               .is_large = true});
TREADLE_SWEEP({.op = "Pooling",
               .params = {{"kernel", "(3, 3)"},
                          {"stride", "(2, 2)"},
                          {"pad", "(1, 1)"},
                          {"pool_type", "avg"}},
               .inputs = {{4, 32, 28, 28}},
               .is_large = true});

TREADLE_SWEEP({.op = "BatchNorm",
               .params = {{"fix_gamma", "False"}},
               .inputs = {{4, 3, 2, 2}},
               .values = {{"moving_var", range(0.5, 2)}}});
TREADLE_SWEEP(
    {.op = "BatchNorm",
     .params = {{"fix_gamma", "False"}, {"axis", "-1"}, {"eps", "1e-05"}, {"momentum", "0.5"}},
     .inputs = {{3, 4, 5}},
     .values = {{"moving_var", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "BatchNorm",
               .params = {{"fix_gamma", "False"}, {"use_global_stats", "True"}},
               .inputs = {{6, 5}},
               .values = {{"moving_var", range(0.5, 2)}}});
// A fixed gamma has no influence, so its gradient is 0 by definition and by difference.
TREADLE_SWEEP({.op = "BatchNorm",
               .params = {{"output_mean_var", "False"}},
               .inputs = {{4, 3, 5}},
               .values = {{"moving_var", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "BatchNorm",
               .params = {{"fix_gamma", "False"}},
               .inputs = {{16, 32, 14, 14}},
               .values = {{"moving_var", range(0.5, 2)}},
               .is_large = true});

}  // namespace
}  // namespace treadle::testing
