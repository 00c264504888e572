#include "treadle/graph/symbol.h"
#include "treadle/operators/nn/convolution_loops.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

Symbol layer(const ParamText& params) {
  return compose("Convolution", params, std::vector{Symbol::variable("data")}, {}, "conv1");
}
void infer(const ParamText& params, const Shape& data) {
  layer(params).infer_shape({{"data", data}});
}

HostArray numbered(const TensorSpec& spec, int seed) {
  HostArray made(spec);
  for (int64_t i = 0; i < made.elements(); ++i)
    made.set(i, double((i * 31 + seed * 7) % 17 - 8) / 8);
  return made;
}

// The definition of a convolution in two dimensions, loop by loop; data, weight and out are
// channels-first.
struct Definition {
  int64_t groups, stride, dilate, pad;

  template <class F>
  void for_each_term(const HostArray& data, const HostArray& weight, const Shape& out,
                     const F& f) const {
    const Shape &d = data.spec().shape, &w = weight.spec().shape;
    const int64_t filters = w[0] / groups;
    for (int64_t n = 0; n < out[0]; ++n)
      for (int64_t o = 0; o < out[1]; ++o)
        for (int64_t y = 0; y < out[2]; ++y)
          for (int64_t x = 0; x < out[3]; ++x)
            for (int64_t c = 0; c < w[1]; ++c)
              for (int64_t i = 0; i < w[2]; ++i)
                for (int64_t j = 0; j < w[3]; ++j) {
                  const int64_t row = y * stride + i * dilate - pad,
                                column = x * stride + j * dilate - pad;
                  if (row < 0 || row >= d[2] || column < 0 || column >= d[3]) continue;
                  f(((n * d[1] + o / filters * w[1] + c) * d[2] + row) * d[3] + column,
                    ((o * w[1] + c) * w[2] + i) * w[3] + j,
                    ((n * out[1] + o) * out[2] + y) * out[3] + x);
                }
  }
};

}  // namespace

TEST_CASE("every implementation of Convolution follows the definition", "[operators]") {
  const Definition definition{2, 2, 2, 3};
  const OpRunner runner("Convolution",
                        {{"kernel", "(3, 2)"},
                         {"num_filter", "6"},
                         {"num_group", "2"},
                         {"stride", "(2, 2)"},
                         {"dilate", "(2, 2)"},
                         {"pad", "(3, 3)"}},
                        {{2, 4, 7, 9}}, DType::f32);
  std::vector<HostArray> inputs;
  for (int i = 0; i < 3; ++i) inputs.push_back(numbered(runner.input_spec(i), i));
  const HostArray head = numbered(runner.output_spec(0), 3);
  HostArray out(head.spec()), data_grad(inputs[0].spec()), weight_grad(inputs[1].spec());
  data_grad.fill(0);
  weight_grad.fill(0);
  const Shape& shape = out.spec().shape;
  for (int64_t i = 0; i < out.elements(); ++i) {
    out.set(i, inputs[2].get(i / (shape[2] * shape[3]) % shape[1]));
  }
  definition.for_each_term(inputs[0], inputs[1], shape, [&](int64_t d, int64_t w, int64_t o) {
    out.set(o, out.get(o) + inputs[0].get(d) * inputs[1].get(w));
    data_grad.set(d, data_grad.get(d) + head.get(o) * inputs[1].get(w));
    weight_grad.set(w, weight_grad.get(w) + head.get(o) * inputs[0].get(d));
  });
  for (const Implementation& each :
       runner.op().attributes.get<Implementations<DeviceKind::cpu>>()->list) {
    INFO(each.name);
    RunOptions options;
    options.implementation = each.name;
    const auto made = runner.backward(inputs, {head}, options);
    REQUIRE(difference(made.outputs[0], out) < 1e-5);
    REQUIRE(difference(made.in_grads[0], data_grad) < 1e-5);
    REQUIRE(difference(made.in_grads[1], weight_grad) < 1e-5);
  }
}

