#if TREADLE_WITH_ONEDNN

// Convolution. Users' arrays are row-major; inside, a primitive may work on another layout, with
// reorders before and after it.
//
// Measured on 2 cores with AVX-512, microseconds forward / data gradient / weight gradient,
// reorders included, for row-major arrays, oneDNN's choice (blocks of 16 channels) and channels
// last:
//   LeNet 1, 64x1x28x28, 20 of 5x5    1196/1225/2002    554/4574/401     556/3468/560
//   LeNet 2, 64x20x12x12, 50 of 5x5   1908/2166/2492   1986/1989/2944   1447/1798/1630
//   32x16x32x32, 16 of 3x3 padded     2544/2704/10795  1075/809/932      883/873/889
//   ResNet stem, 8x3x112x112          6402/5773/9231   4776/25174/5270  2794/12662/3869
// Hence the rule: with few channels, data stay row-major and only the output's layout is free, and
// the data gradient is row-major; otherwise blocks where they divide the channels, and channels
// last where they would be padded.
#include <algorithm>
#include <functional>
#include <numeric>
#include <string_view>

#include "treadle/operators/nn/deconvolution.h"
#include "treadle/operators/onednn/onednn.h"
#include "treadle/operators/onednn/primitives.h"

namespace treadle::onednn {
namespace {

using dnnl::memory;

constexpr int64_t few_channels = 4;
constexpr int64_t block = 16;
// Copies in another layout are made of so many bytes at a time: a batch is computed in slices, so
// that they cost little memory and stay in the caches.
constexpr int64_t copied_at_once = int64_t{32} << 20;

struct Problem {
  memory::dims data, weight, bias, out, stride, dilate, pad, pad_after;
  bool is_grouped = false;
  bool has_bias = false;
  bool channels_last = false;  // the user's arrays
  int64_t channels = 0, filters = 0;

  memory::desc users(const memory::dims& dims) const {
    return channels_last ? onednn::channels_last(dims) : plain(dims);
  }
  // The user's weight: (filters, channels of a group, kernel), channels at the end when last.
  memory::desc users_weight() const {
    if (!channels_last) return plain(weight);
    const size_t first = is_grouped ? 1 : 0;  // a leading axis of groups
    memory::dims flat(weight.begin() + ptrdiff_t(first), weight.end());
    memory::dims strides = onednn::channels_last(flat).get_strides();
    if (is_grouped) strides.insert(strides.begin(), strides[0] * flat[0]);
    return {weight, memory::data_type::f32, strides};
  }
  bool has_few_channels() const { return channels <= few_channels && !is_grouped; }

