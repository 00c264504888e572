// Deconvolution: the gradient of a convolution as a layer, over one, two or three spatial axes.
#include "treadle/operators/nn/deconvolution.h"
#include "treadle/operators/nn/convolution_common.h"

namespace treadle::ops {
namespace {

enum class DeconvolutionLayout : uint8_t { NCDHW, NCHW, NCW, NDHWC, NHWC };
EnumNames describe(DeconvolutionLayout) {
  return enum_names("DeconvolutionLayout", "NCDHW", "NCHW", "NCW", "NDHWC", "NHWC");
}

struct Deconvolution {
  static constexpr auto name = "Deconvolution";
  static constexpr auto doc =
      "Spreads each element of data over a window of the output, weighted by num_filter kernels: "
      "what Convolution does to gradients.";

  struct Params {
    Shape kernel, stride, dilate, pad, adj, target_shape;
    int num_filter = 0;
    int num_group = 1;
    int64_t workspace = 512;
    bool no_bias = true;
    std::optional<CudnnTune> cudnn_tune;
    bool cudnn_off = false;
    std::optional<DeconvolutionLayout> layout;
    static constexpr auto fields = reflect(
        field("kernel", &Params::kernel, required, at_least(1),
              "Extents of the kernel: (w,), (h, w) or (d, h, w)."),
        field("stride", &Params::stride, at_least(1),
              "Distances of the windows, 1 on every axis unless given."),
        field("dilate", &Params::dilate, at_least(1),
              "Distances of the kernel's elements, 1 unless given."),
        field("pad", &Params::pad, at_least(0),
              "Elements cut off on both sides of each spatial axis, none unless given."),
        field("adj", &Params::adj, at_least(0),
              "Elements added at the end of each spatial axis, less than the stride."),
        field("target_shape", &Params::target_shape, at_least(0),
              "Spatial extents of the output; pad and adj follow from it and are ignored."),
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
    bool has_target() const {
      return std::ranges::any_of(target_shape, [](int64_t extent) { return extent > 0; });
    }
    int64_t reach(int i) const { return (kernel[i] - 1) * extent_or(dilate, i, 1) + 1; }
    // What is cut off before the first element on axis `i`, for `size` elements of data.
    int64_t pad_before(int i, int64_t size) const {
      if (!has_target()) return extent_or(pad, i, 0);
      const int64_t all = extent_or(stride, i, 1) * (size - 1) + reach(i) - target_shape[i];
      return (all + 1) / 2;
    }
  };

  static std::vector<std::string> inputs(const Params& p) { return convolution_inputs(p); }

