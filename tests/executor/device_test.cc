// Graphs on accelerators: the bits of the host, on one device and on several.
#include <chrono>

#include "support.h"
#include "treadle/device/driver.h"
#include "treadle/device/emulated.h"
#include "treadle/device/null_driver.h"
#include "treadle/graph/scope.h"
#include "treadle/operators/random.h"

#if defined(__SANITIZE_THREAD__)
#define TREADLE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TREADLE_TSAN 1
#endif
#endif

using namespace treadle;
using namespace treadle::testing;

namespace {

Device device_number(int which) {
  static const Device devices[] = {add_emulated_gpu({.seed = 21}), add_emulated_gpu({.seed = 22})};
  return devices[which];
}

// LeNet, its convolutions in one group and its dense layers in another, with dropout.
Symbol lenet() {
  Symbol net = Symbol::variable("data");
  {
    const AttrScope scope({{"__ctx_group__", "convolutions"}});
    net = Convolution{.kernel = {5, 5}, .num_filter = 8}(net, "conv1");
    net = Activation{.act_type = ActType::tanh}(net, "tanh1");
    net = Pooling{.kernel = {2, 2}, .pool_type = PoolType::max, .stride = {2, 2}}(net, "pool1");
    net = Convolution{.kernel = {5, 5}, .num_filter = 12}(net, "conv2");
    net = BatchNorm{.fix_gamma = false}(net, "bn2");
    net = Activation{.act_type = ActType::tanh}(net, "tanh2");
    net = Pooling{.kernel = {2, 2}, .pool_type = PoolType::max, .stride = {2, 2}}(net, "pool2");
  }
  const AttrScope scope({{"__ctx_group__", "dense"}});
  net = FullyConnected{.num_hidden = 50}(Flatten{}(net, "flat"), "fc1");
  net = Dropout{.p = 0.4f}(Activation{.act_type = ActType::tanh}(net, "tanh3"), "drop1");
  net = FullyConnected{.num_hidden = 10}(net, "fc2");
  return SoftmaxOutput{}(net, "softmax");
}
ShapeMap lenet_shapes() { return {{"data", {8, 1, 28, 28}}, {"softmax_label", {8}}}; }

using Results = std::vector<std::vector<float>>;

// Everything that some training steps leave behind, bit by bit. Batches come from the host, updates
// are operators on the device of each weight.
Results train(Device device, const GroupMap& groups, int steps) {
  seed_random(5);
  Executor exec = lenet().simple_bind(device, lenet_shapes(), {.groups = groups});
  fill_randomly(exec, 11);
  for (const Array& state : exec.auxiliaries()) Array(state).fill(0.5);
  const std::vector<std::string>& names = exec.program()->argument_names();
  Results results;
  for (int step = 0; step < steps; ++step) {
    std::vector<float> labels;
    for (int i = 0; i < 8; ++i) labels.push_back(float((i * 3 + step) % 10));
    exec.forward(Mode::train, {{"data", random_array({8, 1, 28, 28}, uint64_t(100 + step))},
                               {"softmax_label", Array::from(labels, {8})}});
    exec.backward();
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == "data" || names[i] == "softmax_label") continue;
      invoke("sgd_update", {{"lr", "0.02"}}, {{exec.arguments()[i], exec.gradients()[i]}},
             {.outputs = {{exec.arguments()[i]}}});
    }
    results.push_back(exec.outputs()[0].to_vector<float>());
  }
  for (const Array& array : exec.arguments()) results.push_back(array.to_vector<float>());
  for (const Array& array : exec.gradients()) results.push_back(array.to_vector<float>());
  for (const Array& array : exec.auxiliaries()) results.push_back(array.to_vector<float>());
  return results;
}

void check_equal(const Results& a, const Results& b) {
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    INFO("array " << i);
    CHECK(a[i] == b[i]);
  }
}

GroupMap on(Device convolutions, Device dense) {
  return {{"convolutions", convolutions}, {"dense", dense}};
}

}  // namespace

TEST_CASE("LeNet trains on a device with the host's bits", "[executor][device]") {
  const Results host = train(cpu(), {}, 3);
  CHECK(host[0] != host[2]);
  check_equal(train(device_number(0), {}, 3), host);
}

TEST_CASE("LeNet trains on two devices by ctx_group with the host's bits", "[executor][device]") {
  const Results host = train(cpu(), {}, 3);
  check_equal(train(device_number(0), on(device_number(0), device_number(1)), 3), host);
  check_equal(train(cpu(), on(device_number(1), cpu()), 3), host);
  check_equal(train(device_number(0), on(cpu(2), device_number(0)), 3), host);
  check_equal(train(cpu(), on(cpu(0), cpu(1)), 3), host);
}

TEST_CASE("the serial engine has the same bits on devices", "[executor][device]") {
  const Results host = train(cpu(), {}, 2);
  const WithEngine engine(EngineKind::serial);
  check_equal(train(device_number(0), on(device_number(0), device_number(1)), 2), host);
}

