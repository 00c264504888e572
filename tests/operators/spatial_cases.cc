// Sweep cases: operators that read images at places of their own.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "Crop",
               .params = {{"num_args", "1"}, {"h_w", "(2, 3)"}, {"offset", "(1, 2)"}},
               .inputs = {{2, 2, 4, 6}}});
TREADLE_SWEEP({.op = "Crop",
               .params = {{"num_args", "2"}, {"center_crop", "True"}},
               .inputs = {{2, 2, 5, 6}, {1, 3, 2, 3}}});

// Some of the points lie outside of the images.
TREADLE_SWEEP({.op = "BilinearSampler",
               .inputs = {{2, 3, 4, 5}, {2, 2, 3, 4}},
               .values = {{"grid", range(-1.3, 1.3)}}});
TREADLE_SWEEP({.op = "BilinearSampler",
               .inputs = {{2, 8, 30, 31}, {2, 2, 33, 40}},
               .values = {{"grid", range(-1.3, 1.3)}},
               .is_large = true});
TREADLE_SWEEP({.op = "GridGenerator",
               .params = {{"transform_type", "affine"}, {"target_shape", "(3, 4)"}},
               .inputs = {{2, 6}}});
TREADLE_SWEEP({.op = "GridGenerator",
               .params = {{"transform_type", "warp"}},
               .inputs = {{2, 2, 3, 4}}});
TREADLE_SWEEP({.op = "SpatialTransformer",
               .params = {{"target_shape", "(3, 4)"},
                          {"transform_type", "affine"},
                          {"sampler_type", "bilinear"}},
               .inputs = {{2, 3, 5, 4}}});
TREADLE_SWEEP({.op = "SpatialTransformer",
               .params = {{"transform_type", "affine"}, {"sampler_type", "bilinear"}},
               .inputs = {{1, 2, 3, 3}}});

TREADLE_SWEEP({.op = "Correlation",
               .params = {{"pad_size", "1"}, {"max_displacement", "1"}},
               .inputs = {{2, 2, 3, 4}}});
TREADLE_SWEEP({.op = "Correlation",
               .params = {{"kernel_size", "3"},
                          {"max_displacement", "2"},
                          {"stride1", "2"},
                          {"stride2", "2"},
                          {"pad_size", "3"}},
               .inputs = {{1, 2, 5, 4}}});
TREADLE_SWEEP({.op = "Correlation",
               .params = {{"is_multiply", "False"}, {"pad_size", "1"}},
               .inputs = {{1, 2, 3, 3}}});

}  // namespace
}  // namespace treadle::testing