  // How many images are computed at a time: all where nothing is copied.
  int64_t images_at_once() const {
    if (channels_last) return data[0];
    const auto elements = [](const memory::dims& dims) {
      return std::accumulate(dims.begin() + 1, dims.end(), int64_t{1}, std::multiplies<>());
    };
    const int64_t copied = elements(out) + (has_few_channels() ? 0 : elements(data));
    int64_t images =
        std::clamp(copied_at_once / (copied * int64_t(sizeof(float))), int64_t{1}, data[0]);
    while (data[0] % images != 0) --images;
    return images;
  }
  // Makes this the problem of one slice of the batch, and gives their number.
  int64_t cut() {
    const int64_t slices = data[0] / images_at_once();
    data[0] /= slices;
    out[0] /= slices;
    return slices;
  }
  // The layout in which a primitive gets data or out.
  memory::desc preferred(const memory::dims& dims) const {
    if (channels_last) return onednn::channels_last(dims);
    if (channels % block == 0 && filters % block == 0) return any(dims);
    return onednn::channels_last(dims);
  }
};

Problem problem_of(const ops::ConvolutionShape& shape, ops::ImageLayout layout, bool has_bias) {
  Problem p;
  p.channels = shape.groups * shape.channels;
  p.filters = shape.groups * shape.filters;
  p.is_grouped = shape.groups > 1;
  p.has_bias = has_bias;
  p.channels_last = layout.channels_last;
  p.data = {shape.batch, p.channels};
  p.out = {shape.batch, p.filters};
  p.bias = {p.filters};
  if (p.is_grouped) p.weight.push_back(shape.groups);
  p.weight.insert(p.weight.end(), {shape.filters, shape.channels});
  const ops::Window& w = shape.window;
  for (int axis = 3 - layout.axes; axis < 3; ++axis) {
    const size_t i = size_t(axis);
    p.data.push_back(w.in[i]);
    p.out.push_back(w.out[i]);
    p.weight.push_back(w.kernel[i]);
    p.stride.push_back(w.stride[i]);
    p.dilate.push_back(w.dilate[i] - 1);
    p.pad.push_back(w.pad[i]);
    p.pad_after.push_back(w.pad_after(axis));
  }
  return p;
}

constexpr auto direct = dnnl::algorithm::convolution_direct;
using Forward = dnnl::convolution_forward;
using BackwardData = dnnl::convolution_backward_data;
using BackwardWeights = dnnl::convolution_backward_weights;

Forward::primitive_desc describe_forward(const Problem& p, dnnl::prop_kind kind,
                                         const memory::desc& data, const memory::desc& out) {
  const memory::desc bias = p.has_bias ? plain(p.bias) : memory::desc();
  return Forward::primitive_desc(cpu_engine(), kind, direct, data, any(p.weight), bias, out,
                                 p.stride, p.dilate, p.pad, p.pad_after, Recipe::attributes());
}

// From the gradient of the output and the weight to that of data, all in the user's layouts. Here
// and below, `p` is the problem of one slice, and data and out are places of slices.
void add_backward_data(Recipe& recipe, const Problem& p, const Place& out_grad_place,
                       const Place& weight_place, const Place& data_grad) {
  const bool is_plain = p.has_few_channels();
  const memory::desc data = is_plain ? p.users(p.data) : p.preferred(p.data);
  const memory::desc out = is_plain ? p.users(p.out) : p.preferred(p.out);
  const auto hint = describe_forward(p, dnnl::prop_kind::forward_training, data, out);
  const BackwardData::primitive_desc description(cpu_engine(), direct, data, any(p.weight), out,
                                                 p.stride, p.dilate, p.pad, p.pad_after, hint,
                                                 Recipe::attributes());
  const Place out_grad = recipe.read_as(out_grad_place, description.diff_dst_desc());
  const Place weight = recipe.read_as(weight_place, description.weights_desc());
  const Place made = recipe.written_as(data_grad, description.diff_src_desc());
  recipe.add<BackwardData>(
      description,
      {{DNNL_ARG_DIFF_DST, out_grad}, {DNNL_ARG_WEIGHTS, weight}, {DNNL_ARG_DIFF_SRC, made}});
  recipe.reorder(made, data_grad);
}

BackwardWeights::primitive_desc describe_backward_weights(const Problem& p,
                                                          const memory::desc& data,
                                                          const memory::desc& out) {
  const auto hint = describe_forward(p, dnnl::prop_kind::forward_training, data, out);
  const memory::desc bias = p.has_bias ? plain(p.bias) : memory::desc();
  return BackwardWeights::primitive_desc(cpu_engine(), direct, data, any(p.weight), bias, out,
                                         p.stride, p.dilate, p.pad, p.pad_after, hint,
                                         Recipe::attributes());
}

// With few channels data stay row-major where oneDNN has a direct kernel for that. Else it would be
// a matrix product on unfolded images, slower than channels last with their reorders (all of
// backward for 1x4x500x500, 8 of 3x3: 17.3 ms against 10.3).
BackwardWeights::primitive_desc choose_backward_weights(const Problem& p) {
  if (p.has_few_channels()) {
    const auto made = describe_backward_weights(p, p.users(p.data), any(p.out));
    if (std::string_view(made.impl_info_str()).starts_with("jit:")) return made;
  }
  return describe_backward_weights(p, p.preferred(p.data), p.preferred(p.out));
}

// Of weight and (output 2) bias, at least one of which is wanted.
void add_backward_weights(Recipe& recipe, const Problem& p, const Place& out_grad_place,
                          const Place& data_place, bool wants_weight) {
  const BackwardWeights::primitive_desc description = choose_backward_weights(p);
  const memory::desc bias = p.has_bias ? plain(p.bias) : memory::desc();
  const Place out_grad = recipe.read_as(out_grad_place, description.diff_dst_desc());
  const Place data = recipe.read_as(data_place, description.src_desc());
  // The primitive always makes the weight's gradient; unwanted, it goes to scratch memory.
  const Place weight_grad = recipe.output(1, p.users_weight());
  const Place made = wants_weight ? recipe.summand_of(weight_grad, description.diff_weights_desc())
                                  : recipe.scratch(description.diff_weights_desc());
  const Place bias_grad = p.has_bias ? recipe.output(2, bias) : Place();
  const Place bias_made = p.has_bias ? recipe.summand_of(bias_grad, bias) : Place();
  Recipe::Arguments arguments = {
      {DNNL_ARG_DIFF_DST, out_grad}, {DNNL_ARG_SRC, data}, {DNNL_ARG_DIFF_WEIGHTS, made}};
  if (p.has_bias) arguments.push_back({DNNL_ARG_DIFF_BIAS, bias_made});
  recipe.add<BackwardWeights>(description, std::move(arguments));
  if (wants_weight) recipe.sum_slices(made, weight_grad);
  if (p.has_bias) recipe.sum_slices(bias_made, bias_grad);
}

// The way forward. With few channels and filters that blocks of 16 would be padded for, blocks of 8
// are computed and above all reordered faster (1x4x500x500, 8 of 3x3: 3440 us against 3640, of
// which the reorder 830 against 2250; LeNet 1: 620 against 780), where there is such a kernel.
Forward::primitive_desc choose_forward(const Problem& p) {
  constexpr auto kind = dnnl::prop_kind::forward_inference;
  if (!p.has_few_channels()) {
    return describe_forward(p, kind, p.preferred(p.data), p.preferred(p.out));
  }
  const memory::desc data = p.users(p.data);
  if (p.filters % block != 0 && !p.channels_last) {
    try {
      const auto made = describe_forward(p, kind, data, blocks_of_eight(p.out));
      if (std::string_view(made.impl_info_str()).starts_with("jit:")) return made;
    } catch (const dnnl::error&) {  // no kernel at all
    }
  }
  return describe_forward(p, kind, data, any(p.out));
}

void add_forward(Recipe& recipe, const Problem& p, const Place& data_place,
                 const Place& weight_place, const Place& out) {
  const auto description = choose_forward(p);
  const Place data = recipe.read_as(data_place, description.src_desc());
  const Place weight = recipe.read_as(weight_place, description.weights_desc());
  const Place made = recipe.written_as(out, description.dst_desc());
  Recipe::Arguments arguments = {
      {DNNL_ARG_SRC, data}, {DNNL_ARG_WEIGHTS, weight}, {DNNL_ARG_DST, made}};
  if (p.has_bias) arguments.push_back({DNNL_ARG_BIAS, recipe.input(2, plain(p.bias))});
  recipe.add<Forward>(description, std::move(arguments));
  recipe.reorder(made, out);
}

// A recipe, and what happens to the bias of a deconvolution, of which oneDNN's convolution knows
// nothing: it is added to the output, or its gradient summed.
class DeconvolutionKernel final : public Kernel {
 public:
  struct Bias {
    enum class Step : uint8_t { none, add, sum } step = Step::none;
    int64_t outer = 0, filters = 0, positions = 0;
  };
  DeconvolutionKernel(Recipe recipe, Bias bias) : execution_(std::move(recipe)), bias_(bias) {
    scratch_bytes_ = execution_.scratch_bytes();
  }
  void run(const KernelRun& run) const override {
    execution_.run(run);
    const Bias& b = bias_;
    if (b.step == Bias::Step::add) {
      ops::add_bias(*run.pool, static_cast<const float*>(run.inputs[2]), b.outer, b.filters,
                    b.positions, static_cast<float*>(run.outputs[0]));
    } else if (b.step == Bias::Step::sum) {
      ops::sum_per_channel(*run.pool, static_cast<const float*>(run.inputs[0]), b.outer, b.filters,
                           b.positions, static_cast<float*>(run.outputs[2]), false);
    }
  }

