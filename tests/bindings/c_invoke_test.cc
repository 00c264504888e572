#include <string>

#include "treadle/tests/bindings/c_testing.h"

namespace treadle::testing {
namespace {

using Values = std::vector<float>;

TEST_CASE("operators run on arrays, in place too", "[bindings][c]") {
  const ArrayHandle a = make({2}, {1, 4}), b = make({2}, {3, 5});
  REQUIRE(values_of(call("elemwise_add", {}, {a, b})) == Values{4, 9});
  REQUIRE(values_of(call("_mul_scalar", {{"scalar", "3"}}, {a})) == Values{3, 12});
  TreadleNDArray *inputs[] = {a, b}, *target[] = {a};
  ok(treadle_invoke("elemwise_sub", nullptr, 0, inputs, 2, target, 1, nullptr));
  REQUIRE(target[0] == static_cast<TreadleNDArray*>(a));
  REQUIRE(values_of(a) == Values{-2, -1});
}

TEST_CASE("an operator may have several outputs", "[bindings][c]") {
  const ArrayHandle a = make({4}, {1, 2, 3, 4});
  const TreadlePair params[] = {{"num_outputs", "2"}, {"axis", "0"}};
  size_t count = 0;
  ok(treadle_num_outputs("split", params, 2, 1, &count));
  REQUIRE(count == 2);
  TreadleNDArray *inputs[] = {a}, *outputs[3] = {nullptr, nullptr, nullptr};
  refuses(treadle_invoke("split", params, 2, inputs, 1, outputs, 1, nullptr),
          {"split has 2 outputs, but there is room for 1"});
  REQUIRE(outputs[0] == nullptr);
  ok(treadle_invoke("split", params, 2, inputs, 1, outputs, 3, nullptr));
  REQUIRE(values_of(outputs[1]) == Values{3, 4});
  REQUIRE(outputs[2] == nullptr);
  treadle_ndarray_free(outputs[1]);
  outputs[1] = nullptr;
  refuses(treadle_invoke("split", params, 2, inputs, 1, outputs, 2, nullptr),
          "1 output arrays are given, expected 2");
  treadle_ndarray_free(outputs[0]);
}

TEST_CASE("inputs of an operator go by name, and a device by option", "[bindings][c]") {
  const ArrayHandle data = make({1, 2}, {1, 2}), weight = make({1, 2}, {3, 4}), bias = make({1}, 5);
  const TreadlePair params[] = {{"num_hidden", "1"}};
  TreadleNDArray* inputs[] = {data, bias, weight};
  const char* names[] = {nullptr, "bias", "weight"};
  TreadleInvokeOptions options = {};
  options.struct_size = sizeof options;
  options.input_names = names;
  ArrayHandle out;
  ok(treadle_invoke("FullyConnected", params, 1, inputs, 3, out.out(), 1, &options));
  REQUIRE(values_of(out) == Values{16});
  TreadleNDArray* none = nullptr;
  const auto invoke = [&](const char* second, const char* third) {
    names[1] = second, names[2] = third;
    return treadle_invoke("FullyConnected", params, 1, inputs, 3, &none, 1, &options);
  };
  refuses(invoke("weight", "weight"), "the input 'weight' is given twice");
  refuses(invoke("weight", nullptr), "input 2 is given by position behind one with a name");
  refuses(invoke("biass", "weight"), "Did you mean 'bias'?");
  refuses(invoke("data", "weight"), "data is given twice, by position and by name");

  options = {};
  options.struct_size = sizeof options;
  options.device = treadle_cpu(2);
  const TreadlePair shape[] = {{"shape", "(2,)"}};
  ArrayHandle zeros;
  ok(treadle_invoke("_zeros", shape, 1, nullptr, 0, zeros.out(), 1, &options));
  TreadleDevice device = {};
  ok(treadle_ndarray_device(zeros, &device));
  REQUIRE(device.id == 2);
}

TEST_CASE("gradients of recorded calls arrive where variables were marked", "[bindings][c]") {
  const ArrayHandle x = make({2}, {3, 5}), gradient = make({2}, 0);
  ok(treadle_mark_variable(x, gradient, TREADLE_REQUEST_DEFAULT));
  int32_t before = -1;
  ok(treadle_set_recording(1, &before));
  REQUIRE(before == 0);
  REQUIRE(treadle_is_recording() == 1);
  ArrayHandle flat, rows;
  const ArrayHandle y = call("square", {}, {x});
  const int64_t dims[] = {2, 1};
  ok(treadle_ndarray_reshape(y, dims, 2, flat.out()));
  ok(treadle_ndarray_slice(flat, 1, 2, rows.out()));
  ArrayHandle total = make({1, 1}, 0);
  TreadleNDArray *inputs[] = {rows, rows}, *target[] = {total};
  ok(treadle_invoke("elemwise_add", nullptr, 0, inputs, 2, target, 1, nullptr));
  ok(treadle_set_recording(0, &before));
  REQUIRE(before == 1);
  TreadleNDArray* heads[] = {total};
  ok(treadle_backward(heads, nullptr, 1, 1));
  REQUIRE(values_of(gradient) == Values{0, 20});
  const ArrayHandle seed = make({1, 1}, 2);
  TreadleNDArray* seeds[] = {seed};
  ok(treadle_backward(heads, seeds, 1, 0));
  REQUIRE(values_of(gradient) == Values{0, 40});
  refuses(treadle_backward(heads, nullptr, 1, 0), "backward");
}

TEST_CASE("gradients of chosen arrays are given", "[bindings][c]") {
  const ArrayHandle x = make({2}, {3, 5}), unused = make({2}, 7);
  ok(treadle_mark_variable(x, unused, TREADLE_REQUEST_ADD));
  ok(treadle_set_recording(1, nullptr));
  const ArrayHandle y = call("square", {}, {x});
  ok(treadle_set_recording(0, nullptr));
  TreadleNDArray *heads[] = {y}, *variables[] = {x}, *found[] = {nullptr}, *gap[] = {nullptr};
  ok(treadle_gradients(heads, gap, 1, variables, 1, 0, found));
  REQUIRE(values_of(found[0]) == Values{6, 10});
  REQUIRE(values_of(unused) == Values{7, 7});
  treadle_ndarray_free(found[0]);
}

TEST_CASE("training switches what Dropout does", "[bindings][c]") {
  const ArrayHandle x = make({1000}, 1);
  REQUIRE(values_of(call("Dropout", {{"p", "0.5"}}, {x})) == values_of(x));
  int32_t before = -1;
  ok(treadle_set_training(1, &before));
  REQUIRE((before == 0 && treadle_is_training() == 1));
  const ArrayHandle dropped = call("Dropout", {{"p", "0.5"}}, {x});
  ok(treadle_set_training(0, nullptr));
  REQUIRE(values_of(dropped) != values_of(x));
}

TEST_CASE("what an operator cannot do is refused", "[bindings][c]") {
  const ArrayHandle a = make({2}, 1), b = make({3}, 1), integers = make({2}, 1, TREADLE_INT32);
  TreadleNDArray* out = nullptr;
  const auto invoke = [&](const char* op, std::vector<TreadleNDArray*> inputs,
                          std::vector<TreadlePair> params = {}) {
    return treadle_invoke(op, params.data(), params.size(), inputs.data(), inputs.size(), &out, 1,
                          nullptr);
  };
  refuses(invoke("squar", {a}), {"squar", "square"});
  refuses(invoke(nullptr, {a}), "op is NULL");
  refuses(invoke("elemwise_add", {a, b}), {"elemwise_add", "(2,)", "(3,)"});
  refuses(invoke("elemwise_add", {a, integers}), {"float32", "int32"});
  refuses(invoke("elemwise_add", {a}), "elemwise_add");
  refuses(invoke("_mul_scalar", {a}, {{"scaler", "2"}}), "scalar");
  refuses(invoke("_mul_scalar", {a}, {{"scalar", "two"}}), "two");
  refuses(treadle_invoke("exp", nullptr, 0, nullptr, 1, &out, 1, nullptr),
          "an input is NULL, but 1 are announced");
  TreadleNDArray *inputs[] = {a}, *wrong[] = {b};
  refuses(treadle_invoke("exp", nullptr, 0, inputs, 1, wrong, 1, nullptr), {"(3,)", "(2,)"});
  refuses(treadle_invoke("exp", nullptr, 0, inputs, 1, nullptr, 1, nullptr),
          "outputs is NULL, but 1 are announced");
  TreadleInvokeOptions options = {};
  refuses(treadle_invoke("exp", nullptr, 0, inputs, 1, &out, 1, &options), "struct_size");
  refuses(treadle_mark_variable(a, b, 0), {"(2,)", "(3,)"});
  refuses(treadle_mark_variable(a, a, 8), "there is no request 8");
  refuses(treadle_backward(inputs, nullptr, 1, 0), "record");
  refuses(treadle_num_outputs("exp", nullptr, 0, 1, nullptr), "count is NULL");
  REQUIRE(out == nullptr);
}

TEST_CASE("an error of queued work arrives at each wait", "[bindings][c]") {
  const ArrayHandle data = make({2, 2}, 1), index = make({1}, 5);
  const ArrayHandle taken = call("take", {{"mode", "raise"}}, {data, index});
  const ArrayHandle after = call("exp", {}, {taken});
  refuses(treadle_ndarray_wait(after), "take");
  float values[2] = {};
  refuses(treadle_ndarray_copy_to_host(after, values, sizeof values), "take");
  void* address = nullptr;
  refuses(treadle_ndarray_data(taken, &address), "take");
  const TreadleNamedArray named = {"a", taken};
  refuses(treadle_ndarray_save(TREADLE_TEST_SCRATCH "/c_never.params", &named, 1), "take");
  ok(treadle_ndarray_fill(taken, 2));
  REQUIRE(values_of(taken) == Values{2, 2});
}

TEST_CASE("the registry is listed and described", "[bindings][c]") {
  const char* const* names = nullptr;
  size_t count = 0;
  ok(treadle_list_operators(&names, &count));
  REQUIRE(count > 300);
  const std::vector<std::string> all(names, names + count);
  for (const std::string& name : all) {
    const char* json = nullptr;
    ok(treadle_operator_json(name.c_str(), &json));
    const bool begins = std::string_view(json).starts_with("{\n \"name\": \"" + name + "\"");
    REQUIRE(begins);
  }
  const char* json = nullptr;
  ok(treadle_operator_json("Activation", &json));
  REQUIRE(std::string_view(json).find("\"softrelu\"") != std::string_view::npos);
  refuses(treadle_operator_json("Activatoin", &json), "Activation");
  refuses(treadle_operator_json("exp", nullptr), "json is NULL");
  refuses(treadle_list_operators(nullptr, &count), "names is NULL");
}

}  // namespace
}  // namespace treadle::testing
