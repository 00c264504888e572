#include "support.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

Symbol two_layers() {
  Symbol net = FullyConnected{.num_hidden = 4}(Symbol::variable("data"), "fc1");
  return FullyConnected{.num_hidden = 2}(Activation{.act_type = ActType::tanh}(net, "tanh1"),
                                         "fc2");
}

Bindings arrays_for_two_layers() {
  Bindings b;
  b.arguments = {{"data", random_array({3, 5}, 1)},
                 {"fc1_weight", random_array({4, 5}, 2)},
                 {"fc1_bias", random_array({4}, 3)},
                 {"fc2_weight", random_array({2, 4}, 4)},
                 {"fc2_bias", random_array({2}, 5)}};
  b.gradients = {{"fc1_weight", Array::zeros({4, 5})}, {"fc2_bias", Array::zeros({2})}};
  return b;
}

}  // namespace

TEST_CASE("simple_bind allocates every array that follows from the shapes", "[executor]") {
  Executor exec = two_layers().simple_bind(cpu(), {{"data", {3, 5}}});
  CHECK(exec.argument("fc1_weight").shape() == Shape{4, 5});
  CHECK(exec.argument("fc2_bias").shape() == Shape{2});
  CHECK(exec.gradient("data").shape() == Shape{3, 5});
  CHECK(exec.outputs()[0].shape() == Shape{3, 2});
  CHECK(exec.output("fc2_output").shape() == Shape{3, 2});
  CHECK(exec.argument("fc1_weight").to_vector<float>() == std::vector<float>(20, 0));
}

TEST_CASE("bind uses the caller's arrays and computes the gradients that have one", "[executor]") {
  const Bindings b = arrays_for_two_layers();
  Executor exec = Executor::bind(two_layers(), cpu(), b);
  exec.forward(Mode::train);
  const Array heads[] = {Array::full({3, 2}, 1)};
  exec.backward(heads);
  // The gradient of the last bias sums the head gradients.
  CHECK(b.gradients.at("fc2_bias").to_vector<float>() == std::vector<float>{3, 3});
  CHECK(b.gradients.at("fc1_weight").to_vector<float>() != std::vector<float>(20, 0));
  CHECK_FALSE(exec.gradients()[0].is_valid());
  require_error_matches([&] { exec.gradient("data"); }, {"No gradient of 'data' was requested"});

  // The same numbers as from an executor that owns its arrays.
  Executor own = two_layers().simple_bind(cpu(), {{"data", {3, 5}}});
  for (const auto& [name, array] : b.arguments) own.argument(name).copy_from(array);
  own.forward(Mode::train);
  own.backward(heads);
  CHECK(own.outputs()[0].to_vector<float>() == exec.outputs()[0].to_vector<float>());
  CHECK(own.gradient("fc1_weight").to_vector<float>() ==
        b.gradients.at("fc1_weight").to_vector<float>());
}

TEST_CASE("grad_req write overwrites, add accumulates, null leaves alone", "[executor]") {
  Bindings b = arrays_for_two_layers();
  b.gradients["fc1_bias"] = Array::full({4}, 5);
  b.gradients["fc2_bias"] = Array::full({2}, 5);
  b.gradients["fc2_weight"] = Array::full({2, 4}, 5);
  b.requests = {
      {"fc1_bias", Request::add}, {"fc2_bias", Request::add}, {"fc2_weight", Request::null}};
  Executor exec = Executor::bind(two_layers(), cpu(), b);
  const Array heads[] = {Array::full({3, 2}, 1)};
  std::vector<float> first_weight;
  for (int run = 0; run < 3; ++run) {
    exec.forward(Mode::train);
    exec.backward(heads);
    if (run == 0) first_weight = b.gradients["fc1_weight"].to_vector<float>();
  }
  CHECK(b.gradients["fc2_bias"].to_vector<float>() == std::vector<float>(2, 5 + 3 * 3));
  CHECK(b.gradients["fc2_weight"].to_vector<float>() == std::vector<float>(8, 5));
  CHECK(b.gradients["fc1_weight"].to_vector<float>() == first_weight);

  Bindings once = arrays_for_two_layers();
  once.gradients["fc1_bias"] = Array::zeros({4});
  Executor plain = Executor::bind(two_layers(), cpu(), once);
  plain.forward(Mode::train);
  plain.backward(heads);
  const auto expected = once.gradients["fc1_bias"].to_vector<float>();
  const auto added = b.gradients["fc1_bias"].to_vector<float>();
  for (size_t i = 0; i < 4; ++i) CHECK(added[i] == Approx(5 + 3 * expected[i]).epsilon(1e-5));
}

