// Pooling: maximum, average, sum or norm of each window, over one, two or three spatial axes.
#include "treadle/operators/nn/pooling_loops.h"
#include "treadle/operators/nn/staging.h"
#include "treadle/operators/onednn/onednn.h"
#include "treadle/operators/op.h"

namespace treadle::ops {
namespace {

enum class PoolingConvention : uint8_t { valid, full, same };
EnumNames describe(PoolingConvention) {
  return enum_names("PoolingConvention", "valid", "full", "same");
}
enum class PoolingLayout : uint8_t { NCDHW, NCHW, NCW, NDHWC, NHWC, NWC };
EnumNames describe(PoolingLayout) {
  return enum_names("PoolingLayout", "NCDHW", "NCHW", "NCW", "NDHWC", "NHWC", "NWC");
}

struct Pooling {
  static constexpr auto name = "Pooling";
  static constexpr auto doc = "The maximum, average, sum or norm of data under a sliding window.";
  static constexpr auto inputs = names("data");
  static constexpr auto outputs = names("output");

  struct Params {
    Shape kernel;
    PoolType pool_type = PoolType::max;
    bool global_pool = false;
    bool cudnn_off = false;
    PoolingConvention pooling_convention = PoolingConvention::valid;
    Shape stride, pad;
    std::optional<int> p_value;
    std::optional<bool> count_include_pad;
    std::optional<PoolingLayout> layout;
    static constexpr auto fields =
        reflect(field("kernel", &Params::kernel, at_least(1),
                      "Extents of the window: (w,), (h, w) or (d, h, w)."),
                field("pool_type", &Params::pool_type, "What a window becomes."),
                field("global_pool", &Params::global_pool,
                      "One window over the whole image; kernel, stride and pad are ignored."),
                field("cudnn_off", &Params::cudnn_off, "A hint for GPUs; changes no result."),
                field("pooling_convention", &Params::pooling_convention,
                      "valid: windows that fit; full: also a last one that reaches past the edge; "
                      "same: one per stride, without pad."),
                field("stride", &Params::stride, at_least(1),
                      "Steps of the window, 1 on every axis unless given."),
                field("pad", &Params::pad, at_least(0),
                      "Padding on both sides of each spatial axis, none unless given."),
                field("p_value", &Params::p_value, "The power of lp pooling: 1, 2 or 3."),
                field("count_include_pad", &Params::count_include_pad,
                      "avg: whether padding counts as elements; None: it does."),
                field("layout", &Params::layout, "Order of data's axes; None: channels first."));

    ImageLayout image(const Shape& data) const {
      return ImageLayout::named(name_of(layout), global_pool ? data.ndim() - 2 : kernel.ndim());
    }
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.pool_type == PoolType::lp && (!p.p_value || *p.p_value < 1 || *p.p_value > 3)) {
      s.fail(concat("pool_type is lp and p_value is ",
                    p.p_value ? std::to_string(*p.p_value) : "None", ", expected 1, 2 or 3."));
    }
    const Shape data = s.shape(in(0));
    if (p.global_pool) {
      if (!data.empty() && (data.ndim() < 3 || data.ndim() > 5)) {
        s.fail(concat("data has shape ", data,
                      ", expected 3 to 5 axes: batch, channel and 1 to 3 spatial ones."));
      }
    } else {
      check_tuples(s, p.kernel, {{"stride", p.stride}});
      // Zeros of any count are taken where there is no padding.
      if (p.pooling_convention != PoolingConvention::same) {
        check_tuples(s, p.kernel, {{"pad", p.pad}});
      }
    }
    const ImageLayout layout = p.image(data);
    check_layout(s, layout, name_of(p.layout), p.global_pool ? Shape() : p.kernel, data);
    const bool is_same = p.pooling_convention == PoolingConvention::same && !p.global_pool;
    if (is_same) {
      for (int64_t pad : p.pad) {
        if (pad > 0) s.fail(concat("pad is ", p.pad, ", but pooling_convention same takes none."));
      }
    }
    if (data.empty()) return;

    Shape out = data;
    for (int i = 0; i < layout.axes; ++i) {
      int64_t& extent = out[layout.spatial(i)];
      if (p.global_pool) {
        extent = 1;
        continue;
      }
      if (extent == 0) continue;
      const int64_t pad = extent_or(p.pad, i, 0), stride = extent_or(p.stride, i, 1);
      if (is_same) {
        extent = (extent + stride - 1) / stride;
        continue;
      }
      check_fits(s, layout, p.kernel, data, i, p.kernel[i], pad);
      const int64_t room = extent + 2 * pad - p.kernel[i];
      const bool is_full = p.pooling_convention == PoolingConvention::full;
      extent = (room + (is_full ? stride - 1 : 0)) / stride + 1;
    }
    s.set(slots::out(0), out, [&] {
      return concat("data is ", data,
                    p.global_pool ? std::string(" and global_pool is True")
                                  : concat(" and kernel is ", p.kernel));
    });
    // Back: a window says nothing of the elements it skips, so batch and channels only.
    Shape known = data;
    const Shape made = s.shape(slots::out(0));
    known[0] = made[0];
    known[layout.channel()] = made[layout.channel()];
    s.set(in(0), known);
  }

