// Pooling_v1: the pooling of the first models, over two spatial axes.
//
// It differs from Pooling in three ways: padding counts as zeros, also for a maximum; an average is
// divided by the whole kernel, also where the window reaches past the edge; and all elements that
// equal the maximum get the gradient.
#include "treadle/device/pool.h"
#include "treadle/operators/nn/window.h"
#include "treadle/operators/op.h"
#include "treadle/operators/softmax.h"
#include "treadle/operators/store.h"

namespace treadle::ops {
namespace {

enum class PoolV1Type { avg, max, sum };
EnumNames describe(PoolV1Type) { return enum_names("PoolV1Type", "avg", "max", "sum"); }
enum class PoolV1Convention { full, valid };
EnumNames describe(PoolV1Convention) { return enum_names("PoolV1Convention", "full", "valid"); }

struct PoolingV1 {
  static constexpr auto name = "Pooling_v1";
  static constexpr auto doc =
      "The maximum, average or sum of images (batch, channel, y, x) under a sliding window, as old "
      "models have it.";
  static constexpr auto inputs = names("data");

  struct Params {
    Shape kernel;
    PoolV1Type pool_type = PoolV1Type::max;
    bool global_pool = false;
    PoolV1Convention pooling_convention = PoolV1Convention::valid;
    Shape stride, pad;
    static constexpr auto fields = reflect(
        field("kernel", &Params::kernel, at_least(1), "Extents of the window: (h, w)."),
        field("pool_type", &Params::pool_type, "What a window becomes."),
        field("global_pool", &Params::global_pool,
              "One window over the whole image; kernel, stride and pad are ignored."),
        field("pooling_convention", &Params::pooling_convention,
              "valid: windows that fit; full: also a last one that reaches past the edge."),
        field("stride", &Params::stride, at_least(1), "Steps of the window, 1 unless given."),
        field("pad", &Params::pad, at_least(0), "Zeros on both sides, none unless given."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (!p.global_pool) {
      check_tuples(s, p.kernel, {{"stride", p.stride}, {"pad", p.pad}});
      if (p.kernel.ndim() != 2) {
        s.fail(concat("kernel is ", p.kernel, "; two extents are expected. Pooling takes others."));
      }
    }
    if (data.empty()) return;
    if (data.ndim() != 4) {
      s.fail(concat("data has shape ", data, "; 4 axes (batch, channel, y, x) are expected."));
    }
    Shape out = data;
    for (int i = 0; i < 2; ++i) {
      int64_t& extent = out[i + 2];
      if (p.global_pool) {
        extent = 1;
      } else if (extent > 0) {
        const int64_t pad = extent_or(p.pad, i, 0), stride = extent_or(p.stride, i, 1);
        check_fits(s, {}, p.kernel, data, i, p.kernel[i], pad);
        const int64_t room = extent + 2 * pad - p.kernel[i];
        extent =
            (room + (p.pooling_convention == PoolV1Convention::full ? stride - 1 : 0)) / stride + 1;
      }
    }
    s.set(out_slot, out, [&] { return concat("data is ", data); });
    const Shape made = s.shape(out_slot);
    Shape known = data;
    known[0] = made[0];
    known[1] = made[1];
    s.set(in(0), known);
  }
  static constexpr Slot out_slot = slots::out(0);

  static Window window(const Params& p, const Shape& data, const Shape& out) {
    if (!p.global_pool) return make_window(data, out, {}, p.kernel, p.stride, {}, p.pad);
    return make_window(data, out, {}, {data[2], data[3]}, {}, {}, {});
  }

  // Calls f(plane of data, plane of out) for each channel of each sample, in parallel.
  template <class F>
  static void for_planes(Pool& pool, const Shape& data, const Window& w, const F& f) {
    const int64_t work = std::max(w.in_size(), w.out_size() * w.kernel_size());
    pool.parallel_for(0, data[0] * data[1], std::max<int64_t>(1, (1 << 14) / work),
                      [&](int64_t begin, int64_t end) {
                        for (int64_t i = begin; i < end; ++i) f(i * w.in_size(), i * w.out_size());
                      });
  }
  // Calls f(o, y, y_end, x, x_end, padded) for each window: the part of it that lies in the image,
  // and whether some of it lies in the padding.
  template <class F>
  static void for_windows(const Window& w, const F& f) {
    for (int64_t o = 0; o < w.out_size(); ++o) {
      const int64_t top = o / w.out[2] * w.stride[1] - w.pad[1];
      const int64_t left = o % w.out[2] * w.stride[2] - w.pad[2];
      // A last window of the full convention ends with the padding.
      const int64_t bottom = std::min(top + w.kernel[1], w.in[1] + w.pad[1]);
      const int64_t right = std::min(left + w.kernel[2], w.in[2] + w.pad[2]);
      const bool padded = top < 0 || left < 0 || bottom > w.in[1] || right > w.in[2];
      f(o, std::max<int64_t>(0, top), std::min(bottom, w.in[1]), std::max<int64_t>(0, left),
        std::min(right, w.in[2]), padded);
    }
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Request request = call.request(out_slot);
    if (request == Request::null) return;
    const Tensor data = call.read(in(0)), out = call.write(out_slot);
    const Window w = window(p, data.shape(), out.shape());
    with_floating_type(data.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      const C scale = p.pool_type == PoolV1Type::avg ? C(1) / C(w.kernel_size()) : C(1);
      for_planes(call.pool(), data.shape(), w, [&](int64_t from, int64_t to) {
        const T* const x = data.as<T>() + from;
        for_windows(
            w, [&](int64_t o, int64_t y, int64_t y_end, int64_t x0, int64_t x_end, bool padded) {
              const bool is_max = p.pool_type == PoolV1Type::max;
              C value = is_max && !padded ? C(x[y * w.in[2] + x0]) : C(0);
              for (int64_t row = y; row < y_end; ++row) {
                for (int64_t i = row * w.in[2] + x0; i < row * w.in[2] + x_end; ++i) {
                  value = is_max ? std::max(value, C(x[i])) : value + C(x[i]);
                }
              }
              store(out.as<T>()[to + o], value * scale, request);
            });
      });
    });
  }

