// SoftmaxOutput, LinearRegressionOutput and softmax_cross_entropy: gradients, shapes of labels,
// refusals. Expected numbers follow from equal scores, whose softmax is 1 / classes.
#include <cmath>

#include "treadle/device/pool.h"
#include "treadle/operators/softmax.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

using Numbers = std::vector<double>;

// Gradient of data (all equal, of `shape`) with these labels.
Numbers softmax_gradient(const ParamText& params, const Shape& shape, const Shape& label_shape,
                         const Numbers& labels, double head = 1) {
  const OpRunner runner("SoftmaxOutput", params, {shape, label_shape}, DType::f64);
  HostArray data({shape, DType::f64}), heads({shape, DType::f64});
  data.fill(3);
  heads.fill(head);
  const auto made = runner.backward({data, make_array(label_shape, labels)}, {heads});
  for (double number : numbers_of(made.in_grads[1])) REQUIRE(number == 0);
  const bool reads_head = params.count("out_grad") > 0;
  REQUIRE(made.reads_head[0] == reads_head);
  return numbers_of(made.in_grads[0]);
}

void require_near(const Numbers& actual, const Numbers& expected) {
  REQUIRE(actual.size() == expected.size());
  for (size_t i = 0; i < actual.size(); ++i) CHECK(actual[i] == Approx(expected[i]).margin(1e-12));
}

Shape label_of(const ParamText& params, const Shape& data) {
  return OpRunner("SoftmaxOutput", params, {data}, DType::f32).input_spec(1).shape;
}

}  // namespace

TEST_CASE("SoftmaxOutput's gradient is softmax - one_hot(label)", "[operators][loss]") {
  const Shape shape{2, 4}, labels{2};
  require_near(softmax_gradient({}, shape, labels, {1, 3}),
               {.25, -.75, .25, .25, .25, .25, .25, -.75});
  require_near(softmax_gradient({{"grad_scale", "2"}}, shape, labels, {0, 0}),
               {-1.5, .5, .5, .5, -1.5, .5, .5, .5});
  // The fraction of a label is dropped; a label that is no class takes from none.
  require_near(softmax_gradient({}, shape, labels, {1.7, 9}),
               {.25, -.75, .25, .25, .25, .25, .25, .25});
}

TEST_CASE("SoftmaxOutput's options", "[operators][loss]") {
  const Shape shape{2, 4}, labels{2};
  require_near(
      softmax_gradient({{"use_ignore", "True"}, {"ignore_label", "1"}}, shape, labels, {1, 0}),
      {0, 0, 0, 0, -.75, .25, .25, .25});
  require_near(softmax_gradient({{"normalization", "batch"}}, shape, labels, {0, 0}),
               {-.375, .125, .125, .125, -.375, .125, .125, .125});
  // ignore_label counts as not valid even where use_ignore lets it have a gradient.
  require_near(
      softmax_gradient({{"normalization", "valid"}, {"ignore_label", "0"}}, shape, labels, {0, 1}),
      {-.75, .25, .25, .25, .25, -.75, .25, .25});
  require_near(
      softmax_gradient({{"normalization", "valid"}, {"ignore_label", "0"}, {"use_ignore", "True"}},
                       shape, labels, {0, 0}),
      {0, 0, 0, 0, 0, 0, 0, 0});
  // smooth_alpha is a 32-bit float; 0.375 is one exactly.
  require_near(softmax_gradient({{"smooth_alpha", "0.375"}}, shape, labels, {0, 1}),
               {-.375, .125, .125, .125, .125, -.375, .125, .125});
  require_near(softmax_gradient({{"out_grad", "True"}}, shape, labels, {0, 0}, 3),
               {-2.25, .75, .75, .75, -2.25, .75, .75, .75});
}

TEST_CASE("SoftmaxOutput with probabilities for a label", "[operators][loss]") {
  require_near(softmax_gradient({}, {1, 4}, {1, 4}, {.25, .5, .25, 0}), {0, -.25, 0, .25});
}

