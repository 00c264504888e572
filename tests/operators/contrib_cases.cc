// Sweep cases: regions, boxes, resizing, deformable convolution, columns.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

// Images, and places in them; some regions reach past the edge, some images do not exist.
const std::map<std::string, Values> regions{{"rois", whole(-1, 6)}};

TREADLE_SWEEP({.op = "ROIPooling",
               .params = {{"pooled_size", "(2, 3)"}, {"spatial_scale", "1"}},
               .inputs = {{3, 2, 5, 6}, {4, 5}},
               .values = regions});
TREADLE_SWEEP({.op = "ROIPooling",
               .params = {{"pooled_size", "(3, 3)"}, {"spatial_scale", "0.5"}},
               .inputs = {{4, 16, 20, 20}, {30, 5}},
               .values = {{"rois", whole(0, 40)}},
               .is_large = true});
TREADLE_SWEEP(
    {.op = "_contrib_ROIAlign",
     .params = {{"pooled_size", "(2, 2)"}, {"spatial_scale", "0.5"}, {"sample_ratio", "2"}},
     .inputs = {{3, 2, 5, 6}, {4, 5}},
     .values = regions});
TREADLE_SWEEP({.op = "_contrib_ROIAlign",
               .params = {{"pooled_size", "(2, 2)"},
                          {"spatial_scale", "1"},
                          {"aligned", "True"},
                          {"position_sensitive", "True"}},
               .inputs = {{3, 8, 5, 6}, {4, 5}},
               .values = regions});
TREADLE_SWEEP(
    {.op = "_contrib_RROIAlign",
     .params = {{"pooled_size", "(2, 3)"}, {"spatial_scale", "0.5"}, {"sampling_ratio", "2"}},
     .inputs = {{3, 2, 5, 6}, {4, 6}},
     .values = regions});
TREADLE_SWEEP({.op = "_contrib_RROIAlign",
               .params = {{"pooled_size", "(2, 2)"}, {"spatial_scale", "1"}},
               .inputs = {{3, 2, 5, 6}, {4, 6}},
               .values = regions});
TREADLE_SWEEP({.op = "_contrib_PSROIPooling",
               .params = {{"spatial_scale", "0.5"},
                          {"output_dim", "2"},
                          {"pooled_size", "3"},
                          {"group_size", "2"}},
               .inputs = {{3, 8, 5, 6}, {4, 5}},
               .values = regions});
TREADLE_SWEEP({.op = "_contrib_quantize",
               .inputs = {{3, 4}},
               .values = {{"min_range", range(-2, -1)}, {"max_range", range(1, 2)}},
               .has_derivative = false});
TREADLE_SWEEP({.op = "_contrib_quantize",
               .params = {{"out_type", "int8"}},
               .inputs = {{3, 4}},
               .values = {{"min_range", range(-2, -1)}, {"max_range", range(1, 2)}},
               .has_derivative = false});
TREADLE_SWEEP(
    {.op = "_contrib_dequantize",
     .inputs = {{3, 4}},
     .values = {{"data", whole(0, 100)}, {"min_range", range(-2, -1)}, {"max_range", range(1, 2)}},
     .has_derivative = false});
TREADLE_SWEEP({.op = "_contrib_AdaptiveAvgPooling2D",
               .params = {{"output_size", "(2, 3)"}},
               .inputs = {{2, 2, 5, 4}}});
TREADLE_SWEEP({.op = "_contrib_AdaptiveAvgPooling2D",
               .params = {{"output_size", "(3,)"}},
               .inputs = {{2, 2, 2, 4}}});
TREADLE_SWEEP({.op = "_contrib_AdaptiveAvgPooling2D", .inputs = {{1, 2, 2, 3}}});
TREADLE_SWEEP({.op = "_contrib_BilinearResize2D",
               .params = {{"height", "5"}, {"width", "2"}},
               .inputs = {{2, 2, 3, 4}}});