#ifndef TREADLE_TSAN  // which would report the race that this is about
TEST_CASE("LeNet without one of its edges between streams is not LeNet", "[executor][device]") {
  // The first device is slow, so that who does not wait for it comes too early; its own first wait
  // is that of the first kernel that reads a batch.
  const auto slow = std::chrono::microseconds(1500);
  const Results host = train(cpu(), {}, 2);
  const Device whole = add_emulated_gpu({.most_delay = slow});
  const Device whole_too = add_emulated_gpu({.most_delay = std::chrono::microseconds(0)});
  check_equal(train(whole, on(whole, whole_too), 2), host);
  const uint64_t waits = emulated_waits(whole_too);
  REQUIRE(waits > 3);
  bool differs = false;
  for (uint64_t edge = 1; edge <= waits && !differs; ++edge) {
    const Device first = add_emulated_gpu({.most_delay = slow});
    const Device second =
        add_emulated_gpu({.most_delay = std::chrono::microseconds(0), .drop_wait = edge});
    differs = train(first, on(first, second), 2) != host;
  }
  CHECK(differs);
}
#endif

TEST_CASE("each device has an arena of its own, as planned", "[executor][device][memory]") {
  const Device a = device_number(0), b = device_number(1);
  const size_t live_a = driver(a).memory().statistics().live_bytes;
  const size_t live_b = driver(b).memory().statistics().live_bytes;
  Executor exec = lenet().simple_bind(a, lenet_shapes(), {.groups = on(a, b)});
  size_t arrays_a = 0, arrays_b = 0;
  for (const auto* list : {&exec.arguments(), &exec.gradients(), &exec.auxiliaries()}) {
    for (const Array& array : *list) {
      if (array.is_valid()) (array.device() == a ? arrays_a : arrays_b) += array.bytes();
    }
  }
  const auto& arenas = exec.program()->arenas();
  REQUIRE(arenas.size() == 2);
  for (const Arena& arena : arenas) {
    const size_t live = driver(arena.device).memory().statistics().live_bytes;
    CHECK(live ==
          (arena.device == a ? live_a + arrays_a : live_b + arrays_b) + size_t(arena.bytes));
  }
  CHECK(exec.allocated_bytes() == size_t(exec.program()->memory_plan().total_bytes));
  CHECK(exec.argument("conv1_weight").device() == a);
  CHECK(exec.argument("data").device() == a);
  CHECK(exec.gradient("fc1_weight").device() == b);
  CHECK(exec.auxiliary("bn2_moving_mean").device() == a);
  CHECK(exec.outputs()[0].device() == b);
}

TEST_CASE("arrays given to bind may be on any device", "[executor][device]") {
  const Device device = device_number(0);
  const Symbol net = FullyConnected{.num_hidden = 3}(Symbol::variable("data"), "fc");
  const auto run = [&](Device place, const GroupMap& groups, Device weight_place, Request request) {
    Bindings b;
    b.groups = groups;
    b.default_request = request;
    b.arguments = {{"data", random_array({4, 5}, 1).copy(place)},
                   {"fc_weight", random_array({3, 5}, 2).copy(weight_place)},
                   {"fc_bias", random_array({3}, 3).copy(place)}};
    b.gradients = {{"fc_weight", Array::full({3, 5}, 1, DType::f32, weight_place)}};
    Executor exec = Executor::bind(net, place, b);
    const Array heads[] = {random_array({4, 3}, 4).copy(place)};
    for (int i = 0; i < 2; ++i) {
      exec.forward(Mode::train);
      exec.backward(heads);
    }
    return std::pair(exec.outputs()[0].to_vector<float>(),
                     exec.gradient("fc_weight").to_vector<float>());
  };
  for (const Request request : {Request::write, Request::add}) {
    const auto host = run(cpu(), {}, cpu(), request);
    CHECK(run(device, {}, device, request) == host);
    // The weight stays on the host and is copied; its gradient comes home, also to be added.
    CHECK(run(device, {{"any", device}}, cpu(), request) == host);
    CHECK(run(device, {{"any", device}}, device_number(1), request) == host);
  }
  require_error_matches([&] { run(device, {}, cpu(), Request::write); },
                        {"The argument 'fc_weight' is on cpu(0); the executor is bound on gpu("});
}

TEST_CASE("a device that is not there is refused at bind", "[executor][device]") {
  require_error_matches([] { lenet().simple_bind(gpu(63), lenet_shapes()); },
                        {"gpu(63): there is no such device", "TREADLE_EMULATED_GPUS"});
  require_error_matches(
      [] { lenet().simple_bind(cpu(), lenet_shapes(), {.groups = {{"dense", cpu()}}}); },
      "its ctx_group 'convolutions' has no device; group2ctx has dense");
}

TEST_CASE("a graph can be planned for a device that does nothing", "[executor][device]") {
  const Device device = add_null_gpu();
  Executor exec = lenet().simple_bind(device, lenet_shapes());
  Engine::get_default()->wait_all();  // arrays are zero
  take_records(device);
  exec.forward(Mode::train);
  exec.backward();
  exec.gradient("conv1_weight").wait();
  Engine::get_default()->wait_all();
  size_t launches = 0;
  for (const NullRecord& record : take_records(device)) {
    launches += record.kind == NullRecord::Kind::launch;
    CHECK(record.kind != NullRecord::Kind::copy);
    CHECK(record.kind != NullRecord::Kind::allocate);
  }
  CHECK(launches == exec.program()->steps().size());
}