TEST_CASE("SoftmaxOutput over other axes", "[operators][loss]") {
  // Two classes on axis 1, three positions; divided by the positions of a sample.
  require_near(softmax_gradient({{"multi_output", "True"}}, {1, 2, 3}, {1, 3}, {0, 1, 0}),
               {-.5 / 3, .5 / 3, -.5 / 3, .5 / 3, -.5 / 3, .5 / 3});
  require_near(softmax_gradient({{"multi_output", "True"}, {"normalization", "valid"}}, {1, 2, 3},
                                {1, 3}, {0, 1, -1}),
               {-.25, .25, .25, .25, -.25, .25});
  require_near(softmax_gradient({{"preserve_shape", "True"}}, {1, 2, 2}, {1, 2}, {0, 1}),
               {-.5, .5, .5, -.5});
  CHECK(label_of({}, {5, 4}) == Shape{5});
  CHECK(label_of({}, {2, 3, 4}) == Shape{2, 3});
  CHECK(label_of({{"preserve_shape", "True"}}, {2, 3, 4}) == Shape{2, 3});
  CHECK(label_of({{"multi_output", "True"}}, {2, 3, 4, 5}) == Shape{2, 20});
  for (const Shape& label : {Shape{2, 20}, Shape{2, 4, 5}, Shape{2, 1, 4, 5}, Shape{2, 3, 4, 5}}) {
    CHECK_NOTHROW(
        OpRunner("SoftmaxOutput", {{"multi_output", "True"}}, {{2, 3, 4, 5}, label}, DType::f32));
  }
}

TEST_CASE("SoftmaxOutput keeps large and infinite scores apart", "[operators][loss]") {
  const OpRunner runner("SoftmaxOutput", {}, {{3, 2}}, DType::f32);
  HostArray label({Shape{3}, DType::f32});
  label.fill(0);
  const HostArray data = make_array({3, 2}, {1000, 999, -1000, -1000, 0, -INFINITY}, DType::f32);
  const Numbers y = numbers_of(runner.forward({data, label})[0]);
  const double e = 1 / (1 + std::exp(-1.0));
  CHECK(y[0] == Approx(e));
  CHECK(y[1] == Approx(1 - e));
  CHECK(y[2] == Approx(.5));
  CHECK(y[4] == 1);
  CHECK(y[5] == 0);
}

// The scores are large: without taking the largest away first, their exponentials are infinite.
TEST_CASE("softmax is its definition, whatever the number of classes", "[operators][loss]") {
  const auto pool = make_thread_pool({.concurrency = 1});
  for (int64_t classes : {1, 2, 15, 16, 17, 37, 100}) {
    for (int64_t inner : {1, 3, 16, 21}) {
      for (DType type : {DType::f64, DType::f32, DType::f16}) {
        INFO(classes << " classes, " << inner << " columns in " << type);
        const ClassLayout layout{2, classes, inner};
        const Shape shape{2, classes, inner};
        HostArray x({shape, type}), y({shape, type}), expected({shape, DType::f64});
        for (int64_t i = 0; i < x.elements(); ++i) x.set(i, 700 + double(i * 37 % 101) / 25);
        for (int64_t column = 0; column < 2 * inner; ++column) {
          const int64_t first = column / inner * classes * inner + column % inner;
          double sum = 0;
          for (int64_t c = 0; c < classes; ++c) sum += std::exp(x.get(first + c * inner) - 702);
          for (int64_t c = 0; c < classes; ++c) {
            expected.set(first + c * inner, std::exp(x.get(first + c * inner) - 702) / sum);
          }
        }
        const double tolerance = type == DType::f64 ? 1e-14 : type == DType::f32 ? 1e-6 : 1e-3;
        softmax(type, x.data(), y.data(), layout, Request::write, *pool);
        CHECK(difference(y, expected) < tolerance);
        softmax(type, x.data(), y.data(), layout, Request::add, *pool);
        for (int64_t i = 0; i < y.elements(); ++i) expected.set(i, 2 * expected.get(i));
        CHECK(difference(y, expected) < 2 * tolerance);
      }
    }
  }
}