TREADLE_SWEEP(
    {.op = "_contrib_BilinearResize2D",
     .params = {{"scale_height", "1.5"}, {"scale_width", "2"}, {"align_corners", "False"}},
     .inputs = {{1, 2, 4, 3}}});
TREADLE_SWEEP({.op = "_contrib_BilinearResize2D",
               .params = {{"mode", "like"}},
               .inputs = {{1, 2, 4, 3}, {1, 1, 2, 5}}});
TREADLE_SWEEP({.op = "_contrib_BilinearResize2D",
               .params = {{"mode", "to_odd_up"}},
               .inputs = {{1, 1, 4, 3}}});

TREADLE_SWEEP({.op = "_contrib_box_iou",
               .inputs = {{3, 4}, {2, 5, 4}},
               .values = {{"lhs", range(0, 4)}, {"rhs", range(0, 4)}}});
TREADLE_SWEEP({.op = "_contrib_box_iou",
               .params = {{"format", "center"}},
               .inputs = {{3, 4}, {5, 4}},
               .values = {{"lhs", range(0, 4)}, {"rhs", range(0, 4)}}});
TREADLE_SWEEP({.op = "_contrib_box_nms",
               .params = {{"id_index", "0"}, {"overlap_thresh", "0.2"}, {"background_id", "0"}},
               .inputs = {{2, 6, 6}},
               .values = {{"data", range(0.5, 3)}}});
TREADLE_SWEEP({.op = "_contrib_box_nms",
               .params = {{"coord_start", "1"},
                          {"score_index", "0"},
                          {"topk", "4"},
                          {"in_format", "center"},
                          {"out_format", "corner"}},
               .inputs = {{6, 5}},
               .values = {{"data", range(0.5, 3)}},
               .has_derivative = false});  // the conversion passes gradients on as they are
TREADLE_SWEEP({.op = "_contrib_MultiBoxPrior",
               .params = {{"sizes", "(0.5, 0.25)"}, {"ratios", "(1, 2, 0.5)"}, {"clip", "True"}},
               .inputs = {{1, 2, 3, 2}}});
TREADLE_SWEEP({.op = "_contrib_MultiBoxTarget",
               .params = {{"overlap_threshold", "0.1"}},
               .inputs = {{1, 9, 4}, {2, 2, 5}, {2, 3, 9}},
               .values = {{"anchor", range(0, 1)}, {"label", range(0, 1)}}});
TREADLE_SWEEP({.op = "_contrib_MultiBoxTarget",
               .params = {{"negative_mining_ratio", "2"}},
               .inputs = {{1, 9, 4}, {2, 2, 6}, {2, 3, 9}},
               .values = {{"anchor", range(0, 1)}, {"label", range(0, 1)}}});
TREADLE_SWEEP({.op = "_contrib_MultiBoxDetection",
               .params = {{"nms_topk", "3"}},
               .inputs = {{2, 3, 6}},
               .values = {{"cls_prob", range(0, 1)}, {"anchor", range(0, 1)}}});
const ParamText anchors{{"scales", "(2, 4)"},        {"ratios", "(0.5, 1)"},
                        {"feature_stride", "4"},     {"rpn_min_size", "1"},
                        {"rpn_pre_nms_top_n", "12"}, {"rpn_post_nms_top_n", "4"},
                        {"output_score", "True"}};
const std::map<std::string, Values> proposals{{"cls_prob", range(0, 1)},
                                              {"im_info", range(12, 16)}};
TREADLE_SWEEP({.op = "_contrib_Proposal",
               .params = anchors,
               .inputs = {{1, 8, 3, 4}},
               .values = proposals,
               .tolerance = 1e-4});
TREADLE_SWEEP({.op = "_contrib_MultiProposal",
               .params = anchors,
               .inputs = {{2, 8, 3, 3}},
               .values = proposals,
               .tolerance = 1e-4});

