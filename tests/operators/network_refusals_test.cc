// What the operators of networks refuse, and in which words: one line per refusal.
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

struct Refusal {
  std::string op;
  ParamText params;
  std::vector<Shape> inputs;
  std::vector<std::string_view> words;
};

void check(const std::vector<Refusal>& refusals) {
  for (const Refusal& each : refusals) {
    INFO(each.op << ": " << each.words.back());
    std::string said;
    try {
      OpRunner(each.op, each.params, each.inputs, DType::f32);
    } catch (const Error& error) {
      said = error.what();
    }
    CHECK(said.starts_with(each.op + "(node)"));
    for (std::string_view words : each.words) {
      INFO("said: " << said << "\nexpected: " << words);
      CHECK(said.find(words) != std::string::npos);
    }
  }
}

}  // namespace

TEST_CASE("refusals of rectifiers and softmax", "[operators][refusal]") {
  check({
      {"LeakyReLU",
       {{"act_type", "lrelu"}},
       {{2, 3}},
       {"act_type", "'lrelu' is none of its values"}},
      {"LeakyReLU", {{"act_type", "prelu"}}, {{2, 3}, {4}}, {"(4,)", "(3,)", "data is (2, 3)"}},
      {"LeakyReLU", {{"act_type", "prelu"}}, {{2, 3}, {2, 2}}, {"(2, 2)", "data is (2, 3)"}},
      {"LeakyReLU",
       {{"act_type", "rrelu"}, {"lower_bound", "0.5"}},
       {{2, 3}},
       {"lower_bound is 0.5", "may not be less"}},
      {"softmax", {{"axis", "2"}}, {{2, 3}}, {"axis is 2", "(2, 3)", "expected -2 to 1"}},
      {"softmax", {{"axis", "-3"}}, {{2, 3}}, {"axis is -3", "expected -2 to 1"}},
      {"softmax", {{"temperature", "0"}}, {{2, 3}}, {"temperature is 0"}},
      {"softmax", {{"use_length", "True"}}, {{2, 3}, {3}}, {"(3,)", "(2,)", "axis is -1"}},
      {"softmax", {{"dtype", "int32"}}, {{2, 3}}, {"dtype is int32", "float32, float64"}},
      {"log_softmax", {{"axis", "1"}}, {{3}}, {"axis is 1", "expected -1 to 0"}},
      {"log_softmax", {{"use_length", "True"}}, {{2, 3}}, {"only softmax takes lengths"}},
      {"softmin", {{"use_length", "True"}}, {{2, 3}}, {"only softmax takes lengths"}},
      {"SoftmaxActivation", {{"mode", "channel"}}, {{2, 3}}, {"(2, 3)", "at least 3 axes"}},
  });
}

TEST_CASE("refusals of normalizations", "[operators][refusal]") {
  check({
      {"LayerNorm", {{"axis", "2"}}, {{2, 3}}, {"axis is 2", "expected -2 to 1"}},
      {"LayerNorm", {}, {{2, 3}, {2}}, {"(2,)", "(3,)", "axis is -1"}},
      {"GroupNorm", {{"num_groups", "0"}}, {{2, 4, 3}}, {"num_groups is 0", "at least 1"}},
      {"GroupNorm", {{"num_groups", "3"}}, {{2, 4, 3}}, {"4 channels", "evenly"}},
      {"GroupNorm", {}, {{2, 4}}, {"(2, 4)", "at least 3 axes"}},
      {"InstanceNorm", {}, {{2, 4}}, {"(2, 4)", "at least 3 axes"}},
      {"InstanceNorm", {}, {{2, 4, 3}, {3}}, {"(3,)", "(4,)", "data is (2, 4, 3)"}},
      {"L2Normalization", {{"mode", "channel"}}, {{2, 4}}, {"at least 3 axes", "channel"}},
      {"L2Normalization", {}, {{4}}, {"at least 2 axes"}},
      {"L2Normalization", {{"eps", "-1"}}, {{2, 4}}, {"eps is -1", "at least 0"}},
      {"LRN", {{"nsize", "4"}}, {{2, 4, 3, 3}}, {"nsize is 4", "odd"}},
      {"LRN", {{"nsize", "0"}}, {{2, 4, 3, 3}}, {"nsize is 0", "at least 1"}},
      {"LRN", {{"nsize", "3"}}, {{2, 4, 3}}, {"(2, 4, 3)", "4 axes"}},
      {"LRN", {}, {{2, 4, 3, 3}}, {"nsize"}},
  });
}