 private:
  Execution execution_;
  Bias bias_;
};

DeconvolutionKernel::Bias bias_of(const ops::ConvolutionShape& shape, ops::ImageLayout layout) {
  DeconvolutionKernel::Bias bias;
  bias.filters = shape.groups * shape.channels;
  const int64_t pixels = shape.window.in_size();
  bias.outer = layout.channels_last ? shape.batch * pixels : shape.batch;
  bias.positions = layout.channels_last ? 1 : pixels;
  return bias;
}

}  // namespace

Prepared convolution_forward(const KernelQuery& query, const ops::ConvolutionShape& shape,
                             ops::ImageLayout layout) {
  if (std::string refusal = refuse_other_than_f32(query); !refusal.empty()) {
    return Prepared::refuse(std::move(refusal));
  }
  return attempt([&] {
    if (query.requests[0] == Request::null) return finish(Recipe());
    Problem p = problem_of(shape, layout, query.inputs.size() > 2);
    Recipe recipe(p.cut());
    add_forward(recipe, p, recipe.input_slice(0, p.users(p.data)),
                recipe.input(1, p.users_weight()), recipe.output_slice(0, p.users(p.out)));
    return finish(std::move(recipe));
  });
}

Prepared convolution_backward(const KernelQuery& query, const ops::ConvolutionShape& shape,
                              ops::ImageLayout layout) {
  if (std::string refusal = refuse_other_than_f32(query); !refusal.empty()) {
    return Prepared::refuse(std::move(refusal));
  }
  return attempt([&] {
    const bool wants_weight = query.requests[1] != Request::null;
    const bool wants_bias = query.requests.size() > 2 && query.requests[2] != Request::null;
    Problem p = problem_of(shape, layout, wants_bias);
    Recipe recipe(p.cut());
    const Place out_grad = recipe.input_slice(0, p.users(p.out));
    if (query.requests[0] != Request::null) {
      add_backward_data(recipe, p, out_grad, recipe.input(2, p.users_weight()),
                        recipe.output_slice(0, p.users(p.data)));
    }
    if (wants_weight || wants_bias) {
      const Place data = recipe.input_slice(1, p.users(p.data));
      add_backward_weights(recipe, p, out_grad, data, wants_weight);
    }
    return finish(std::move(recipe));
  });
}

Prepared deconvolution_forward(const KernelQuery& query, const ops::ConvolutionShape& shape,
                               ops::ImageLayout layout) {
  if (std::string refusal = refuse_other_than_f32(query); !refusal.empty()) {
    return Prepared::refuse(std::move(refusal));
  }
  return attempt([&]() -> Prepared {
    Problem p = problem_of(shape, layout, false);
    Recipe recipe(p.cut());
    DeconvolutionKernel::Bias bias = bias_of(shape, layout);
    if (query.requests[0] != Request::null) {
      add_backward_data(recipe, p, recipe.input_slice(0, p.users(p.out)),
                        recipe.input(1, p.users_weight()), recipe.output_slice(0, p.users(p.data)));
      if (query.inputs.size() > 2) bias.step = DeconvolutionKernel::Bias::Step::add;
    }
    return {std::make_unique<DeconvolutionKernel>(std::move(recipe), bias), {}};
  });
}

Prepared deconvolution_backward(const KernelQuery& query, const ops::ConvolutionShape& shape,
                                ops::ImageLayout layout) {
  if (std::string refusal = refuse_other_than_f32(query); !refusal.empty()) {
    return Prepared::refuse(std::move(refusal));
  }
  return attempt([&]() -> Prepared {
    Problem p = problem_of(shape, layout, false);
    Recipe recipe(p.cut());
    const Place out_grad = recipe.input_slice(0, p.users(p.data));
    if (query.requests[0] != Request::null) {
      add_forward(recipe, p, out_grad, recipe.input(2, p.users_weight()),
                  recipe.output_slice(0, p.users(p.out)));
    }
    if (query.requests[1] != Request::null) {
      add_backward_weights(recipe, p, recipe.input_slice(1, p.users(p.out)), out_grad, true);
    }
    DeconvolutionKernel::Bias bias = bias_of(shape, layout);
    if (query.requests.size() > 2 && query.requests[2] != Request::null) {
      bias.step = DeconvolutionKernel::Bias::Step::sum;
    }
    return {std::make_unique<DeconvolutionKernel>(std::move(recipe), bias), {}};
  });
}

}  // namespace treadle::onednn

#endif  // TREADLE_WITH_ONEDNN
