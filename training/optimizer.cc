#include "treadle/training/optimizer.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "treadle/core/error.h"

namespace treadle {
namespace {

float find_or(const Multipliers& multipliers, std::string_view name, float otherwise) {
  const auto it = multipliers.find(name);
  return it == multipliers.end() ? otherwise : it->second;
}

Multipliers read_multipliers(const std::map<std::string, Attributes>& attributes,
                             std::string_view key) {
  Multipliers found;
  for (const auto& [name, values] : attributes) {
    const auto it = values.find(key);
    if (it == values.end()) continue;
    const std::string& text = it->second;
    float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      throw Error("The attribute ", key, " of '", name, "' is '", text, "', expected a number.");
    }
    found[name] = value;
  }
  return found;
}

}  // namespace

Optimizer::Optimizer(OptimizerOptions options) : options_(std::move(options)) {
  if (!(options_.learning_rate >= 0)) {
    throw Error("The learning rate is ", options_.learning_rate,
                ", expected a number that is not negative.");
  }
}

void Optimizer::read_attributes(const Symbol& symbol) {
  const std::map<std::string, Attributes> attributes = symbol.attr_dict();
  attribute_lr_mult_ = read_multipliers(attributes, attribute::lr_mult);
  attribute_wd_mult_ = read_multipliers(attributes, attribute::wd_mult);
}

float Optimizer::learning_rate(std::string_view name) const {
  const float base = options_.learning_rate;
  const float now = options_.scheduler ? options_.scheduler->rate(num_updates_, base) : base;
  return now * find_or(lr_mult_, name, find_or(attribute_lr_mult_, name, 1));
}

float Optimizer::weight_decay(std::string_view name) const {
  const float rule = name.ends_with("_weight") || name.ends_with("_gamma") ? 1.0f : 0.0f;
  return options_.wd * find_or(wd_mult_, name, find_or(attribute_wd_mult_, name, rule));
}

void Optimizer::update(std::string_view name, const Array& weight, const Array& gradient,
                       std::span<const Array> state) {
  auto it = counts_.find(name);
  if (it == counts_.end()) it = counts_.emplace(name, 0).first;
  num_updates_ = std::max(num_updates_, ++it->second);
  step({learning_rate(name), weight_decay(name)}, weight, gradient, state);
}

void Updater::operator()(const std::string& name, const Array& weight, const Array& gradient) {
  auto it = states_.find(name);
  if (it == states_.end()) it = states_.emplace(name, optimizer_->create_state(weight)).first;
  optimizer_->update(name, weight, gradient, it->second);
}

}  // namespace treadle