TEST_CASE("refusals of losses and updates", "[operators][refusal]") {
  check({
      {"LogisticRegressionOutput", {}, {{4, 3}, {4}}, {"(4,)", "(4, 3)"}},
      {"MAERegressionOutput", {}, {{4, 3}, {12}}, {"(12,)", "(4, 3)"}},
      {"SVMOutput", {}, {{4}}, {"(4,)", "(sample, class)"}},
      {"SVMOutput", {}, {{4, 3}, {3}}, {"(3,)", "(4,)", "data is (4, 3)"}},
      {"MakeLoss", {{"normalization", "mean"}}, {{4}}, {"normalization", "'mean' is none"}},
      {"smooth_l1", {{"scalar", "0"}}, {{4}}, {"scalar is 0"}},
      {"IdentityAttachKLSparseReg", {}, {{4, 3, 2}}, {"(4, 3, 2)", "(sample, unit)"}},
      {"IdentityAttachKLSparseReg",
       {{"momentum", "2"}},
       {{4, 3}},
       {"momentum is 2", "between 0 and 1"}},
      {"CTCLoss", {}, {{6, 3}}, {"(6, 3)", "(step, sample, class)"}},
      {"CTCLoss", {}, {{6, 3, 5}, {3}}, {"(3,)", "(sample, position)"}},
      {"CTCLoss", {}, {{6, 3, 5}, {2, 2}}, {"(2, 2)", "data is (6, 3, 5)"}},
      {"CTCLoss", {}, {{2, 3, 5}, {3, 4}}, {"4 labels a sample", "only 2 steps"}},
      {"adam_update", {}, {{3}}, {"lr"}},
      {"adam_update", {{"lr", "1"}}, {{3}, {4}}, {"(4,)", "(3,)"}},
      {"ftrl_update", {{"lr", "0"}}, {{3}}, {"lr is 0", "above 0"}},
      {"ftml_update", {{"lr", "0.1"}, {"t", "0"}}, {{3}}, {"t is 0", "at least 1"}},
      {"ftml_update", {{"lr", "0.1"}, {"t", "1"}, {"beta1", "2"}}, {{3}}, {"beta1 is 2"}},
      {"mp_sgd_update", {{"lr", "0.1"}}, {{3}, {2}}, {"(2,)", "(3,)"}},
  });
}

