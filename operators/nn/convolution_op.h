// Convolution over one, two or three spatial axes, with groups: all of the operator but its name,
// since it has two.
#pragma once

#include "treadle/operators/nn/convolution_common.h"

namespace treadle::ops {

enum class ConvolutionLayout : uint8_t { NCDHW, NCHW, NCW, NDHWC, NHWC };
inline EnumNames describe(ConvolutionLayout) {
  return enum_names("ConvolutionLayout", "NCDHW", "NCHW", "NCW", "NDHWC", "NHWC");
}

struct ConvolutionOp {
  static constexpr auto doc =
      "Slides num_filter kernels over data and sums their products with it.";
  static constexpr auto outputs = names("output");

  struct Params {
    Shape kernel, stride, dilate, pad;
    int num_filter = 0;
    int num_group = 1;
    int64_t workspace = 1024;
    bool no_bias = false;
    std::optional<CudnnTune> cudnn_tune;
    bool cudnn_off = false;
    std::optional<ConvolutionLayout> layout;
    static constexpr auto fields = reflect(
        field("kernel", &Params::kernel, required, at_least(1),
              "Extents of the kernel: (w,), (h, w) or (d, h, w)."),
        field("stride", &Params::stride, at_least(1),
              "Steps of the kernel, 1 on every axis unless given."),
        field("dilate", &Params::dilate, at_least(1),
              "Distances of the kernel's elements, 1 unless given."),
        field("pad", &Params::pad, at_least(0),
              "Zeros on both sides of each spatial axis, none unless given."),
        field("num_filter", &Params::num_filter, required, at_least(1), "Channels of the output."),
        field("num_group", &Params::num_group, at_least(1),
              "Parts that channels and filters are split into."),
        field("workspace", &Params::workspace, at_least(0),
              "A hint for GPUs (MiB); changes no result."),
        field("no_bias", &Params::no_bias, "Leave the bias out."),
        field("cudnn_tune", &Params::cudnn_tune, "A hint for GPUs; changes no result."),
        field("cudnn_off", &Params::cudnn_off, "A hint for GPUs; changes no result."),
        field("layout", &Params::layout, "Order of data's axes; None: channels first."));

    ImageLayout image() const { return ImageLayout::named(name_of(layout), kernel.ndim()); }
  };

  static std::vector<std::string> inputs(const Params& p) { return convolution_inputs(p); }

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_tuples(s, p.kernel, {{"stride", p.stride}, {"dilate", p.dilate}, {"pad", p.pad}});
    const ImageLayout layout = p.image();
    const Shape data = s.shape(in(0));
    check_layout(s, layout, name_of(p.layout), p.kernel, data);
    check_groups(p, s, layout, data);
    if (data.empty()) return;
    const int64_t channels = data[layout.channel()];
    const auto because = [&] { return convolution_reason(p, data); };

    Shape weight = Shape::filled(layout.ndim(), 0), out = weight;
    weight[0] = p.num_filter;
    weight[layout.channel()] = channels / p.num_group;
    out[0] = data[0];
    out[layout.channel()] = p.num_filter;
    for (int i = 0; i < layout.axes; ++i) {
      const int64_t pad = extent_or(p.pad, i, 0);
      const int64_t reach = (p.kernel[i] - 1) * extent_or(p.dilate, i, 1) + 1;
      check_fits(s, layout, p.kernel, data, i, reach, pad);
      weight[layout.spatial(i)] = p.kernel[i];
      const int64_t size = data[layout.spatial(i)];
      if (size > 0) {
        out[layout.spatial(i)] = (size + 2 * pad - reach) / extent_or(p.stride, i, 1) + 1;
      }
    }
    s.set(in(1), weight, because);
    if (!p.no_bias) s.set(in(2), {p.num_filter}, because);
    s.set(slots::out(0), out, because);

    // Back: batch, channels, and the spatial axes that the output fixes, which have stride 1.
    Shape known = data;
    const Shape made = s.shape(slots::out(0));
    known[0] = made[0];
    known[layout.channel()] = s.shape(in(1))[layout.channel()] * p.num_group;
    for (int i = 0; i < layout.axes; ++i) {
      if (extent_or(p.stride, i, 1) != 1 || made[layout.spatial(i)] == 0) continue;
      const int64_t reach = (p.kernel[i] - 1) * extent_or(p.dilate, i, 1) + 1;
      known[layout.spatial(i)] = made[layout.spatial(i)] + reach - 1 - 2 * extent_or(p.pad, i, 0);
    }
    s.set(in(0), known);
  }

  static ConvolutionShape geometry(const Params& p, const Shape& data, const Shape& out) {
    const ImageLayout layout = p.image();
    return {data[0], p.num_group, data[layout.channel()] / p.num_group, p.num_filter / p.num_group,
            make_window(data, out, layout, p.kernel, p.stride, p.dilate, p.pad)};
  }

