// What imperative calls keep for the next ones.
#include "treadle/executor/call_plan.h"

#include <string>
#include <thread>

#include "support.h"
#include "treadle/device/memory.h"
#include "treadle/executor/answer_cache.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

const OpRecord& op(std::string_view name) { return OpRegistry::instance().get(name); }

struct Number {
  int value = 0;
  size_t hash() const { return size_t(value % 3); }  // several share one
  friend bool operator==(const Number&, const Number&) = default;
};

}  // namespace

TEST_CASE("a cache answers the questions asked last", "[imperative][cache]") {
  AnswerCache<Number, std::string> cache(4);
  const auto keep = [&](int n) {
    cache.keep({n}, std::make_shared<const std::string>(std::to_string(n)));
  };
  for (int n = 0; n < 4; ++n) keep(n);
  CHECK(cache.find({7}) == nullptr);
  REQUIRE(cache.find({0}) != nullptr);  // so that 1 is the oldest
  CHECK(*cache.find({3}) == "3");
  keep(4);
  CHECK(cache.size() == 4);
  CHECK(cache.find({1}) == nullptr);
  CHECK(*cache.find({0}) == "0");
  // The first answer stays.
  cache.keep({0}, std::make_shared<const std::string>("another"));
  CHECK(*cache.find({0}) == "0");
  CHECK(cache.size() == 4);
}

TEST_CASE("calls that are alike share a plan, others do not", "[imperative][cache]") {
  const std::vector<TensorSpec> inputs = {{{4, 6}}, {{3, 6}}};
  const ParamText params{{"num_hidden", "3"}, {"no_bias", "True"}};
  const auto plan = [&](const ParamText& text, const std::vector<TensorSpec>& specs) {
    return plan_call(op("FullyConnected"), text, specs, cpu());
  };
  const auto first = plan(params, inputs);
  CHECK(plan(params, inputs) == first);
  CHECK(first->outputs[0].shape == Shape{4, 3});
  CHECK(plan(params, {{{5, 6}}, {{3, 6}}}) != first);
  CHECK(plan(params, {{{4, 6}, DType::f64}, {{3, 6}, DType::f64}}) != first);
  CHECK(plan({{"num_hidden", "3"}, {"no_bias", "1"}}, inputs) != first);
  CHECK(plan_call(op("FullyConnected"), params, inputs, cpu(1)) != first);
  // What does not fit is refused each time.
  for (int i = 0; i < 2; ++i) {
    require_error_matches([&] { plan(params, {{{4, 6}}, {{3, 5}}}); }, {"FullyConnected"});
  }
}

TEST_CASE("kernels of gradients are kept by their parameters", "[imperative][cache]") {
  const OpRecord& backward = *op("FullyConnected").backward;
  const auto params =
      op("FullyConnected").schema.parse({{"num_hidden", "3"}, {"no_bias", "True"}}, "test");
  const auto others = op("FullyConnected").schema.parse({{"num_hidden", "3"}}, "test");
  const std::vector<TensorSpec> inputs = {{{4, 3}}, {{4, 6}}, {{3, 6}}},
                                outputs = {{{4, 6}}, {{3, 6}}};
  const std::vector<Request> both(2, Request::write), one = {Request::write, Request::null};
  const auto kernel = kernel_for(backward, params, cpu(), inputs, outputs, both);
  const auto again = kernel_for(backward, params, cpu(), inputs, outputs, both);
  const bool has_several =
      backward.attributes.get<Implementations<DeviceKind::cpu>>()->list.size() > 1;
  CHECK((again == kernel) == has_several);
  CHECK(kernel_for(backward, params, cpu(), inputs, outputs, one) != kernel);
}

TEST_CASE("threads that call the same operators get the same numbers", "[imperative][cache]") {
  std::vector<std::thread> threads;
  std::vector<float> sums(4);
  for (size_t t = 0; t < sums.size(); ++t) {
    threads.emplace_back([&sums, t] {
      for (int round = 0; round < 200; ++round) {
        // More shapes than one thread meets alone, many of them at the same time.
        const int64_t n = 1 + (round * 7 + int64_t(t)) % 50;
        const Array inputs[] = {Array::full({n, 4}, 1), Array::full({2, 4}, 0.5)};
        const Array made =
            invoke("FullyConnected", {{"num_hidden", "2"}, {"no_bias", "1"}}, inputs)[0];
        const auto values = made.to_vector<float>();
        if (values == std::vector<float>(size_t(2 * n), 2)) sums[t] += 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(sums == std::vector<float>(4, 200));
}

TEST_CASE("calls in a row take their memory when they run", "[imperative][memory]") {
  const WithEngine engine(EngineKind::serial);
  const Array data = Array::full({1 << 16}, 1);
  memory_pool(cpu()).reset_peak();
  const size_t before = memory_pool(cpu()).statistics().live_bytes;
  for (int i = 0; i < 10; ++i) {
    const Array inputs[] = {data};
    invoke("_plus_scalar", {{"scalar", "1"}}, inputs)[0].wait();
  }
  CHECK(memory_pool(cpu()).statistics().peak_bytes <= before + 2 * data.bytes());
  // An array that is still to be written has an address for those who ask early.
  const Array early = Array::delayed({8});
  CHECK(memory_pool(cpu()).statistics().live_bytes == before);
  REQUIRE(early.data() != nullptr);
  CHECK(early.data() == early.reshape({2, 4}).data());
  CHECK(memory_pool(cpu()).statistics().live_bytes == before + early.bytes());
}

TEST_CASE("an array whose operator failed has memory to be written anew", "[imperative][memory]") {
  const Array data[] = {Array::full({2, 2}, 0)};
  Array made = invoke("linalg_potrf", {}, data)[0];  // of what has no factor
  CHECK_THROWS_AS(made.wait(), Error);
  const std::vector<float> fresh = {1, 2, 3, 4};
  made.copy_from_host(fresh.data(), made.bytes());
  CHECK(made.to_vector<float>() == fresh);
  // Nothing ran for what reads a failure; its array can be given a value all the same.
  const Array bad[] = {invoke("linalg_potrf", {}, data)[0]};
  Array after = invoke("_plus_scalar", {{"scalar", "1"}}, bad)[0];
  CHECK_THROWS_AS(after.wait(), Error);
  after.fill(3);
  CHECK(after.to_vector<float>() == std::vector<float>(4, 3));
}