TEST_CASE("refusals of Deconvolution and UpSampling", "[operators][refusal]") {
  const auto with = [](ParamText params) {
    params.insert({{"kernel", "(3, 3)"}, {"num_filter", "4"}});
    return params;
  };
  const Shape data{1, 4, 3, 3};
  check({
      {"Deconvolution",
       {{"kernel", "(0, 3)"}, {"num_filter", "4"}},
       {data},
       {"kernel is (0, 3)", "at least 1"}},
      {"Deconvolution", with({{"stride", "(0, 1)"}}), {data}, {"stride is (0, 1)", "at least 1"}},
      {"Deconvolution", with({{"pad", "(-1, 0)"}}), {data}, {"pad is (-1, 0)", "at least 0"}},
      {"Deconvolution", with({{"pad", "(3, 3)"}}), {data}, {"pad is (3, 3)", "leaves nothing"}},
      {"Deconvolution",
       with({{"adj", "(1, 1)"}}),
       {data},
       {"adj is (1, 1)", "less than the stride"}},
      {"Deconvolution", with({{"adj", "(1,)"}}), {data}, {"adj is (1,)", "expected 2 extents"}},
      {"Deconvolution",
       with({{"target_shape", "(9, 3)"}}),
       {data},
       {"target_shape is (9, 3)", "spread over 5", "from 1 to 5"}},
      {"Deconvolution",
       with({{"target_shape", "(4, 4)"}}),
       {data},
       {"target_shape is (4, 4)", "same parity as 5"}},
      {"Deconvolution", with({{"num_group", "3"}}), {data}, {"num_group is 3", "filters evenly"}},
      {"Deconvolution",
       with({{"num_group", "2"}}),
       {{1, 3, 3, 3}},
       {"3 channels", "channels evenly"}},
      {"Deconvolution", with({}), {{1, 4, 3}}, {"(1, 4, 3)", "expected 4 axes"}},
      {"Deconvolution", with({}), {data, {3, 4, 3, 3}}, {"(3, 4, 3, 3)", "(4, 4, 3, 3)"}},
      {"Deconvolution", with({{"layout", "NCW"}}), {data}, {"layout is NCW", "1 spatial axis"}},
      {"UpSampling",
       {{"scale", "0"}, {"sample_type", "nearest"}, {"num_args", "1"}},
       {data},
       {"scale is 0"}},
      {"UpSampling",
       {{"scale", "2"}, {"sample_type", "nearest"}, {"num_args", "1"}},
       {{4, 3}},
       {"(4, 3)", "4 axes"}},
      {"UpSampling",
       {{"scale", "2"}, {"sample_type", "nearest"}, {"num_args", "2"}},
       {data, {1, 4, 4, 4}},
       {"(1, 4, 4, 4)", "no whole factor", "6 x 6"}},
      {"UpSampling",
       {{"scale", "2"}, {"sample_type", "bilinear"}, {"num_filter", "3"}, {"num_args", "2"}},
       {data},
       {"num_filter is 3", "4 channels"}},
      {"Pooling_v1", {{"kernel", "(2,)"}}, {data}, {"kernel is (2,)", "two extents"}},
      {"Pooling_v1", {{"kernel", "(5, 5)"}}, {data}, {"(5, 5)", "data has shape (1, 4, 3, 3)"}},
      {"Pooling_v1", {{"kernel", "(2, 2)"}, {"stride", "(0, 0)"}}, {data}, {"stride is (0, 0)"}},
      {"Convolution_v1", with({{"num_group", "3"}}), {data}, {"num_group is 3", "evenly"}},
      {"BatchNorm_v1", {}, {{4, 3}, {4}}, {"(4,)", "(3,)"}},
  });
}

TEST_CASE("refusals of spatial operators", "[operators][refusal]") {
  const Shape data{1, 4, 3, 3};
  check({
      {"Crop", {{"num_args", "1"}}, {data}, {"h_w is (0, 0)", "at least 1 x 1"}},
      {"Crop", {{"num_args", "3"}}, {data}, {"num_args is 3", "between 1 and 2"}},
      {"Crop",
       {{"num_args", "1"}, {"h_w", "(2, 2)"}, {"offset", "(2, 0)"}},
       {data},
       {"a window of 2 from 2", "(1, 4, 3, 3)"}},
      {"Crop", {{"num_args", "1"}, {"h_w", "(2,)"}}, {data}, {"h_w is (2,)", "two numbers"}},
      {"Crop", {{"num_args", "1"}, {"h_w", "(1, 1)"}}, {{4, 3}}, {"(4, 3)", "4 axes"}},
      {"BilinearSampler", {}, {data, {1, 3, 2, 2}}, {"(1, 3, 2, 2)", "(1, 2, 0, 0)"}},
      {"BilinearSampler", {}, {data, {2, 2, 2, 2}}, {"(2, 2, 2, 2)", "(1, 2, 0, 0)"}},
      {"BilinearSampler", {}, {{4, 3}}, {"(4, 3)", "4 axes"}},
      {"GridGenerator", {{"transform_type", "affine"}}, {{2, 6}}, {"target_shape is (0, 0)"}},
      {"GridGenerator",
       {{"transform_type", "affine"}, {"target_shape", "(2, 2)"}},
       {{2, 5}},
       {"(2, 5)", "six numbers"}},
      {"GridGenerator", {{"transform_type", "warp"}}, {{2, 3, 2, 2}}, {"(2, 3, 2, 2)", "x and y"}},
      {"SpatialTransformer",
       {{"transform_type", "affine"}, {"sampler_type", "bilinear"}},
       {data, {1, 5}},
       {"(1, 5)", "six numbers"}},
      {"SpatialTransformer",
       {{"transform_type", "affine"}, {"sampler_type", "bilinear"}},
       {{2, 3}},
       {"(2, 3)", "4 axes"}},
      {"Correlation", {{"kernel_size", "2"}}, {data}, {"kernel_size is 2", "odd"}},
      {"Correlation", {{"stride1", "0"}}, {data}, {"stride1 is 0"}},
      {"Correlation", {{"max_displacement", "2"}}, {data}, {"3 on axis 2", "more than 4"}},
  });
}

