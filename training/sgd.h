// Stochastic gradient descent.
#pragma once

#include "treadle/training/optimizer.h"

namespace treadle {

// weight -= lr * (rescale_grad * gradient, clipped, + wd * weight), with momentum:
// m = momentum * m - lr * (...), weight += m.
//
//   auto sgd = std::make_shared<SGD>(SGD::Options{.learning_rate = 0.1f, .momentum = 0.9f});
class SGD final : public Optimizer {
 public:
  struct Options {
    float learning_rate = 0.01f;
    float momentum = 0;
    float wd = 0;
    std::optional<float> rescale_grad = std::nullopt;
    float clip_gradient = -1;
    std::shared_ptr<const LearningRateScheduler> scheduler = {};
  };
  explicit SGD(const Options& options);

  std::vector<Array> create_state(const Array& weight) const override;

 protected:
  void step(const Rates& rates, const Array& weight, const Array& gradient,
            std::span<const Array> state) override;

 private:
  float momentum_;
};

}  // namespace treadle
