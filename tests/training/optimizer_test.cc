#include "treadle/training/sgd.h"

#include "treadle/tests/support/catch.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

// One number under an updater, with the gradients given.
float follow(const std::shared_ptr<Optimizer>& optimizer, const std::string& name, float start,
             const std::vector<float>& gradients) {
  Updater updater(optimizer);
  const Array weight = Array::full({1}, start);
  for (const float gradient : gradients) updater(name, weight, Array::full({1}, gradient));
  return weight.to_vector<float>()[0];
}

std::shared_ptr<SGD> sgd(const SGD::Options& options) { return std::make_shared<SGD>(options); }

}  // namespace

TEST_CASE("gradient descent, step by step", "[training]") {
  CHECK(follow(sgd({.learning_rate = 0.5f}), "w_weight", 1, {2}) == 0);
  CHECK(follow(sgd({.learning_rate = 0.5f}), "w_weight", 1, {2, -4}) == 2);
  // m = -1, then m = 0.5 * -1 - 0.5 * 2 = -1.5
  CHECK(follow(sgd({.learning_rate = 0.5f, .momentum = 0.5f}), "w_weight", 1, {2, 2}) == -1.5f);
  // wd adds 0.25 * weight to the gradient
  CHECK(follow(sgd({.learning_rate = 0.5f, .wd = 0.25f}), "w_weight", 4, {2}) == 4 - 0.5f * 3);
  CHECK(follow(sgd({.learning_rate = 1, .rescale_grad = 0.25f}), "w_weight", 0, {8}) == -2);
  // rescaled first, clipped then
  CHECK(follow(sgd({.learning_rate = 1, .rescale_grad = 0.5f, .clip_gradient = 3}), "w_weight", 0,
               {8}) == -3);
  CHECK(follow(sgd({.learning_rate = 1, .clip_gradient = 3}), "w_weight", 0, {-8}) == 3);
}

TEST_CASE("weight decay applies to weights and gammas alone", "[training]") {
  const auto optimizer = sgd({.wd = 0.5f});
  CHECK(optimizer->weight_decay("fc1_weight") == 0.5f);
  CHECK(optimizer->weight_decay("bn_gamma") == 0.5f);
  CHECK(optimizer->weight_decay("fc1_bias") == 0);
  CHECK(optimizer->weight_decay("bn_beta") == 0);
  CHECK(follow(sgd({.learning_rate = 1, .wd = 0.5f}), "fc1_bias", 4, {1}) == 3);
}

TEST_CASE("multipliers: attributes win over the rule, the caller over attributes", "[training]") {
  const Symbol weight =
      Symbol::variable("a_weight", {{"__lr_mult__", "0.5"}, {"__wd_mult__", "2"}});
  const Symbol net = weight * Symbol::variable("b_bias", {{"__wd_mult__", "1"}});
  const auto optimizer = sgd({.learning_rate = 1, .wd = 0.1f});
  optimizer->read_attributes(net);
  CHECK(optimizer->learning_rate("a_weight") == 0.5f);
  CHECK(optimizer->learning_rate("b_bias") == 1);
  CHECK(optimizer->weight_decay("a_weight") == Approx(0.2));
  CHECK(optimizer->weight_decay("b_bias") == Approx(0.1));
  optimizer->set_lr_mult({{"a_weight", 3}});
  optimizer->set_wd_mult({{"b_bias", 0}});
  CHECK(optimizer->learning_rate("a_weight") == 3);
  CHECK(optimizer->weight_decay("b_bias") == 0);
  const Symbol odd = Symbol::variable("a", {{"__lr_mult__", "fast"}}) * 2.0;
  require_error_matches([&] { optimizer->read_attributes(odd); },
                        {"__lr_mult__ of 'a' is 'fast'", "expected a number"});
}

TEST_CASE("a factor scheduler lowers the rate every few updates", "[training]") {
  const FactorScheduler halves(2, 0.5f, 0.1f);
  CHECK(halves.rate(1, 1) == 1);
  CHECK(halves.rate(2, 1) == 1);
  CHECK(halves.rate(3, 1) == 0.5f);
  CHECK(halves.rate(5, 1) == 0.25f);
  CHECK(halves.rate(100, 1) == 0.1f);
  // Counted by the parameter that had the most updates, not by their sum.
  const auto optimizer =
      sgd({.learning_rate = 1, .scheduler = std::make_shared<FactorScheduler>(1, 0.5f)});
  Updater updater(optimizer);
  const Array a = Array::zeros({1}), b = Array::zeros({1}), one = Array::full({1}, 1);
  for (int step = 0; step < 2; ++step) {
    updater("a_weight", a, one);
    updater("b_weight", b, one);
  }
  CHECK(a.to_vector<float>()[0] == -1.5f);
  CHECK(b.to_vector<float>()[0] == -1.5f);
  CHECK(optimizer->num_updates() == 2);
  require_error_matches([] { FactorScheduler(0, 0.5f); }, "step is 0");
  require_error_matches([] { FactorScheduler(1, 1.5f); }, "factor is 1.5");
  require_error_matches([] { SGD({.learning_rate = -1}); }, "learning rate is -1");
}

TEST_CASE("a cosine scheduler ends at its lowest rate", "[training]") {
  const CosineScheduler falls(100, 0.2f);
  CHECK(falls.rate(1, 1) == 1);
  CHECK(falls.rate(51, 1) == Approx(0.6));
  CHECK(falls.rate(26, 1) == Approx(0.2 + 0.8 * 0.5 * (1 + std::sqrt(0.5))));
  CHECK(falls.rate(101, 1) == Approx(0.2));
  CHECK(falls.rate(5000, 1) == Approx(0.2));
  require_error_matches([] { CosineScheduler(0); }, "updates is 0");
}

TEST_CASE("steps happen in place, in double precision too", "[training]") {
  const Array weight = Array::full({3}, 1, DType::f64);
  const Array alias = weight;
  Updater updater(sgd({.learning_rate = 0.5f, .momentum = 0.9f}));
  updater("w_weight", weight, Array::full({3}, 1, DType::f64));
  CHECK(alias.to_vector<double>() == std::vector<double>(3, 0.5));
  CHECK(updater.states().at("w_weight")[0].type() == DType::f64);
}