  // Extent of the output on spatial axis `i`, refusing what cannot be.
  static int64_t out_extent(const Params& p, ShapeInference& s, int i, int64_t size) {
    const int64_t stride = extent_or(p.stride, i, 1);
    const int64_t all = stride * (size - 1) + p.reach(i);
    if (p.has_target()) {
      const int64_t target = p.target_shape[i];
      if (target < 1 || target > all) {
        s.fail(concat("target_shape is ", p.target_shape, ", but ", size, " elements of ",
                      s.name(in(0)), " on spatial axis ", i, " spread over ", all, "; from 1 to ",
                      all, " is expected."));
      }
      if ((all - target) % 2 >= stride) {
        s.fail(concat("target_shape is ", p.target_shape, ", but with stride ", stride,
                      " spatial axis ", i, " cannot lose ", all - target,
                      " elements evenly; use one of the same parity as ", all, "."));
      }
      return target;
    }
    const int64_t extent = all - 2 * extent_or(p.pad, i, 0) + extent_or(p.adj, i, 0);
    if (extent < 1) {
      s.fail(concat("pad is ", p.pad, ", which leaves nothing of the ", all,
                    " elements of spatial axis ", i, "; use less pad."));
    }
    return extent;
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_tuples(s, p.kernel,
                 {{"stride", p.stride},
                  {"dilate", p.dilate},
                  {"pad", p.pad},
                  {"adj", p.adj},
                  {"target_shape", p.target_shape}});
    const ImageLayout layout = p.image();
    const Shape data = s.shape(in(0));
    check_layout(s, layout, name_of(p.layout), p.kernel, data);
    check_groups(p, s, layout, data);
    for (int i = 0; i < layout.axes && !p.has_target(); ++i) {
      if (extent_or(p.adj, i, 0) < extent_or(p.stride, i, 1)) continue;
      s.fail(concat("adj is ", p.adj, "; less than the stride, which is ",
                    extent_or(p.stride, i, 1), ", is expected on spatial axis ", i, "."));
    }
    const auto because = [&] { return convolution_reason(p, data); };
    if (!p.no_bias) s.set(in(2), {p.num_filter}, because);
    if (data.empty()) return;
    const int64_t channels = data[layout.channel()];

    Shape weight = Shape::filled(layout.ndim(), 0), out = weight;
    weight[0] = channels;
    weight[layout.channel()] = p.num_filter / p.num_group;
    out[0] = data[0];
    out[layout.channel()] = p.num_filter;
    for (int i = 0; i < layout.axes; ++i) {
      weight[layout.spatial(i)] = p.kernel[i];
      const int64_t size = data[layout.spatial(i)];
      if (size > 0) out[layout.spatial(i)] = out_extent(p, s, i, size);
    }
    s.set(in(1), weight, because);
    s.set(slots::out(0), out, because);

    // Back: batch, channels, and spatial extents that spread to exactly the output's.
    Shape known = data;
    const Shape made = s.shape(slots::out(0));
    known[0] = made[0];
    known[layout.channel()] = s.shape(in(1))[0];
    for (int i = 0; i < layout.axes && !p.has_target(); ++i) {
      const int64_t extent = made[layout.spatial(i)];
      if (extent == 0) continue;
      const int64_t room =
          extent + 2 * extent_or(p.pad, i, 0) - extent_or(p.adj, i, 0) - p.reach(i);
      const int64_t stride = extent_or(p.stride, i, 1);
      if (room >= 0 && room % stride == 0) known[layout.spatial(i)] = room / stride + 1;
    }
    s.set(in(0), known);
  }

  // Of the convolution that leads from the output to data.
  static ConvolutionShape geometry(const Params& p, const Shape& data, const Shape& out) {
    const ImageLayout layout = p.image();
    Shape pad = Shape::filled(layout.axes, 0);
    for (int i = 0; i < layout.axes; ++i) pad[i] = p.pad_before(i, data[layout.spatial(i)]);
    return {data[0], p.num_group, p.num_filter / p.num_group, data[layout.channel()] / p.num_group,
            make_window(out, data, layout, p.kernel, p.stride, p.dilate, pad)};
  }

  static size_t scratch_bytes(const KernelQuery& query) {
    const auto& p = *static_cast<const Params*>(query.params);
    const bool is_backward = query.outputs.size() > 1;
    return deconvolution_scratch(query,
                                 is_backward
                                     ? geometry(p, query.inputs[1].shape, query.inputs[0].shape)
                                     : geometry(p, query.inputs[0].shape, query.outputs[0].shape),
                                 p.image().channels_last, is_backward);
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const ConvolutionShape shape =
        geometry(p, call.read(in(0)).shape(), call.write(slots::out(0)).shape());
    deconvolution_forward(call, shape, p.image().channels_last, !p.no_bias);
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const ConvolutionShape shape =
        geometry(p, call.read(in(0)).shape(), call.read(out_grad(0)).shape());
    deconvolution_backward(call, shape, p.image().channels_last, !p.no_bias);
  }

  template <DeviceKind D>
  static std::vector<Implementation> forward_implementations() {
    return onednn_convolution<Deconvolution, D, onednn::deconvolution_forward, forward_shapes>();
  }
  template <DeviceKind D>
  static std::vector<Implementation> backward_implementations() {
    return onednn_convolution<Deconvolution, D, onednn::deconvolution_backward, backward_shapes>();
  }
};

TREADLE_REGISTER_OP(Deconvolution);

}  // namespace
}  // namespace treadle::ops
