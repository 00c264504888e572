#include "support.h"
#include "treadle/operators/random.h"

using namespace treadle;
using namespace treadle::testing;

TEST_CASE("invoke runs one operator on arrays", "[imperative]") {
  const Array a = Array::from(std::vector<float>{1, 2, 3}, {3}), b = Array::full({3}, 10);
  const Array both[] = {a, b};
  CHECK(invoke("elemwise_add", {}, both)[0].to_vector<float>() == std::vector<float>{11, 12, 13});
  const Array one[] = {a};
  CHECK(invoke("_mul_scalar", {{"scalar", "-2"}}, one)[0].to_vector<float>() ==
        std::vector<float>{-2, -4, -6});
  // Chained: each waits for what it reads.
  Array sum = a;
  for (int i = 0; i < 50; ++i) {
    const Array next[] = {sum, a};
    sum = invoke("elemwise_add", {}, next)[0];
  }
  CHECK(sum.to_vector<float>() == std::vector<float>{51, 102, 153});
}

TEST_CASE("invoke writes to the arrays it is given, its inputs too", "[imperative]") {
  const Array a = Array::full({4}, 3), b = Array::full({4}, 4), out = Array::full({4}, 0);
  const Array both[] = {a, b}, to_out[] = {out}, to_a[] = {a};
  CHECK(invoke("elemwise_mul", {}, both, {.outputs = to_out})[0].shares_memory_with(out));
  CHECK(out.to_vector<float>() == std::vector<float>(4, 12));
  invoke("elemwise_sub", {}, both, {.outputs = to_a});
  CHECK(a.to_vector<float>() == std::vector<float>(4, -1));
}

TEST_CASE("invoke works on a copy where an operator cannot overwrite its input", "[imperative]") {
  // A matrix product reads its inputs as a whole; here the result goes to the memory of one.
  const Array data = Array::from(std::vector<float>{1, 2, 3, 4}, {2, 2});
  const Array weight = Array::from(std::vector<float>{0, 1, 1, 0}, {2, 2});
  const Array inputs[] = {data, weight}, outputs[] = {data};
  const auto given = invoke("FullyConnected", {{"num_hidden", "2"}, {"no_bias", "True"}}, inputs,
                            {.outputs = outputs});
  CHECK(given[0].shares_memory_with(data));
  CHECK(data.to_vector<float>() == std::vector<float>{2, 1, 4, 3});
}

TEST_CASE("invoke updates states in place", "[imperative]") {
  const Array weight = Array::full({3}, 1), gradient = Array::full({3}, 2),
              momentum = Array::full({3}, 0);
  const Array inputs[] = {weight, gradient, momentum}, outputs[] = {weight};
  const ParamText params = {{"lr", "0.5"}, {"momentum", "0.5"}};
  invoke("sgd_mom_update", params, inputs, {.outputs = outputs});
  CHECK(momentum.to_vector<float>() == std::vector<float>(3, -1));
  CHECK(weight.to_vector<float>() == std::vector<float>(3, 0));
  invoke("sgd_mom_update", params, inputs, {.outputs = outputs});
  CHECK(momentum.to_vector<float>() == std::vector<float>(3, -1.5));
  CHECK(weight.to_vector<float>() == std::vector<float>(3, -1.5));
}

TEST_CASE("invoke writes a view and leaves the rest alone", "[imperative]") {
  Array whole = Array::full({3, 2}, 1);
  const Array inputs[] = {Array::full({1, 2}, 5)}, outputs[] = {whole.slice(1, 2)};
  invoke("_mul_scalar", {{"scalar", "2"}}, inputs, {.outputs = outputs});
  CHECK(whole.to_vector<float>() == std::vector<float>{1, 1, 10, 10, 1, 1});
}

TEST_CASE("random operators depend on the seed and go on with each call", "[imperative][random]") {
  const Array inputs[] = {Array::full({200}, 1)};
  const auto draw = [&] {
    return invoke("Dropout", {{"p", "0.5"}}, inputs, {.mode = Mode::train})[0].to_vector<float>();
  };
  seed_random(9);
  const auto first = draw(), second = draw();
  CHECK(first != second);
  seed_random(9);
  CHECK(draw() == first);
  CHECK(draw() == second);
}

TEST_CASE("what invoke refuses, in sentences", "[imperative][errors]") {
  const Array a = Array::full({3}, 1), b = Array::full({4}, 1);
  const Array one[] = {a}, two[] = {a, b}, none[] = {Array()};
  require_error_matches([&] { invoke("elemwise_ad", {}, two); },
                        {"elemwise_ad", "Did you mean 'elemwise_add'?"});
  require_error_matches([&] { invoke("elemwise_add", {}, one); },
                        {"elemwise_add", "1 arrays are given, expected 2", "lhs"});
  require_error_matches([&] { invoke("elemwise_add", {}, two); }, {"elemwise_add", "(3,)", "(4,)"});
  require_error_matches([&] { invoke("Activation", {{"act_type", "rellu"}}, one); },
                        {"Activation", "rellu", "relu"});
  require_error_matches([&] { invoke("Activation", {{"act", "relu"}}, one); },
                        {"Activation", "act_type"});
  require_error_matches([&] { invoke("Activation", {}, one); }, {"Activation", "act_type"});
  require_error_matches([&] { invoke("_mul_scalar", {{"scalar", "2"}}, none); },
                        {"_mul_scalar", "input 0 is no array"});
  const Array wrong[] = {b};
  require_error_matches([&] { invoke("_mul_scalar", {{"scalar", "2"}}, one, {.outputs = wrong}); },
                        {"output 0 is written to an array of shape (4,)", "expected (3,)"});
  require_error_matches([&] { invoke("_mul_scalar", {{"scalar", "2"}}, one, {.outputs = two}); },
                        {"2 output arrays are given, expected 1"});
}