  static PoolingShape geometry(const Params& p, const Shape& data, const Shape& out) {
    const ImageLayout layout = p.image(data);
    Shape kernel = p.kernel, stride = p.stride, pad = p.pad;
    if (p.global_pool) {
      kernel = Shape(data.dims().subspan(size_t(layout.spatial(0)), size_t(layout.axes)));
      stride = pad = Shape();
    }
    return {.batch = data[0],
            .channels = data[layout.channel()],
            .channels_last = layout.channels_last,
            .window = make_window(data, out, layout, kernel, stride, {}, pad),
            .type = p.pool_type,
            .power = p.p_value.value_or(2),
            .count_includes_pad = p.count_include_pad.value_or(true)};
  }

  // The maximum and the norms need to know which element made the output.
  static bool reads_data(const Params& p) {
    return p.pool_type == PoolType::max || (p.pool_type == PoolType::lp && p.p_value != 1);
  }

  // 16-bit arrays are computed in float; channels-last ones as they are.
  template <class T>
  struct Plan {
    ScratchPlan scratch;
    Staged<T> data, out, out_grad, data_grad;

    Plan(const Params& p, const TensorSpec& data_spec, const TensorSpec& out_spec,
         bool is_backward) {
      if (!is_backward || reads_data(p)) {
        data = Staged<T>(data_spec, scratch);
        out = Staged<T>(out_spec, scratch);
      }
      if (is_backward) {
        out_grad = Staged<T>(out_spec, scratch);
        data_grad = Staged<T>(data_spec, scratch);
      }
    }
  };

  // Forward and the backward of averages are both from one array to one; the larger plan serves
  // both.
  static size_t scratch_bytes(const KernelQuery& query) {
    const auto& p = *static_cast<const Params*>(query.params);
    return in_compute_type(query.inputs[0].type, [&](auto zero) {
      using T = decltype(zero);
      const TensorSpec& one = query.outputs[0];
      const TensorSpec& other = query.inputs[0];
      const size_t forward = Plan<T>(p, other, one, false).scratch.bytes();
      return std::max(forward, Plan<T>(p, one, other, true).scratch.bytes());
    });
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(slots::out(0))) return;
    in_compute_type(call.read(in(0)).type(), [&](auto zero) {
      using T = decltype(zero);
      const Tensor data = call.read(in(0)), out = call.write(slots::out(0));
      const Plan<T> plan(p, *data.spec, *out.spec, false);
      const Request request = call.request(slots::out(0));
      pooling_forward(call.pool(), geometry(p, data.shape(), out.shape()),
                      plan.data.load(call.pool(), data, call.scratch()),
                      plan.out.target(out, call.scratch()), plan.out.adds(request));
      plan.out.store(call.pool(), out, call.scratch(), request);
    });
  }

  static std::vector<Slot> backward_reads(const Params& p) {
    if (reads_data(p)) return {out_grad(0), in(0), slots::out(0)};
    return {out_grad(0)};
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    in_compute_type(call.read(out_grad(0)).type(), [&](auto zero) {
      using T = decltype(zero);
      if (!call.is_wanted(in_grad(0))) return;
      Pool& pool = call.pool();
      void* const scratch = call.scratch();
      const Tensor dy = call.read(out_grad(0)), dx = call.write(in_grad(0));
      const Plan<T> plan(p, *dx.spec, *dy.spec, true);
      const bool reads = reads_data(p);
      const Request request = call.request(in_grad(0));
      pooling_backward(pool, geometry(p, dx.shape(), dy.shape()),
                       plan.out_grad.load(pool, dy, scratch),
                       reads ? plan.data.load(pool, call.read(in(0)), scratch) : nullptr,
                       reads ? plan.out.load(pool, call.read(slots::out(0)), scratch) : nullptr,
                       plan.data_grad.target(dx, scratch), plan.data_grad.adds(request));
      plan.data_grad.store(pool, dx, scratch, request);
    });
  }

  template <DeviceKind D>
  static std::vector<Implementation> forward_implementations() {
    if constexpr (D == DeviceKind::cpu && onednn::is_built) {
      return {{"onednn", [](const KernelQuery& q) {
                 const auto& p = *static_cast<const Params*>(q.params);
                 return onednn::pooling_forward(q,
                                                geometry(p, q.inputs[0].shape, q.outputs[0].shape));
               }}};
    }
    return {};
  }
  template <DeviceKind D>
  static std::vector<Implementation> backward_implementations() {
    if constexpr (D == DeviceKind::cpu && onednn::is_built) {
      return {{"onednn", [](const KernelQuery& q) {
                 const auto& p = *static_cast<const Params*>(q.params);
                 return onednn::pooling_backward(
                     q, geometry(p, q.outputs[0].shape, q.inputs[0].shape));
               }}};
    }
    return {};
  }
};

TREADLE_REGISTER_OP(Pooling);

}  // namespace
}  // namespace treadle::ops