TEST_CASE("SoftmaxOutput refuses labels that do not fit", "[operators][loss]") {
  require_error_matches([] { OpRunner("SoftmaxOutput", {}, {{5, 4}, {4}}, DType::f32); },
                        {"SoftmaxOutput(node)", "label", "(4,)", "(5,)", "data is (5, 4)"});
  require_error_matches([] { OpRunner("SoftmaxOutput", {}, {{5}, {4}}, DType::f32); },
                        {"SoftmaxOutput(node)", "data has shape (5,) and label (4,)", "two axes"});
  require_error_matches(
      [] { OpRunner("SoftmaxOutput", {{"normalization", "vald"}}, {{5, 4}}, DType::f32); },
      {"normalization", "'vald' is none of its values", "Did you mean 'valid'",
       "'batch', 'null', 'valid'"});
  require_error_matches(
      [] { OpRunner("SoftmaxOutput", {{"smooth_alpha", "1.5"}}, {{5, 4}}, DType::f32); },
      "smooth_alpha is 1.5; between 0 and 1 is expected");
  require_error_matches(
      [] { OpRunner("SoftmaxOutput", {{"grad_scal", "1"}}, {{5, 4}}, DType::f32); },
      {"no parameter 'grad_scal'", "Did you mean 'grad_scale'"});
}

TEST_CASE("a loss of integers is refused when its kernel is chosen", "[operators][loss]") {
  const OpRunner runner("SoftmaxOutput", {}, {{2, 3}}, DType::i32);
  const std::vector<HostArray> inputs{HostArray(runner.input_spec(0)),
                                      HostArray(runner.input_spec(1))};
  require_error_matches(
      [&] { runner.forward(inputs); },
      {"SoftmaxOutput(node): no implementation takes these arrays",
       "reference: element type int32 is not supported; it takes float32, float64, "
       "float16, bfloat16"});
}

TEST_CASE("LinearRegressionOutput's gradient is the difference per number of a sample",
          "[operators][loss]") {
  const OpRunner runner("LinearRegressionOutput", {{"grad_scale", "0.5"}}, {{2, 2}}, DType::f64);
  const std::vector<HostArray> inputs{make_array({2, 2}, {1, 2, 3, 4}),
                                      make_array({2, 2}, {0, 0, 4, 0})};
  const auto made = runner.backward(inputs, {make_array({2, 2}, {9, 9, 9, 9})});
  CHECK(made.reads_head[0] == false);
  CHECK(numbers_of(made.outputs[0]) == Numbers{1, 2, 3, 4});
  CHECK(numbers_of(made.in_grads[0]) == Numbers{.25, .5, -.25, 1});
  CHECK(numbers_of(made.in_grads[1]) == Numbers{0, 0, 0, 0});
}

TEST_CASE("LinearRegressionOutput takes labels of as many numbers", "[operators][loss]") {
  const auto label_of = [](const Shape& data, const Shape& label = {}) {
    return OpRunner("LinearRegressionOutput", {}, {data, label}, DType::f32).input_spec(1).shape;
  };
  CHECK(label_of({4, 1}) == Shape{4});
  CHECK(label_of({4, 3}) == Shape{4, 3});
  CHECK(label_of({4}) == Shape{4});
  CHECK(label_of({4, 1}, {4, 1}) == Shape{4, 1});
  CHECK(label_of({4, 2, 2}, {4, 4}) == Shape{4, 4});
  require_error_matches([&] { label_of({4, 3}, {12}); },
                        {"LinearRegressionOutput(node)", "label", "(12,)", "(4, 3)"});
}

TEST_CASE("softmax_cross_entropy sums over the samples", "[operators][loss]") {
  const OpRunner runner("softmax_cross_entropy", {}, {{2, 4}}, DType::f64);
  const std::vector<HostArray> inputs{make_array({2, 4}, Numbers(8, 5)), make_array({2}, {1, 7})};
  const auto made = runner.backward(inputs, {make_array({1}, {2})});
  require_near(numbers_of(made.outputs[0]), {std::log(4.0)});
  require_near(numbers_of(made.in_grads[0]), {.5, -1.5, .5, .5, 0, 0, 0, 0});
  require_error_matches([] { OpRunner("softmax_cross_entropy", {}, {{2, 4, 3}}, DType::f32); },
                        "data has shape (2, 4, 3); (sample, class) is expected");
}

}  // namespace treadle::testing