TEST_CASE("refusals of sequences", "[operators][refusal]") {
  const auto rnn = [](ParamText params) {
    params.insert({{"mode", "lstm"}, {"state_size", "3"}, {"num_layers", "1"}});
    return params;
  };
  check({
      {"SequenceLast", {{"axis", "2"}}, {{4, 3, 2}}, {"axis is 2", "0 (step"}},
      {"SequenceMask", {{"axis", "-1"}}, {{4, 3}}, {"axis is -1"}},
      {"SequenceMask", {{"use_sequence_length", "True"}}, {{4, 3}, {4}}, {"(4,)", "(3,)"}},
      {"SequenceReverse", {{"axis", "1"}}, {{4, 3}}, {"axis is 1"}},
      {"SequenceReverse", {}, {{4}}, {"(4,)", "at least two axes"}},
      {"RNN", rnn({{"state_size", "0"}}), {{4, 2, 3}}, {"state_size is 0", "at least 1"}},
      {"RNN", rnn({{"p", "1.5"}}), {{4, 2, 3}}, {"p is 1.5", "between 0 and 1"}},
      {"RNN",
       rnn({{"mode", "gru"}, {"projection_size", "2"}}),
       {{4, 2, 3}},
       {"projection_size is 2", "only an lstm"}},
      {"RNN", rnn({{"projection_size", "4"}}), {{4, 2, 3}}, {"projection_size is 4", "larger"}},
      {"RNN", rnn({{"projection_size", "0"}}), {{4, 2, 3}}, {"projection_size is 0", "at least 1"}},
      {"RNN",
       rnn({{"lstm_state_clip_min", "-1"}}),
       {{4, 2, 3}},
       {"lstm_state_clip_min is -1", "the other bound is None"}},
      {"RNN",
       rnn({{"lstm_state_clip_min", "2"}, {"lstm_state_clip_max", "1"}}),
       {{4, 2, 3}},
       {"lstm_state_clip_min is 2", "lstm_state_clip_max 1"}},
      {"RNN",
       rnn({{"mode", "gru"}, {"lstm_state_clip_max", "1"}}),
       {{4, 2, 3}},
       {"lstm_state_clip_max is 1", "only an lstm"}},
      {"RNN", rnn({}), {{4, 2}}, {"(4, 2)", "(step, batch, input)"}},
      {"RNN", rnn({}), {{4, 2, 3}, {95}}, {"(95,)", "(96,)", "state_size is 3"}},
      {"RNN", rnn({}), {{4, 2, 3}, {96}, {2, 2, 3}}, {"(2, 2, 3)", "(1, 2, 3)"}},
  });
}

TEST_CASE("refusals of attention and images", "[operators][refusal]") {
  const ParamText heads{{"heads", "2"}};
  const char* const self = "_contrib_interleaved_matmul_selfatt_qk";
  check({
      {self, {{"heads", "0"}}, {{4, 2, 18}}, {"heads", "at least 1"}},
      {self, heads, {{4, 18}}, {"(4, 18)", "(length, batch, projections)"}},
      {self, heads, {{4, 2, 16}}, {"(4, 2, 16)", "2 heads of 3 parts"}},
      {"_contrib_interleaved_matmul_selfatt_valatt",
       heads,
       {{4, 2, 18}, {4, 4, 3}},
       {"(4, 4, 3)", "(4, 4, 4)", "heads is 2"}},
      {"_contrib_interleaved_matmul_encdec_qk",
       heads,
       {{4, 2, 6}, {3, 2, 8}},
       {"(3, 2, 8)", "(0, 2, 12)", "queries is (4, 2, 6)"}},
      {"_contrib_interleaved_matmul_encdec_valatt",
       heads,
       {{3, 2, 12}, {3, 4, 3}},
       {"(3, 4, 3)", "(4, 0, 3)", "keys_values is (3, 2, 12)"}},
      {"_contrib_SyncBatchNorm", {{"ndev", "0"}}, {{4, 3, 2}}, {"ndev", "at least 1"}},
      {"_image_normalize", {}, {{4, 5}}, {"(4, 5)", "(batch, channel, y, x)"}},
      {"_image_normalize", {}, {{2, 4, 5}}, {"2 channels", "1 or 3"}},
      {"_image_normalize", {{"mean", "(1, 2)"}}, {{3, 4, 5}}, {"mean has 2 numbers", "3 channels"}},
      {"_image_to_tensor", {}, {{4, 5}}, {"(4, 5)", "(y, x, channel)"}},
  });
}