TREADLE_SWEEP(
    {.op = "_contrib_DeformableConvolution",
     .params = {{"kernel", "(3, 3)"}, {"num_filter", "4"}, {"pad", "(1, 1)"}, {"num_group", "2"}},
     .inputs = {{2, 4, 4, 5}},
     .values = {{"offset", range(-0.9, 0.9)}}});
TREADLE_SWEEP({.op = "_contrib_DeformableConvolution",
               .params = {{"kernel", "(2, 2)"},
                          {"num_filter", "2"},
                          {"stride", "(2, 1)"},
                          {"num_deformable_group", "2"},
                          {"no_bias", "True"}},
               .inputs = {{1, 2, 4, 4}},
               .values = {{"offset", range(-0.9, 0.9)}}});
TREADLE_SWEEP({.op = "_contrib_ModulatedDeformableConvolution",
               .params = {{"kernel", "(3, 3)"}, {"num_filter", "2"}, {"pad", "(1, 1)"}},
               .inputs = {{2, 2, 4, 4}},
               .values = {{"offset", range(-0.9, 0.9)}}});

TREADLE_SWEEP({.op = "_contrib_fft", .inputs = {{3, 8}}});
TREADLE_SWEEP({.op = "_contrib_fft", .inputs = {{2, 2, 5}}});
TREADLE_SWEEP({.op = "_contrib_ifft", .inputs = {{3, 16}}});
TREADLE_SWEEP({.op = "_contrib_ifft", .inputs = {{2, 6}}});
TREADLE_SWEEP({.op = "_contrib_fft", .inputs = {{60, 512}}, .is_large = true, .tolerance = 5e-5});
TREADLE_SWEEP({.op = "_contrib_count_sketch",
               .params = {{"out_dim", "3"}},
               .inputs = {{4, 6}},
               .values = {{"h", whole(0, 3)}, {"s", whole(-1, 2)}}});
TREADLE_SWEEP({.op = "_contrib_quadratic",
               .params = {{"a", "2"}, {"b", "-1"}, {"c", "0.5"}},
               .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_contrib_gradientmultiplier",
               .params = {{"scalar", "-2"}, {"is_int", "True"}},
               .inputs = {{3, 4}},
               .has_derivative = false});