TEST_CASE("gradients may be views of a larger array", "[executor]") {
  Array all = Array::full({3, 2}, 9);
  Bindings b = arrays_for_two_layers();
  b.gradients["fc2_bias"] = all.slice(1, 2).reshape({2});
  Executor exec = Executor::bind(two_layers(), cpu(), b);
  exec.forward(Mode::train);
  const Array heads[] = {Array::full({3, 2}, 1)};
  exec.backward(heads);
  CHECK(all.to_vector<float>() == std::vector<float>{9, 9, 3, 3, 9, 9});
}

TEST_CASE("one array may be bound to several arguments", "[executor]") {
  const Symbol product = Symbol::variable("a") * Symbol::variable("b");
  const Array shared = Array::full({2}, 3);
  Bindings b;
  b.arguments = {{"a", shared}, {"b", shared}};
  Executor exec = Executor::bind(product, cpu(), b);
  exec.forward(Mode::infer);
  CHECK(exec.outputs()[0].to_vector<float>() == std::vector<float>{9, 9});
}

TEST_CASE("what bind refuses, in sentences", "[executor][errors]") {
  const Symbol net = two_layers();
  const auto refused = [&](auto&& change, std::initializer_list<std::string_view> words) {
    Bindings b = arrays_for_two_layers();
    change(b);
    require_error_matches([&] { Executor::bind(net, cpu(), b); }, words);
  };
  refused([](Bindings& b) { b.arguments.erase("fc1_bias"); },
          {"No array is given for the argument 'fc1_bias'", "bind needs one for each"});
  refused([](Bindings& b) { b.arguments["fc1_bias"] = Array(); },
          {"No array is given for the argument 'fc1_bias'"});
  refused([](Bindings& b) { b.arguments["fc1_bais"] = Array::zeros({4}); },
          {"given for the argument 'fc1_bais', which the symbol does not have",
           "Did you mean 'fc1_bias'?"});
  refused([](Bindings& b) { b.auxiliaries["mean"] = Array::zeros({4}); },
          {"given for the auxiliary state 'mean'", "It has none"});
  refused([](Bindings& b) { b.arguments["fc1_weight"] = Array::zeros({4, 6}); },
          {"FullyConnected(fc1)", "(4, 6)", "(4, 5)"});
  refused([](Bindings& b) { b.arguments["data"] = Array::zeros({0, 5}); },
          {"'data' is an empty array of shape (0, 5)", "cannot be bound"});
  refused([](Bindings& b) { b.arguments["fc1_bias"] = Array::zeros({4}, DType::f64); },
          {"fc1", "float64", "float32"});
  refused([](Bindings& b) { b.gradients["fc2_bias"] = Array::zeros({3}); },
          {"The gradient of 'fc2_bias' has shape (3,), expected (2,)"});
  refused([](Bindings& b) { b.gradients["fc2_bias"] = Array::zeros({2}, DType::f64); },
          {"The gradient of 'fc2_bias' has type float64, expected float32", "as_type"});
  refused([](Bindings& b) { b.requests["fc2_bais"] = Request::add; },
          {"gradient request is given for 'fc2_bais'", "Did you mean 'fc2_bias'?"});
}

TEST_CASE("a failed bind leaves the caller's arrays as they were", "[executor][errors]") {
  Bindings b = arrays_for_two_layers();
  b.gradients["fc2_bias"] = Array::full({3}, 7);
  const auto weight = b.arguments["fc1_weight"].to_vector<float>();
  CHECK_THROWS_AS(Executor::bind(two_layers(), cpu(), b), Error);
  CHECK(b.arguments["fc1_weight"].to_vector<float>() == weight);
  CHECK(b.gradients["fc1_weight"].to_vector<float>() == std::vector<float>(20, 0));
  CHECK(b.gradients["fc2_bias"].to_vector<float>() == std::vector<float>(3, 7));
}

TEST_CASE("what simple_bind refuses, in sentences", "[executor][errors]") {
  const Symbol net = two_layers();
  require_error_matches([&] { net.simple_bind(cpu(), {}); }, {"data"});
  require_error_matches([&] { net.simple_bind(cpu(), {{"dota", {3, 5}}}); },
                        {"dota", "Did you mean 'data'?"});
  require_error_matches(
      [&] { net.simple_bind(cpu(), {{"data", {3, 5}}}, {.requests = {{"x", Request::add}}}); },
      {"gradient request is given for 'x'"});
  require_error_matches([&] { Symbol().simple_bind(cpu(), {}); }, "empty");
  const Symbol twins = Symbol::variable("a") + Symbol::variable("a");
  require_error_matches([&] { twins.simple_bind(cpu(), {{"a", {2}}}); },
                        {"Several variables are called 'a'"});
}

