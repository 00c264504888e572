#include "lenet.h"

#include "treadle/ops.h"

namespace demo {

using namespace treadle;

Symbol lenet() {
  Symbol net = Symbol::variable("data");
  net = Convolution{.kernel = {5, 5}, .num_filter = 20}(net, "conv1");
  net = Activation{.act_type = ActType::tanh}(net, "tanh1");
  net = Pooling{.kernel = {2, 2}, .pool_type = PoolType::max, .stride = {2, 2}}(net, "pool1");
  net = Convolution{.kernel = {5, 5}, .num_filter = 50}(net, "conv2");
  net = Activation{.act_type = ActType::tanh}(net, "tanh2");
  net = Pooling{.kernel = {2, 2}, .pool_type = PoolType::max, .stride = {2, 2}}(net, "pool2");
  net = Flatten{}(net, "flatten");
  net = FullyConnected{.num_hidden = 500}(net, "fc1");
  net = Activation{.act_type = ActType::tanh}(net, "tanh3");
  net = FullyConnected{.num_hidden = 10}(net, "fc2");
  return SoftmaxOutput{}(net, "softmax");
}

}  // namespace demo