  // The arrays of a run as the reference computes on them: channels first.
  template <class T>
  struct Plan {
    ScratchPlan scratch;
    ConvolutionShape shape;
    ConvolutionLoops<T> loops;
    Staged<T> data, weight, bias, out, data_grad, weight_grad;

    Plan(const Params& p, const TensorSpec& data_spec, const TensorSpec& weight_spec,
         const TensorSpec* bias_spec, const TensorSpec& out_spec, bool is_backward)
        : shape(geometry(p, data_spec.shape, out_spec.shape)), loops(shape, scratch) {
      const bool moves = p.image().channels_last;
      const auto order = [moves](int64_t outer, int64_t pixels, int64_t channels) {
        return moves ? Transpose{outer, pixels, channels} : Transpose{};
      };
      const Window& w = shape.window;
      const int64_t channels = shape.groups * shape.channels,
                    filters = shape.groups * shape.filters;
      const Transpose data_order = order(shape.batch, w.in_size(), channels);
      const Transpose weight_order = order(filters, w.kernel_size(), shape.channels);
      data = Staged<T>(data_spec, data_order, scratch);
      weight = Staged<T>(weight_spec, weight_order, scratch);
      out = Staged<T>(out_spec, order(shape.batch, w.out_size(), filters), scratch);
      if (bias_spec) bias = Staged<T>(*bias_spec, scratch);
      if (is_backward) {
        data_grad = Staged<T>(data_spec, data_order, scratch);
        weight_grad = Staged<T>(weight_spec, weight_order, scratch);
      }
    }
  };

  static size_t scratch_bytes(const KernelQuery& query) {
    const auto& p = *static_cast<const Params*>(query.params);
    const bool is_backward = query.outputs.size() > 1;
    return in_compute_type(query.inputs[0].type, [&](auto zero) {
      using T = decltype(zero);
      const auto& made = is_backward ? query.outputs : query.inputs;
      return Plan<T>(p, made[0], made[1], p.no_bias ? nullptr : &made[2],
                     is_backward ? query.inputs[0] : query.outputs[0], is_backward)
          .scratch.bytes();
    });
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(slots::out(0))) return;
    in_compute_type(call.read(in(0)).type(), [&](auto zero) {
      using T = decltype(zero);
      Pool& pool = call.pool();
      void* const scratch = call.scratch();
      const Tensor data = call.read(in(0)), weight = call.read(in(1)),
                   out = call.write(slots::out(0));
      const Tensor bias = p.no_bias ? Tensor{} : call.read(in(2));
      const Plan<T> plan(p, *data.spec, *weight.spec, bias.spec, *out.spec, false);
      const Request request = call.request(slots::out(0));
      plan.loops.forward(pool, plan.data.load(pool, data, scratch),
                         plan.weight.load(pool, weight, scratch),
                         p.no_bias ? nullptr : plan.bias.load(pool, bias, scratch),
                         plan.out.target(out, scratch), plan.out.adds(request), scratch);
      plan.out.store(pool, out, scratch, request);
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    in_compute_type(call.read(in(0)).type(), [&](auto zero) {
      using T = decltype(zero);
      Pool& pool = call.pool();
      void* const scratch = call.scratch();
      const Tensor out = call.read(out_grad(0)), data = call.read(in(0)), weight = call.read(in(1));
      const Tensor bias = p.no_bias ? Tensor{} : call.write(in_grad(2));
      const Plan<T> plan(p, *data.spec, *weight.spec, bias.spec, *out.spec, true);
      const T* const dy = plan.out.load(pool, out, scratch);
      // Each wanted gradient: computed where it is staged, then stored as requested.
      const auto make = [&](int i, const Staged<T>& staged, const auto& compute) {
        const Request request = call.request(in_grad(i));
        if (request == Request::null) return;
        const Tensor grad = call.write(in_grad(i));
        compute(staged.target(grad, scratch), staged.adds(request));
        staged.store(pool, grad, scratch, request);
      };
      make(0, plan.data_grad, [&](T* grad, bool adds) {
        plan.loops.backward_data(pool, dy, plan.weight.load(pool, weight, scratch), grad, adds,
                                 scratch);
      });
      make(1, plan.weight_grad, [&](T* grad, bool adds) {
        plan.loops.backward_weight(pool, dy, plan.data.load(pool, data, scratch), grad, adds,
                                   scratch);
      });
      if (p.no_bias) return;
      make(2, plan.bias, [&](T* grad, bool adds) {
        sum_per_channel(pool, dy, plan.shape.batch, p.num_filter, plan.shape.window.out_size(),
                        grad, adds);
      });
    });
  }

  template <DeviceKind D>
  static std::vector<Implementation> forward_implementations() {
    return onednn_convolution<ConvolutionOp, D, onednn::convolution_forward, forward_shapes>();
  }
  template <DeviceKind D>
  static std::vector<Implementation> backward_implementations() {
    return onednn_convolution<ConvolutionOp, D, onednn::convolution_backward, backward_shapes>();
  }
};

}  // namespace treadle::ops