TEST_CASE("refusals of regions and boxes", "[operators][refusal]") {
  const Shape data{1, 4, 3, 3};
  const ParamText pooled{{"pooled_size", "(2, 2)"}, {"spatial_scale", "1"}};
  check({
      {"ROIPooling",
       {{"pooled_size", "(0, 2)"}, {"spatial_scale", "1"}},
       {data},
       {"pooled_size is (0, 2)", "at least 1"}},
      {"ROIPooling",
       {{"pooled_size", "(2,)"}, {"spatial_scale", "1"}},
       {data},
       {"pooled_size is (2,)", "a height and a width"}},
      {"ROIPooling",
       {{"pooled_size", "(2, 2)"}, {"spatial_scale", "2"}},
       {data},
       {"spatial_scale is 2", "between 0 and 1"}},
      {"ROIPooling", pooled, {data, {3, 4}}, {"(3, 4)", "a region is (image"}},
      {"ROIPooling", pooled, {{4, 3, 3}}, {"(4, 3, 3)", "4 axes"}},
      {"_contrib_ROIAlign",
       {{"pooled_size", "(3, 1)"}, {"spatial_scale", "1"}, {"position_sensitive", "True"}},
       {data},
       {"4 channels", "the 3 cells"}},
      {"_contrib_RROIAlign", pooled, {data, {3, 5}}, {"(3, 5)", "(image, x, y, width, height"}},
      {"_contrib_PSROIPooling",
       {{"spatial_scale", "1"}, {"output_dim", "2"}, {"pooled_size", "2"}},
       {data},
       {"(1, 4, 3, 3)", "(0, 8, 0, 0)", "group_size is 2"}},
      {"_contrib_AdaptiveAvgPooling2D",
       {{"output_size", "(1, 2, 3)"}},
       {data},
       {"at most two numbers"}},
      {"_contrib_AdaptiveAvgPooling2D", {}, {{4, 3}}, {"(4, 3)", "4 axes"}},
      {"_contrib_BilinearResize2D", {{"height", "0"}}, {data}, {"height is 0", "at least 1"}},
      {"_contrib_BilinearResize2D",
       {{"scale_height", "2"}},
       {data},
       {"only one of scale_height and scale_width"}},
      {"_contrib_BilinearResize2D",
       {{"mode", "odd_scale"}},
       {data},
       {"needs scale_height and scale_width"}},
      {"_contrib_BilinearResize2D",
       {{"mode", "to_even_down"}},
       {{1, 1, 1, 4}},
       {"nothing is left on axis 2"}},
      {"_contrib_box_iou", {}, {{3, 5}, {2, 4}}, {"(3, 5)", "(..., 4)"}},
      {"_contrib_box_nms",
       {{"coord_start", "3"}},
       {{3, 6}},
       {"coord_start is 3", "6 numbers a row"}},
      {"_contrib_box_nms",
       {{"score_index", "3"}},
       {{3, 6}},
       {"score_index is 3", "2 to 5 are the box"}},
      {"_contrib_box_nms", {{"id_index", "1"}}, {{3, 6}}, {"id_index and score_index are both 1"}},
      {"_contrib_box_nms", {}, {{6}}, {"(6,)", "(..., box, number)"}},
      {"_contrib_MultiBoxPrior", {{"sizes", "(0,)"}}, {data}, {"sizes", "above 0"}},
      {"_contrib_MultiBoxPrior", {{"steps", "(1,)"}}, {data}, {"steps has 1 numbers"}},
      {"_contrib_MultiBoxPrior", {{"steps", "(1, -1)"}}, {data}, {"steps are 1 and -1"}},
      {"_contrib_MultiBoxTarget",
       {{"variances", "(1, 1)"}},
       {{1, 9, 4}, {2, 2, 5}},
       {"variances has 2 numbers"}},
      {"_contrib_MultiBoxTarget",
       {},
       {{2, 9, 4}, {2, 2, 5}},
       {"(2, 9, 4)", "anchor is (1, box, 4)"}},
      {"_contrib_MultiBoxTarget", {}, {{1, 9, 4}, {2, 2, 4}}, {"(2, 2, 4)", "5 or more"}},
      {"_contrib_MultiBoxDetection", {}, {{2, 3}}, {"(2, 3)", "(sample, class, box)"}},
      {"_contrib_MultiBoxDetection",
       {{"variances", "(0, 1, 1, 1)"}},
       {{2, 3, 4}},
       {"positive numbers"}},
      {"_contrib_Proposal", {}, {{1, 4, 3, 3}}, {"(1, 4, 3, 3)", "12 anchors"}},
      {"_contrib_Proposal",
       {{"scales", "(8,)"}, {"ratios", "(1,)"}},
       {{2, 2, 3, 3}},
       {"2 images", "MultiProposal"}},
      {"_contrib_Proposal", {{"rpn_post_nms_top_n", "0"}}, {data}, {"rpn_post_nms_top_n is 0"}},
      {"_contrib_MultiProposal", {{"feature_stride", "0"}}, {data}, {"feature_stride is 0"}},
      {"_contrib_DeformableConvolution",
       {{"kernel", "(3,)"}, {"num_filter", "2"}},
       {data},
       {"kernel is (3,)"}},
      {"_contrib_DeformableConvolution",
       {{"kernel", "(3, 3)"}, {"num_filter", "3"}, {"num_group", "2"}},
       {data},
       {"num_group is 2", "filters evenly"}},
      {"_contrib_DeformableConvolution",
       {{"kernel", "(3, 3)"}, {"num_filter", "3"}, {"num_deformable_group", "3"}},
       {data},
       {"num_deformable_group is 3", "channels evenly"}},
      {"_contrib_DeformableConvolution",
       {{"kernel", "(3, 3)"}, {"num_filter", "3"}},
       {data, {1, 17, 1, 1}},
       {"(1, 17, 1, 1)", "(1, 18, 1, 1)"}},
      {"_contrib_ModulatedDeformableConvolution",
       {{"kernel", "(5, 5)"}, {"num_filter", "3"}},
       {data},
       {"(5, 5)", "data has shape (1, 4, 3, 3)"}},
      {"im2col", {{"kernel", "(4, 4)"}}, {data}, {"kernel (4, 4) covers 4", "the image has 3"}},
      {"im2col", {{"kernel", "(2, 2)"}, {"stride", "(0, 1)"}}, {data}, {"stride is (0, 1)"}},
      {"col2im",
       {{"kernel", "(2, 2)"}, {"output_size", "(3, 3)"}},
       {{1, 6, 4}},
       {"(1, 6, 4)", "a multiple of 4"}},
      {"col2im",
       {{"kernel", "(2, 2)"}, {"output_size", "(3, 3)"}},
       {{1, 8, 5}},
       {"(1, 8, 5)", "has 4 places"}},
      {"col2im",
       {{"kernel", "(2, 2)"}, {"output_size", "(3,)"}},
       {{1, 8, 4}},
       {"output_size is (3,)"}},
      {"_contrib_ifft", {}, {{2, 5}}, {"(2, 5)", "expected to be even"}},
      {"_contrib_count_sketch", {{"out_dim", "0"}}, {{2, 5}}, {"out_dim is 0", "at least 1"}},
      {"_contrib_count_sketch", {{"out_dim", "3"}}, {{2, 5}, {1, 4}}, {"(1, 4)", "(1, 5)"}},
      {"lamb_update_phase1", {{"t", "0"}, {"wd", "0"}}, {{3}}, {"t is 0", "at least 1"}},
      {"lamb_update_phase2", {{"lr", "0.1"}}, {{3}, {3}, {2}}, {"(2,)", "a norm is one number"}},
  });
}

