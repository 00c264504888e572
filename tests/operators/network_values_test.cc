// Numbers of network operators at places that random cases do not visit: ends of ranges, ties,
// empty regions, labels that mean nothing.
#include <cmath>
#include <limits>

#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

using Numbers = std::vector<double>;

struct Input {
  Shape shape;
  Numbers numbers;
};

Numbers run(std::string_view op, const ParamText& params, const std::vector<Input>& inputs,
            const RunOptions& options = {}) {
  std::vector<Shape> shapes;
  std::vector<HostArray> arrays;
  for (const Input& each : inputs) {
    shapes.push_back(each.shape);
    arrays.push_back(make_array(each.shape, each.numbers));
  }
  return numbers_of(OpRunner(op, params, shapes, DType::f64).forward(arrays, options)[0]);
}

void require_near(const Numbers& actual, const Numbers& expected) {
  REQUIRE(actual.size() == expected.size());
  for (size_t i = 0; i < actual.size(); ++i) CHECK(actual[i] == Approx(expected[i]).margin(1e-9));
}

}  // namespace

TEST_CASE("softmax with lengths: what does not count is 0", "[operators][activation]") {
  const Input data{{3, 2}, {5, 5, 1, 9, 1, 1}};
  require_near(run("softmax", {{"use_length", "True"}}, {data, {{3}, {2, 1, 0}}}),
               {.5, .5, 1, 0, 0, 0});
  // Lengths beyond the row, or below 0, mean all of it and nothing.
  require_near(run("softmax", {{"use_length", "True"}}, {data, {{3}, {9, -4, 2}}}),
               {.5, .5, 0, 0, .5, .5});
}

TEST_CASE("log_softmax stays finite where the exponential does not", "[operators][activation]") {
  require_near(run("log_softmax", {}, {{{1, 3}, {1000, 0, 1000}}}),
               {-std::log(2.0), -1000 - std::log(2.0), -std::log(2.0)});
}

TEST_CASE("LeakyReLU's rrelu draws slopes in training and takes the middle else",
          "[operators][activation]") {
  const ParamText params{{"act_type", "rrelu"}, {"lower_bound", "0.25"}, {"upper_bound", "0.75"}};
  const Input data{{64}, Numbers(64, -1)};
  RunOptions options;
  const Numbers drawn = run("LeakyReLU", params, {data}, options);
  CHECK(drawn != Numbers(64, drawn[0]));
  for (double number : drawn) CHECK((number <= -.25 && number >= -.75));
  options.mode = Mode::infer;
  CHECK(run("LeakyReLU", params, {data}, options) == Numbers(64, -.5));
}

TEST_CASE("normalizations of equal numbers are their offset", "[operators][normalization]") {
  const Input data{{1, 2, 2}, {3, 3, 7, 7}}, two{{2}, {5, 5}}, offset{{2}, {1, 2}};
  require_near(run("LayerNorm", {}, {data, two, offset}), {1, 2, 1, 2});
  require_near(run("InstanceNorm", {}, {data, two, offset}), {1, 1, 2, 2});
  require_near(run("L2Normalization", {{"eps", "0.25"}}, {{{1, 2}, {0, 0}}}), {0, 0});
}

TEST_CASE("CTCLoss is the sum over alignments", "[operators][loss]") {
  // Two steps of two equally likely classes: label 1 is said by 01, 10 and 11, three of four.
  const Input scores{{2, 1, 2}, {0, 0, 0, 0}};
  require_near(run("CTCLoss", {}, {scores, {{1, 1}, {1}}}), {-std::log(.75)});
  // An empty label: only 00.
  require_near(run("CTCLoss", {}, {scores, {{1, 1}, {0}}}), {-std::log(.25)});
  // A repeated label needs a blank between, which does not fit; nor is there a class 7.
  require_near(run("CTCLoss", {}, {scores, {{1, 2}, {1, 1}}}), {0});
  require_near(run("CTCLoss", {}, {scores, {{1, 1}, {7}}}), {0});
}

TEST_CASE("SVMOutput takes a label that is no class as one that none fits", "[operators][loss]") {
  const OpRunner runner("SVMOutput", {{"use_linear", "True"}}, {{2, 2}}, DType::f64);
  const std::vector<HostArray> inputs{make_array({2, 2}, {0, 3, 0, -3}), make_array({2}, {1, 9})};
  const auto made = runner.backward(inputs, {make_array({2, 2}, {5, 5, 5, 5})});
  CHECK(numbers_of(made.in_grads[0]) == Numbers{1, 0, 1, 0});
}

TEST_CASE("sequences: lengths beyond both ends", "[operators][sequence]") {
  const Input data{{3, 2}, {1, 2, 3, 4, 5, 6}}, lengths{{2}, {0, 9}};
  const ParamText with{{"use_sequence_length", "True"}};
  CHECK(run("SequenceLast", with, {data, lengths}) == Numbers{1, 6});
  CHECK(run("SequenceMask", with, {data, lengths}) == Numbers{0, 2, 0, 4, 0, 6});
  CHECK(run("SequenceReverse", with, {data, lengths}) == Numbers{1, 6, 3, 4, 5, 2});
}