TEST_CASE("what forward and backward refuse, in sentences", "[executor][errors]") {
  Executor exec = two_layers().simple_bind(cpu(), {{"data", {3, 5}}});
  require_error_matches([&] { exec.backward(); }, {"backward is called before forward"});
  exec.forward(Mode::train);
  require_error_matches([&] { exec.backward(); },
                        {"needs the gradient of output 0, 'fc2_output'", "no loss"});
  const Array wrong[] = {Array::zeros({3, 3})};
  require_error_matches([&] { exec.backward(wrong); },
                        {"head gradient of 'fc2_output' has shape (3, 3), expected (3, 2)"});
  const Array many[] = {Array::zeros({3, 2}), Array::zeros({3, 2})};
  require_error_matches([&] { exec.backward(many); },
                        {"2 head gradients are given; the symbol has 1 outputs"});
  require_error_matches([&] { exec.forward(Mode::infer, {{"dota", Array::zeros({3, 5})}}); },
                        {"no argument 'dota'", "Did you mean 'data'?"});
  require_error_matches([&] { exec.forward(Mode::infer, {{"data", Array::zeros({2, 5})}}); },
                        {"(2, 5)", "(3, 5)"});
  require_error_matches([&] { exec.argument("fc3_weight"); },
                        {"no argument 'fc3_weight'", "Did you mean"});
  require_error_matches([&] { exec.auxiliary("mean"); }, {"no auxiliary state 'mean'"});

  Executor without =
      two_layers().simple_bind(cpu(), {{"data", {3, 5}}}, {.default_request = Request::null});
  without.forward(Mode::train);
  require_error_matches([&] { without.backward(); }, {"every gradient request was 'null'"});
  // It still works after all that.
  without.forward(Mode::infer, {{"data", Array::zeros({3, 5})}});
  CHECK(without.outputs()[0].to_vector<float>() == std::vector<float>(6, 0));
}

TEST_CASE("forward takes inputs by name, and types follow the arrays", "[executor]") {
  const Symbol sum = Symbol::variable("a") + Symbol::variable("b");
  Executor exec = sum.simple_bind(cpu(), {{"a", {3}}, {"b", {3}}}, {.types = {{"a", DType::f64}}});
  CHECK(exec.argument("b").type() == DType::f64);
  CHECK(exec.outputs()[0].type() == DType::f64);
  exec.forward(Mode::infer,
               {{"a", Array::full({3}, 1.25, DType::f64)}, {"b", Array::full({3}, 2)}});
  CHECK(exec.outputs()[0].to_vector<double>() == std::vector<double>(3, 3.25));
}

TEST_CASE("what stands for a missing gradient is zeros, shaped by what reads it", "[executor]") {
  const Symbol none = compose("_NoGradient", {}, std::span<const Symbol>(), {}, "none");
  Executor exec = (Symbol::variable("a") + none).simple_bind(cpu(), {{"a", {2, 3}}});
  exec.forward(Mode::train, {{"a", Array::full({2, 3}, 4)}});
  CHECK(exec.outputs()[0].to_vector<float>() == std::vector<float>(6, 4));
  const Array heads[] = {Array::full({2, 3}, 7)};
  exec.backward(heads);
  CHECK(exec.gradient("a").to_vector<float>() == std::vector<float>(6, 7));
}

TEST_CASE("a group has one output per member, and each takes its head gradient", "[executor]") {
  const Symbol a = Symbol::variable("a");
  const Symbol twice = a * 2.0, square = a * a;
  const Symbol members[] = {twice, square, a};
  Executor exec = Symbol::group(members).simple_bind(cpu(), {{"a", {2}}});
  exec.forward(Mode::train, {{"a", Array::from<float>(std::vector<float>{3, -1}, {2})}});
  REQUIRE(exec.outputs().size() == 3);
  CHECK(exec.outputs()[0].to_vector<float>() == std::vector<float>{6, -2});
  CHECK(exec.outputs()[1].to_vector<float>() == std::vector<float>{9, 1});
  CHECK(exec.outputs()[2].to_vector<float>() == std::vector<float>{3, -1});
  const Array heads[] = {Array::full({2}, 1), Array::full({2}, 10), Array::full({2}, 100)};
  exec.backward(heads);
  CHECK(exec.gradient("a").to_vector<float>() == std::vector<float>{2 + 60 + 100, 2 - 20 + 100});
}
