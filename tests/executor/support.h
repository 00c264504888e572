// What the executor's tests share.
#pragma once

#include <cmath>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "treadle/executor/executor.h"
#include "treadle/executor/imperative.h"
#include "treadle/ops.h"
#include "treadle/tests/support/catch.h"
#include "treadle/tests/support/with_engine.h"

namespace treadle::testing {

// A node by the operator's name, with text parameters.
inline Symbol apply(std::string_view op, std::initializer_list<Symbol> inputs,
                    std::string_view name = {}, const ParamText& params = {}) {
  const std::vector<Symbol> list(inputs);
  return compose(op, params, list, {}, name);
}

// Numbers in [-scale, scale) that depend on the shape and `seed` alone.
inline Array random_array(const Shape& shape, uint64_t seed, float scale = 1) {
  std::vector<float> values(size_t(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = (2 * uniform_at({seed, 7}, i) - 1) * scale;
  return Array::from(values, shape);
}

inline void fill_randomly(const Executor& exec, uint64_t seed, float scale = 0.3f) {
  for (size_t i = 0; i < exec.arguments().size(); ++i) {
    Array argument = exec.arguments()[i];
    argument.copy_from(random_array(argument.shape(), seed + i, scale));
  }
}

// A small LeNet: every kind of layer of the real one, and dropout and normalisation.
inline Symbol small_net() {
  Symbol net = Symbol::variable("data");
  net = Convolution{.kernel = {3, 3}, .num_filter = 4}(net, "conv1");
  net = BatchNorm{.fix_gamma = false}(net, "bn1");
  net = Activation{.act_type = ActType::tanh}(net, "tanh1");
  net = Pooling{.kernel = {2, 2}, .pool_type = PoolType::max, .stride = {2, 2}}(net, "pool1");
  net = FullyConnected{.num_hidden = 16}(Flatten{}(net, "flat"), "fc1");
  net = Dropout{.p = 0.4f}(Activation{.act_type = ActType::relu}(net, "relu1"), "drop1");
  net = FullyConnected{.num_hidden = 3}(net, "fc2");
  return SoftmaxOutput{}(net, "softmax");
}
inline ShapeMap small_net_shapes() { return {{"data", {6, 2, 10, 10}}, {"softmax_label", {6}}}; }

}  // namespace treadle::testing
