#include "treadle/training/sgd.h"

#include <charconv>

#include "treadle/executor/imperative.h"

namespace treadle {
namespace {

// The shortest text that reads back as the same float.
std::string exact(float value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return std::string(text, end);
}

}  // namespace

SGD::SGD(const Options& options)
    : Optimizer({.learning_rate = options.learning_rate,
                 .wd = options.wd,
                 .rescale_grad = options.rescale_grad,
                 .clip_gradient = options.clip_gradient,
                 .scheduler = options.scheduler}),
      momentum_(options.momentum) {}

std::vector<Array> SGD::create_state(const Array& weight) const {
  if (momentum_ == 0) return {};
  return {Array::zeros(weight.shape(), weight.type(), weight.device())};
}

void SGD::step(const Rates& rates, const Array& weight, const Array& gradient,
               std::span<const Array> state) {
  ParamText params = {{"lr", exact(rates.learning_rate)},
                      {"wd", exact(rates.weight_decay)},
                      {"rescale_grad", exact(rescale_grad())},
                      {"clip_gradient", exact(clip_gradient())}};
  const Array outputs[] = {weight};
  if (state.empty()) {
    const Array inputs[] = {weight, gradient};
    invoke("sgd_update", params, inputs, {.outputs = outputs});
  } else {
    params["momentum"] = exact(momentum_);
    const Array inputs[] = {weight, gradient, state[0]};
    invoke("sgd_mom_update", params, inputs, {.outputs = outputs});
  }
}

}  // namespace treadle