TREADLE_SWEEP({.op = "CuDNNBatchNorm",
               .params = {{"fix_gamma", "False"}},
               .inputs = {{4, 3, 2}},
               .values = {{"moving_var", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "im2col",
               .params = {{"kernel", "(3, 2)"}, {"pad", "(1, 0)"}, {"stride", "(2, 1)"}},
               .inputs = {{2, 2, 5, 4}}});
TREADLE_SWEEP({.op = "im2col",
               .params = {{"kernel", "(2,)"}, {"dilate", "(2,)"}},
               .inputs = {{2, 2, 6}}});
TREADLE_SWEEP({.op = "col2im",
               .params = {{"kernel", "(3, 3)"}, {"output_size", "(4, 4)"}, {"pad", "(1, 1)"}},
               .inputs = {{2, 18, 16}}});
TREADLE_SWEEP({.op = "lamb_update_phase1",
               .params = {{"t", "2"}, {"wd", "0.1"}, {"clip_gradient", "0.5"}},
               .inputs = {{3, 4}},
               .values = {{"var", range(0.1, 1)}}});
TREADLE_SWEEP({.op = "lamb_update_phase2",
               .params = {{"lr", "0.1"}, {"upper_bound", "0.8"}},
               .inputs = {{3, 4}},
               .values = {{"r1", range(0.5, 2)}, {"r2", range(0.5, 2)}}});

TREADLE_SWEEP({.op = "_contrib_box_decode",
               .params = {{"std0", "0.5"}, {"std2", "2"}, {"clip", "0.7"}, {"format", "corner"}},
               .inputs = {{2, 5, 4}}});
TREADLE_SWEEP({.op = "_contrib_box_encode",
               .inputs = {{2, 5}, {2, 5}, {2, 5, 4}, {2, 3, 4}},
               .values = {
                   {"samples", range(0, 1)}, {"matches", whole(-1, 4)}, {"stds", range(0.5, 1)}}});
TREADLE_SWEEP({.op = "_contrib_bipartite_matching",
               .params = {{"threshold", "-0.5"}},
               .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "_contrib_bipartite_matching",
               .params = {{"threshold", "0.5"}, {"is_ascend", "True"}, {"topk", "1"}},
               .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_contrib_DeformablePSROIPooling",
               .params = {{"spatial_scale", "0.5"},
                          {"output_dim", "2"},
                          {"group_size", "2"},
                          {"pooled_size", "2"},
                          {"sample_per_part", "2"},
                          {"trans_std", "0.1"}},
               .inputs = {{2, 8, 5, 6}, {3, 5}, {3, 4, 2, 2}},
               .values = {{"rois", whole(0, 8)}}});
TREADLE_SWEEP({.op = "_contrib_DeformablePSROIPooling",
               .params = {{"spatial_scale", "1"},
                          {"output_dim", "2"},
                          {"group_size", "1"},
                          {"pooled_size", "3"},
                          {"no_trans", "True"}},
               .inputs = {{2, 2, 5, 6}, {3, 5}},
               .values = {{"rois", whole(0, 5)}}});
TREADLE_SWEEP({.op = "_contrib_div_sqrt_dim", .inputs = {{3, 5}}});
// Steps have no derivative; the identity's is given.
TREADLE_SWEEP({.op = "_contrib_round_ste", .inputs = {{3, 5}}, .has_derivative = false});
TREADLE_SWEEP({.op = "_contrib_sign_ste", .inputs = {{3, 5}}, .has_derivative = false});
TREADLE_SWEEP({.op = "_contrib_allclose", .params = {{"atol", "0.1"}}, .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "_contrib_allclose", .params = {{"atol", "10"}}, .inputs = {{3, 5}}});

TREADLE_SWEEP({.op = "_contrib_interleaved_matmul_selfatt_qk",
               .params = {{"heads", "2"}},
               .inputs = {{4, 2, 18}}});
TREADLE_SWEEP({.op = "_contrib_interleaved_matmul_selfatt_valatt",
               .params = {{"heads", "2"}},
               .inputs = {{4, 2, 18}}});
TREADLE_SWEEP({.op = "_contrib_interleaved_matmul_encdec_qk",
               .params = {{"heads", "2"}},
               .inputs = {{4, 2, 6}, {3, 2, 12}}});
TREADLE_SWEEP({.op = "_contrib_interleaved_matmul_encdec_valatt",
               .params = {{"heads", "2"}},
               .inputs = {{3, 2, 12}, {4, 4, 3}}});
TREADLE_SWEEP({.op = "_contrib_interleaved_matmul_selfatt_qk",
               .params = {{"heads", "4"}},
               .inputs = {{100, 8, 384}},
               .is_large = true});
TREADLE_SWEEP({.op = "_contrib_SyncBatchNorm",
               .params = {{"fix_gamma", "False"}, {"output_mean_var", "True"}},
               .inputs = {{4, 3, 2}},
               .values = {{"moving_var", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_image_normalize",
               .params = {{"mean", "(0.1, 0.2, -0.3)"}, {"std", "(1, 2, 0.5)"}},
               .inputs = {{2, 3, 4, 5}}});
TREADLE_SWEEP({.op = "_image_normalize", .params = {{"std", "(2,)"}}, .inputs = {{1, 4, 5}}});
TREADLE_SWEEP({.op = "_image_to_tensor",
               .inputs = {{2, 4, 5, 3}},
               .values = {{"data", whole(0, 100)}},
               .has_derivative = false});

}  // namespace
}  // namespace treadle::testing