TEST_CASE("an lstm's cells stay between the bounds, also those that are NaN",
          "[operators][sequence]") {
  // One unit whose gates do not depend on its input: i = f = o = 1/2, and what is new is tanh(x).
  ParamText params{
      {"mode", "lstm"},          {"state_size", "1"},           {"num_layers", "1"},
      {"state_outputs", "True"}, {"lstm_state_clip_min", "-1"}, {"lstm_state_clip_max", "0.25"}};
  const Input parameters{{16}, {0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};
  const auto out = [](double cell) { return std::tanh(cell) / 2; };
  const double fresh = std::tanh(1.0) / 2;  // beyond the bound at once
  require_near(run("RNN", params,
                   {{{3, 1, 1}, {1, -0.5, 0}}, parameters, {{1, 1, 1}, {0}}, {{1, 1, 1}, {0}}}),
               {out(0.25), out(0.125 - std::tanh(0.5) / 2), out(0.0625 - std::tanh(0.5) / 4)});
  REQUIRE(fresh > 0.25);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Input> inputs{
      {{1, 1, 1}, {0}}, parameters, {{1, 1, 1}, {0}}, {{1, 1, 1}, {nan}}};
  CHECK(std::isnan(run("RNN", params, inputs)[0]));
  params["lstm_state_clip_nan"] = "True";
  require_near(run("RNN", params, inputs), {out(-1)});
}

TEST_CASE("RNN by hand: one relu unit that adds up its input", "[operators][sequence]") {
  // Weight of the input 1, of the state 1, biases 0 and 0.5.
  const ParamText params{{"mode", "rnn_relu"}, {"state_size", "1"}, {"num_layers", "1"}};
  const Input data{{3, 1, 1}, {1, -9, 2}}, parameters{{4}, {1, 1, 0, .5}}, state{{1, 1, 1}, {2}};
  require_near(run("RNN", params, {data, parameters, state}), {3.5, 0, 2.5});
}

TEST_CASE("regions outside of every image give 0", "[operators][spatial]") {
  const Input image{{1, 1, 2, 2}, {1, 2, 3, 4}};
  const ParamText params{{"pooled_size", "(1, 1)"}, {"spatial_scale", "1"}};
  const double infinity = std::numeric_limits<double>::infinity();
  const Input rois{
      {5, 5}, {0, 0, 0,        1, 1, 1, 0, 0, 1, 1, -1, 0, 0, 1, 1, 0, 5, 5, 9, 9, std::nan(""),
               0, 0, infinity, 1}};
  CHECK(run("ROIPooling", params, {image, rois}) == Numbers{4, 0, 0, 0, 0});
  const Numbers aligned = run("_contrib_ROIAlign", params, {image, rois});
  CHECK(aligned[0] == Approx(2.5));  // one point, between the four pixels
  CHECK(aligned[1] == 0);
  CHECK(aligned[2] == 0);
  CHECK(aligned[4] == 0);
}

TEST_CASE("BilinearSampler reads nothing outside, whatever the grid holds",
          "[operators][spatial]") {
  const Input image{{1, 1, 2, 2}, {1, 2, 3, 4}};
  const Input grid{{1, 2, 1, 4}, {-1, 1, 1e30, 0, -1, 1, 0, std::nan("")}};
  CHECK(run("BilinearSampler", {}, {image, grid}) == Numbers{1, 4, 0, 0});
}

TEST_CASE("box_nms keeps the better of two boxes and marks the rest", "[operators][contrib]") {
  const Input boxes{{3, 6}, {0, .5, 0, 0, 2, 2, 0, .9, 0, 0, 2, 2.1, 1, .4, 0, 0, 2, 2}};
  const Numbers kept = run("_contrib_box_nms", {{"id_index", "0"}}, {boxes});
  CHECK(Numbers(kept.begin(), kept.begin() + 2) == Numbers{0, .9});
  CHECK(Numbers(kept.begin() + 6, kept.begin() + 8) == Numbers{1, .4});
  CHECK(Numbers(kept.begin() + 12, kept.end()) == Numbers(6, -1));
}

TEST_CASE("Fourier transforms of a pulse and of a constant", "[operators][contrib]") {
  require_near(run("_contrib_fft", {}, {{{1, 4}, {1, 0, 0, 0}}}), {1, 0, 1, 0, 1, 0, 1, 0});
  require_near(run("_contrib_fft", {}, {{{1, 3}, {2, 2, 2}}}), {6, 0, 0, 0, 0, 0});
  require_near(run("_contrib_ifft", {}, {{{1, 4}, {1, 0, 1, 0}}}), {2, 0});
}

TEST_CASE("count_sketch refuses places that do not exist", "[operators][contrib]") {
  const Input data{{1, 2}, {3, 4}}, sign{{1, 2}, {1, -1}};
  const ParamText params{{"out_dim", "2"}};
  CHECK(run("_contrib_count_sketch", params, {data, {{1, 2}, {1, 1}}, sign}) == Numbers{0, -1});
  for (double place : {2.0, -1.0, std::nan("")}) {
    require_error_matches(
        [&] { run("_contrib_count_sketch", params, {data, {{1, 2}, {0, place}}, sign}); },
        {"h[1] is", "from 0 to 1 is expected"});
  }
}

}  // namespace treadle::testing