TEST_CASE("refusals of updates of many weights", "[operators][refusal]") {
  const Shape w{3, 4};
  const ParamText lists{{"lrs", "(0.1, 0.2)"}, {"wds", "(0, 0)"}, {"num_weights", "2"}};
  const auto with = [&](const std::string& key, const std::string& value) {
    ParamText made = lists;
    made[key] = value;
    return made;
  };
  check({
      {"multi_sgd_update", with("lrs", "(0.1,)"), {w}, {"lrs has 1 numbers", "num_weights is 2"}},
      {"multi_sgd_update",
       with("num_weights", "0"),
       {w},
       {"num_weights is 0", "between 1 and 4096"}},
      {"multi_sgd_update",
       with("num_weights", "1000000000"),
       {w},
       {"num_weights is 1000000000", "between 1 and 4096"}},
      {"multi_sgd_mom_update", lists, {w, {3, 5}}, {"(3, 5)", "(3, 4)"}},
      {"preloaded_multi_sgd_update",
       {{"num_weights", "2"}},
       {w, w, w, w, {3}},
       {"lrs", "(3,)", "(2,)", "there are 2 weights"}},
      {"_multi_adamw_update",
       {{"lrs", "(0.1,)"}, {"wds", "(0.1,)"}, {"etas", "(1, 1)"}},
       {w},
       {"etas has 2 numbers", "num_weights is 1"}},
      {"_adamw_update", {{"lr", "1"}, {"eta", "1"}}, {w, w, {2}}, {"(2,)", "is one number"}},
      {"_multi_lamb_update",
       {{"learning_rates", "(0.1,)"}, {"wds", "(0.1,)"}, {"step_count", "(0,)"}},
       {w},
       {"step_count holds 0", "numbered from 1"}},
      {"_multi_mp_lamb_update",
       {{"learning_rates", "(0.1,)"}, {"wds", "(0.1,)"}, {"step_count", "(1, 2)"}},
       {w},
       {"step_count has 2 numbers", "num_tensors is 1"}},
      {"mp_lamb_update_phase1", {{"t", "0"}, {"wd", "0"}}, {w}, {"t is 0", "at least 1"}},
      {"mp_lamb_update_phase2", {{"lr", "1"}}, {w, w, {2}}, {"(2,)", "a norm is one number"}},
      {"multi_lars", {{"eta", "1"}, {"eps", "1"}}, {{3}, {2}}, {"(2,)", "(3,)"}},
      {"multi_sum_sq", {{"num_arrays", "0"}}, {{3}}, {"num_arrays is 0", "between 1 and 4096"}},
      {"multi_all_finite", {{"num_arrays", "0"}}, {{3}}, {"num_arrays is 0", "between 1 and 4096"}},
  });
}