TEST_CASE("Convolution infers shapes both ways", "[operators]") {
  SECTION("forward, with groups") {
    const Symbol net = layer({{"kernel", "(3, 3)"},
                              {"num_filter", "8"},
                              {"num_group", "2"},
                              {"stride", "(2, 2)"},
                              {"pad", "(1, 1)"}});
    const InferredShapes made = net.infer_shape({{"data", {2, 4, 9, 9}}});
    REQUIRE(made.arguments == std::vector<Shape>{{2, 4, 9, 9}, {8, 2, 3, 3}, {8}});
    REQUIRE(made.outputs == std::vector<Shape>{{2, 8, 5, 5}});
  }
  SECTION("channels last") {
    const Symbol net = layer({{"kernel", "(3, 2, 1)"}, {"num_filter", "8"}, {"layout", "NDHWC"}});
    const InferredShapes made = net.infer_shape({{"data", {2, 5, 5, 5, 3}}});
    REQUIRE(made.arguments == std::vector<Shape>{{2, 5, 5, 5, 3}, {8, 3, 2, 1, 3}, {8}});
    REQUIRE(made.outputs == std::vector<Shape>{{2, 3, 4, 5, 8}});
  }
  SECTION("data from output and weight") {
    const Symbol net =
        layer({{"kernel", "(3, 3)"}, {"num_filter", "4"}}) + Symbol::variable("other");
    const InferredShapes made = net.infer_shape(
        {{"data", {0, 0, 0, 0}}, {"conv1_weight", {4, 5, 3, 3}}, {"other", {6, 4, 6, 7}}});
    REQUIRE(made.arguments[0] == Shape{6, 5, 8, 9});
  }
  SECTION("nothing is said of data whose rank is unknown") {
    const InferredShapes made = layer({{"kernel", "(3, 3)"}, {"num_filter", "8"}})
                                    .infer_shape({{"conv1_weight", {8, 3, 3, 3}}}, true);
    REQUIRE(made.arguments == std::vector<Shape>{{}, {8, 3, 3, 3}, {}});
  }
}

TEST_CASE("Convolution says what is wrong", "[operators]") {
  const ParamText plain = {{"kernel", "(3, 3)"}, {"num_filter", "4"}};
  const auto with = [&](const std::string& name, const std::string& value) {
    ParamText changed = plain;
    changed[name] = value;
    return changed;
  };
  require_error_matches([&] { layer(with("kernel", "(0, 3)")); },
                        {"Convolution(conv1)", "kernel", "0"});
  require_error_matches([&] { layer(with("stride", "(0, 1)")); }, {"stride", "0"});
  require_error_matches([&] { layer(with("dilate", "(1, 0)")); }, {"dilate", "0"});
  require_error_matches([&] { layer(with("pad", "(-1, 0)")); }, {"pad", "-1"});
  require_error_matches([&] { layer(with("num_group", "0")); }, {"num_group", "0"});
  require_error_matches([&] { layer(with("layout", "NCWH")); }, {"layout", "'NCHW'"});
  require_error_matches(
      [&] { infer(with("kernel", "(3, 3, 3, 3)"), {1, 1, 9, 9}); },
      "kernel is (3, 3, 3, 3), expected 1, 2 or 3 extents: one per spatial axis of data.");
  require_error_matches([&] { infer(with("stride", "(1,)"), {2, 3, 8, 8}); },
                        "stride is (1,), expected 2 extents like kernel (3, 3), or none.");
  require_error_matches([&] { infer(with("layout", "NCW"), {2, 3, 8, 8}); },
                        "layout is NCW, which has 1 spatial axis, but kernel is (3, 3).");
  require_error_matches([&] { infer(plain, {2, 3, 9}); },
                        "data has shape (2, 3, 9), expected 4 axes (batch, channel and 2 spatial): "
                        "kernel is (3, 3).");
  require_error_matches([&] { infer(with("dilate", "(4, 1)"), {2, 3, 8, 8}); },
                        {"kernel (3, 3) covers 9 elements of axis 2", "data has shape (2, 3, 8, 8)",
                         "8 with padding"});
  require_error_matches(
      [&] { infer(with("num_group", "3"), {2, 3, 8, 8}); },
      "num_filter is 4 and num_group is 3: the groups must share the filters evenly.");
  require_error_matches([&] { infer(with("num_group", "2"), {2, 3, 8, 8}); },
                        {"data has shape (2, 3, 8, 8), that is 3 channels, and num_group is 2"});
  require_error_matches(
      [&] { layer(plain).infer_shape({{"data", {2, 4, 9, 9}}, {"conv1_weight", {4, 3, 3, 3}}}); },
      {"Convolution(conv1): weight has shape (4, 3, 3, 3)", "expected (4, 4, 3, 3)",
       "data is (2, 4, 9, 9), kernel is (3, 3), num_filter is 4"});
}

TEST_CASE("Convolution cuts its work by shapes alone, within a bound of memory", "[operators]") {
  ops::ConvolutionShape shape;
  shape.batch = 256;
  shape.channels = 256;
  shape.filters = 256;
  shape.window.in = shape.window.out = {1, 224, 224};
  shape.window.kernel = {1, 3, 3};
  shape.window.pad = {0, 1, 1};
  ScratchPlan plan;
  const ops::ConvolutionLoops<float> loops(shape, plan);
  REQUIRE(plan.bytes() > 0);
  REQUIRE(plan.bytes() <= size_t(2) << 26);  // all copied windows of the batch would be 118 GB
}

}  // namespace treadle::testing
