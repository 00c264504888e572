// Optimizers: how a parameter follows its gradient. Every step is a task of the engine.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/graph/symbol.h"
#include "treadle/tensor/array.h"
#include "treadle/training/lr_scheduler.h"

namespace treadle {

// What all optimizers have in common.
struct OptimizerOptions {
  float learning_rate = 0.01f;
  float wd = 0;  // weight decay: added to the gradient as wd * weight
  // Multiplies the gradient before anything else. Unset: 1 / batch size in Model::fit, else 1.
  std::optional<float> rescale_grad = std::nullopt;
  // Gradients are clipped to [-clip_gradient, clip_gradient] after rescaling; not if negative.
  float clip_gradient = -1;
  std::shared_ptr<const LearningRateScheduler> scheduler = {};
};

// Factors per parameter name.
using Multipliers = std::map<std::string, float, std::less<>>;

// Rates and rules of an optimizer; Updater holds the state. One thread at a time may use it.
// MXNet's rule for weight decay: it applies to names that end in _weight or _gamma. The attributes
// __lr_mult__ and __wd_mult__ of the parameters win over the rule, what the caller sets wins over
// both.
class Optimizer {
 public:
  explicit Optimizer(OptimizerOptions options);
  virtual ~Optimizer() = default;

  void set_lr_mult(Multipliers multipliers) { lr_mult_ = std::move(multipliers); }
  void set_wd_mult(Multipliers multipliers) { wd_mult_ = std::move(multipliers); }
  // Takes the multipliers from the attributes of a symbol's variables. Throws Error when one is no
  // number.
  void read_attributes(const Symbol& symbol);
  // What `rescale_grad` means where the options leave it open.
  void set_default_rescale_grad(float factor) { default_rescale_grad_ = factor; }

  float learning_rate(std::string_view name) const;
  float weight_decay(std::string_view name) const;
  float rescale_grad() const { return options_.rescale_grad.value_or(default_rescale_grad_); }
  float clip_gradient() const { return options_.clip_gradient; }
  // The largest number of updates that any parameter has had.
  int64_t num_updates() const { return num_updates_; }

  // New arrays that the updates of `weight` keep between steps.
  virtual std::vector<Array> create_state(const Array& weight) const = 0;
  // Queues one step of `weight`, in place.
  void update(std::string_view name, const Array& weight, const Array& gradient,
              std::span<const Array> state);

 protected:
  struct Rates {
    float learning_rate, weight_decay;
  };
  virtual void step(const Rates& rates, const Array& weight, const Array& gradient,
                    std::span<const Array> state) = 0;

 private:
  OptimizerOptions options_;
  float default_rescale_grad_ = 1;
  Multipliers lr_mult_, wd_mult_;
  Multipliers attribute_lr_mult_, attribute_wd_mult_;
  std::map<std::string, int64_t, std::less<>> counts_;
  int64_t num_updates_ = 0;
};

// An optimizer with the state of every parameter, made at the parameter's first update.
class Updater {
 public:
  explicit Updater(std::shared_ptr<Optimizer> optimizer) : optimizer_(std::move(optimizer)) {}

  void operator()(const std::string& name, const Array& weight, const Array& gradient);
  Optimizer& optimizer() { return *optimizer_; }
  const std::map<std::string, std::vector<Array>, std::less<>>& states() const { return states_; }

 private:
  std::shared_ptr<Optimizer> optimizer_;
  std::map<std::string, std::vector<Array>, std::less<>> states_;
};

}  // namespace treadle