  static std::vector<Slot> backward_reads(const Params& p) {
    if (p.pool_type == PoolV1Type::max) return {out_grad(0), in(0), out_slot};
    return {out_grad(0)};
  }
  // Sums of a plane are made here before they are stored, in the type computed in.
  static size_t scratch_bytes(const KernelQuery& query) {
    return size_t(query.outputs[0].shape.elements()) * sizeof(double);
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Request request = call.request(in_grad(0));
    if (request == Request::null) return;
    const Tensor heads = call.read(out_grad(0)), grad = call.write(in_grad(0));
    const Window w = window(p, grad.shape(), heads.shape());
    const bool is_max = p.pool_type == PoolV1Type::max;
    const Tensor data = is_max ? call.read(in(0)) : Tensor{};
    const Tensor made = is_max ? call.read(out_slot) : Tensor{};
    with_floating_type(grad.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      const C scale = p.pool_type == PoolV1Type::avg ? C(1) / C(w.kernel_size()) : C(1);
      for_planes(call.pool(), grad.shape(), w, [&](int64_t to, int64_t from) {
        C* const sums = static_cast<C*>(call.scratch()) + to;
        std::fill_n(sums, w.in_size(), C(0));
        for_windows(w, [&](int64_t o, int64_t y, int64_t y_end, int64_t x0, int64_t x_end, bool) {
          const C head = C(heads.as<T>()[from + o]) * scale;
          for (int64_t row = y; row < y_end; ++row) {
            for (int64_t i = row * w.in[2] + x0; i < row * w.in[2] + x_end; ++i) {
              if (!is_max || C(data.as<T>()[to + i]) == C(made.as<T>()[from + o])) sums[i] += head;
            }
          }
        });
        for (int64_t i = 0; i < w.in_size(); ++i) store(grad.as<T>()[to + i], sums[i], request);
      });
    });
  }
};
TREADLE_REGISTER_OP(PoolingV1);

}  // namespace
}  // namespace treadle::ops