TEST_CASE("refusals of box coding, matching and sums along an axis", "[operators][refusal]") {
  const ParamText pooling{
      {"spatial_scale", "1"}, {"output_dim", "2"}, {"group_size", "2"}, {"pooled_size", "2"}};
  check({
      {"_contrib_box_decode", {}, {{2, 5, 3}}, {"(2, 5, 3)", "data is (sample, box, 4)"}},
      {"_contrib_box_decode", {}, {{2, 5, 4}, {1, 6, 4}}, {"(1, 6, 4)", "(1, 5, 4)"}},
      {"_contrib_box_encode", {}, {{2, 5}, {2, 4}}, {"(2, 4)", "(2, 5)"}},
      {"_contrib_box_encode", {}, {{2, 5}, {2, 5}, {2, 6, 4}}, {"(2, 6)", "(2, 5)"}},
      {"_contrib_bipartite_matching", {{"threshold", "0"}}, {{4}}, {"(4,)", "(..., row, column)"}},
      {"_contrib_DeformablePSROIPooling",
       pooling,
       {{1, 4, 3, 3}},
       {"(1, 4, 3, 3)", "group_size is 2"}},
      {"_contrib_DeformablePSROIPooling",
       pooling,
       {{1, 8, 3, 3}, {2, 5}, {2, 6, 2, 2}},
       {"trans has 6 channels", "output_dim is 2"}},
      {"_contrib_allclose", {}, {{3}, {4}}, {"(4,)", "(3,)"}},
      {"_np_cumsum", {{"axis", "2"}}, {{3, 4}}, {"axis is 2", "(3, 4)"}},
  });
}

}  // namespace treadle::testing
