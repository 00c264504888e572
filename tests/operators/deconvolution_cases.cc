// Sweep cases: Deconvolution, UpSampling, and the layers of old models.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "Deconvolution",
               .params = {{"kernel", "(3, 3)"}, {"num_filter", "2"}, {"no_bias", "False"}},
               .inputs = {{2, 3, 4, 3}}});
TREADLE_SWEEP({.op = "Deconvolution",
               .params = {{"kernel", "(3,)"},
                          {"num_filter", "2"},
                          {"stride", "(2,)"},
                          {"pad", "(1,)"},
                          {"adj", "(1,)"},
                          {"no_bias", "False"}},
               .inputs = {{2, 3, 5}}});
TREADLE_SWEEP({.op = "Deconvolution",
               .params = {{"kernel", "(2, 2, 3)"}, {"num_filter", "2"}, {"stride", "(2, 1, 2)"}},
               .inputs = {{1, 2, 2, 3, 2}}});
TREADLE_SWEEP({.op = "Deconvolution",
               .params = {{"kernel", "(4, 4)"},
                          {"num_filter", "4"},
                          {"num_group", "2"},
                          {"stride", "(2, 2)"},
                          {"target_shape", "(7, 6)"}},
               .inputs = {{1, 4, 3, 3}}});
TREADLE_SWEEP({.op = "Deconvolution",
               .params = {{"kernel", "(3, 2)"}, {"num_filter", "3"}, {"dilate", "(2, 2)"}},
               .inputs = {{1, 2, 4, 3}}});
TREADLE_SWEEP({.op = "Deconvolution",
               .params = {{"kernel", "(3, 2)"},
                          {"num_filter", "4"},
                          {"num_group", "2"},
                          {"no_bias", "False"},
                          {"layout", "NHWC"}},
               .inputs = {{2, 3, 3, 2}}});
TREADLE_SWEEP({.op = "Deconvolution",
               .params = {{"kernel", "(4, 4)"},
                          {"num_filter", "16"},
                          {"stride", "(2, 2)"},
                          {"pad", "(1, 1)"},
                          {"no_bias", "False"}},
               .inputs = {{4, 32, 14, 14}},
               .is_large = true,
               .tolerance = 5e-5});

TREADLE_SWEEP({.op = "UpSampling",
               .params = {{"scale", "2"}, {"sample_type", "nearest"}, {"num_args", "1"}},
               .inputs = {{2, 3, 2, 3}}});
TREADLE_SWEEP({.op = "UpSampling",
               .params = {{"scale", "3"}, {"sample_type", "nearest"}, {"num_args", "2"}},
               .inputs = {{2, 3, 2, 2}, {2, 1, 3, 3}}});
TREADLE_SWEEP({.op = "UpSampling",
               .params = {{"scale", "2"},
                          {"sample_type", "nearest"},
                          {"num_args", "2"},
                          {"multi_input_mode", "sum"}},
               .inputs = {{2, 3, 2, 2}, {2, 3, 1, 1}}});
TREADLE_SWEEP({.op = "UpSampling",
               .params = {{"scale", "3"},
                          {"sample_type", "bilinear"},
                          {"num_filter", "2"},
                          {"num_args", "2"}},
               .inputs = {{1, 2, 3, 2}}});
TREADLE_SWEEP({.op = "UpSampling",
               .params = {{"scale", "2"}, {"sample_type", "nearest"}, {"num_args", "1"}},
               .inputs = {{4, 16, 40, 41}},
               .is_large = true});

TREADLE_SWEEP({.op = "Convolution_v1",
               .params = {{"kernel", "(3, 2)"}, {"num_filter", "4"}},
               .inputs = {{2, 3, 5, 4}}});
TREADLE_SWEEP({.op = "BatchNorm_v1",
               .params = {{"fix_gamma", "False"}},
               .inputs = {{4, 3, 2, 2}},
               .values = {{"moving_var", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "Pooling_v1",
               .params = {{"kernel", "(3, 3)"}, {"stride", "(2, 2)"}, {"pad", "(1, 1)"}},
               .inputs = {{2, 2, 5, 4}}});
TREADLE_SWEEP({.op = "Pooling_v1",
               .params = {{"kernel", "(2, 3)"},
                          {"stride", "(2, 2)"},
                          {"pool_type", "avg"},
                          {"pooling_convention", "full"}},
               .inputs = {{2, 2, 5, 6}}});
TREADLE_SWEEP({.op = "Pooling_v1",
               .params = {{"pool_type", "sum"}, {"global_pool", "True"}},
               .inputs = {{2, 2, 5, 6}}});
TREADLE_SWEEP({.op = "Pooling_v1",
               .params = {{"kernel", "(2, 2)"}, {"stride", "(2, 2)"}},
               .inputs = {{8, 16, 40, 41}},
               .is_large = true});

}  // namespace
}  // namespace treadle::testing
