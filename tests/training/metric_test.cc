#include "treadle/training/metric.h"

#include <cmath>

#include "treadle/tests/support/catch.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

const Array probabilities() {
  return Array::from(std::vector<float>{.7f, .2f, .1f, .1f, .8f, .1f, .3f, .3f, .4f}, {3, 3});
}
const Array classes(const std::vector<float>& labels) {
  return Array::from(labels, {int64_t(labels.size())});
}

void add(Metric& metric, const Array& labels, const Array& predictions, int64_t padding = 0) {
  metric.update({&labels, 1}, {&predictions, 1}, padding);
}

}  // namespace

TEST_CASE("accuracy counts the largest predictions at the label", "[training]") {
  Accuracy accuracy;
  CHECK(std::isnan(accuracy.value()));
  add(accuracy, classes({0, 1, 0}), probabilities());
  CHECK(accuracy.value() == Approx(2.0 / 3));
  add(accuracy, classes({0, 1, 2}), probabilities());
  CHECK(accuracy.value() == Approx(5.0 / 6));
  REQUIRE(accuracy.values().size() == 1);
  CHECK(accuracy.values()[0].name == "accuracy");
  accuracy.reset();
  CHECK(std::isnan(accuracy.value()));
}

TEST_CASE("cross-entropy is the mean of the labels' -log", "[training]") {
  CrossEntropy loss;
  add(loss, classes({0, 1, 0}), probabilities());
  CHECK(loss.value() == Approx(-(std::log(.7) + std::log(.8) + std::log(.3)) / 3).epsilon(1e-5));
  CrossEntropy certain("loss", 1e-8);
  add(certain, classes({0}), Array::from(std::vector<float>{0, 1}, {1, 2}));
  CHECK(certain.value() == Approx(-std::log(1e-8)));
  CHECK(certain.values()[0].name == "loss");
}

TEST_CASE("padding rows do not count", "[training]") {
  Accuracy accuracy;
  CrossEntropy loss;
  add(accuracy, classes({0, 0, 0}), probabilities(), 2);
  add(loss, classes({0, 0, 0}), probabilities(), 2);
  CHECK(accuracy.value() == 1);
  CHECK(loss.value() == Approx(-std::log(.7)).epsilon(1e-5));
}

TEST_CASE("predictions may have positions behind the classes, and other types", "[training]") {
  // Two images of two classes at three positions.
  const Array maps = Array::from(
      std::vector<float>{.9f, .1f, .5f, .1f, .9f, .4f, .2f, .2f, .2f, .8f, .8f, .8f}, {2, 2, 3});
  const Array labels = Array::from(std::vector<int32_t>{0, 1, 1, 1, 1, 0}, {2, 3});
  Accuracy accuracy;
  add(accuracy, labels, maps.as_type(DType::f64));
  CHECK(accuracy.value() == Approx(4.0 / 6));
  // Classes themselves.
  Accuracy direct;
  add(direct, classes({1, 2, 3}), classes({1, 0, 3}));
  CHECK(direct.value() == Approx(2.0 / 3));
}

TEST_CASE("several metrics as one", "[training]") {
  CompositeMetric both({std::make_shared<Accuracy>("a"), std::make_shared<CrossEntropy>("b")});
  add(both, classes({0, 1, 0}), probabilities());
  REQUIRE(both.values().size() == 2);
  CHECK(both.values()[0].name == "a");
  CHECK(both.values()[1].value > 0);
  both.reset();
  CHECK(std::isnan(both.values()[0].value));
}

TEST_CASE("what metrics refuse, in sentences", "[training][errors]") {
  Accuracy accuracy;
  CrossEntropy loss;
  require_error_matches([&] { add(accuracy, classes({0, 1}), probabilities()); },
                        {"'accuracy' is given labels of shape (2,)", "(3, 3)"});
  require_error_matches([&] { accuracy.update({}, std::vector<Array>{probabilities()}, 0); },
                        "0 arrays of labels for 1 outputs");
  require_error_matches([&] { add(accuracy, classes({0, 1, 2}), probabilities(), 4); },
                        "leave out 4 of 3 rows");
  add(loss, classes({0, 3, 0}), probabilities());  // found when it is measured
  require_error_matches([&] { loss.value(); }, {"the label 3", "classes 0 to 2"});
}
