// BatchNorm: each channel of data brought to mean beta and deviation gamma.
//
// As in MXNet, the moving averages are updated by backward, not by forward, and only in training
// and unless use_global_stats is set; the output `var` is 1 / sqrt(variance + eps). MXNet also
// writes ones into a fixed gamma; here it is only taken as 1, since an operator does not write its
// inputs.
#pragma once

#include <cmath>

#include "treadle/device/pool.h"
#include "treadle/operators/nn/staging.h"
#include "treadle/operators/onednn/onednn.h"
#include "treadle/operators/op.h"
#include "treadle/operators/store.h"

namespace treadle::ops {

struct BatchNormParams {
  double eps = 0.0010000000474974513;
  float momentum = 0.9f;
  bool fix_gamma = true;
  bool use_global_stats = false;
  bool output_mean_var = false;
  int axis = 1;
  bool cudnn_off = false;
  std::optional<float> min_calib_range, max_calib_range;
  static constexpr auto fields = reflect(
      field("eps", &BatchNormParams::eps, "Added to the variance."),
      field("momentum", &BatchNormParams::momentum,
            "Share of the old value in a moving average's update."),
      field("fix_gamma", &BatchNormParams::fix_gamma, "Take gamma as 1 and give it gradient 0."),
      field("use_global_stats", &BatchNormParams::use_global_stats,
            "Use the moving averages in training too."),
      field("output_mean_var", &BatchNormParams::output_mean_var,
            "Show mean and 1 / sqrt(variance + eps) as outputs."),
      field("axis", &BatchNormParams::axis, "The channels' axis; negative: from the end."),
      field("cudnn_off", &BatchNormParams::cudnn_off, "A hint for GPUs; changes no result."),
      field("min_calib_range", &BatchNormParams::min_calib_range,
            "Kept for quantised graphs; unused."),
      field("max_calib_range", &BatchNormParams::max_calib_range,
            "Kept for quantised graphs; unused."));
};

// All of the operator but its name. With `gives_variance` the output `var` is the variance itself.
template <class OpParams, bool gives_variance>
struct BatchNormFamily {
  static constexpr auto doc =
      "Normalises each channel by the mean and variance of the batch (training) or their moving "
      "averages (inference).";
  static constexpr auto inputs = names("data", "gamma", "beta");
  static constexpr auto auxiliaries = names("moving_mean", "moving_var");
  static constexpr auto outputs = names("output", "mean", "var");
  static std::vector<VariableDefault> variable_defaults() {
    return {{"moving_mean", "[\"zero\", {}]"}, {"moving_var", "[\"one\", {}]"}};
  }

  using Params = OpParams;

  static int given_axis(const Params& p) {
    if constexpr (requires { p.axis; }) return p.axis;
    return 1;
  }
  static int axis_of(const Params& p, const Shape& data) {
    const int axis = given_axis(p);
    return axis < 0 ? axis + data.ndim() : axis;
  }

  static int num_visible(const Params& p) { return p.output_mean_var ? 3 : 1; }

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const int axis = axis_of(p, data);
    if (axis < 0 || axis >= data.ndim()) {
      s.fail(concat("axis is ", given_axis(p), ", but data has shape ", data, ": expected ",
                    -data.ndim(), " to ", data.ndim() - 1, "."));
    }
    const auto because = [&] { return concat("data is ", data, " and axis is ", given_axis(p)); };
    for (Slot slot : {in(1), in(2), aux(0), aux(1), out(1), out(2)}) {
      s.set(slot, {data[axis]}, because);
    }
    Shape known = data;
    known[axis] = s.shape(in(1))[0];
    s.set(in(0), known);
  }

  // 16-bit data have float32 parameters and statistics.
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), out(0));
    if (!t.is_known(in(0))) return;
    const DType statistics = t.type(in(0)) == DType::f64 ? DType::f64 : DType::f32;
    for (Slot slot : {in(1), in(2), aux(0), aux(1), out(1), out(2)}) t.set(slot, statistics);
  }

  static constexpr auto may_share = shares(share(in(0), out(0)));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

  static onednn::BatchNormShape geometry(const Params& p, const Shape& data) {
    const int axis = axis_of(p, data);
    return {.outer = data.elements(0, axis),
            .channels = data[axis],
            .inner = data.elements(axis + 1, data.ndim()),
            .eps = float(p.eps),
            .momentum = p.momentum,
            .fix_gamma = p.fix_gamma,
            .use_global_stats = p.use_global_stats};
  }

  // Calls f(zero of the stored type, zero of the statistics' type).
  template <class F>
  static void with_types(DType type, F f) {
    switch (type) {
      case DType::f64: return f(double(), double());
      case DType::f16: return f(f16(), float());
      case DType::bf16: return f(bf16(), float());
      default: return f(float(), float());
    }
  }

  // Calls f(channel, sum) for each channel in parallel; sum(g) adds up g(i) over its elements in
  // double, each(g) calls g(i).
  template <class F>
  static void for_each_channel(Pool& pool, const onednn::BatchNormShape& n, const F& f) {
    const int64_t grain = std::max<int64_t>(1, (1 << 13) / (n.outer * n.inner));
    pool.parallel_for(0, n.channels, grain, [&](int64_t begin, int64_t end) {
      for (int64_t c = begin; c < end; ++c) {
        f(c, [&](const auto& g) {
          for (int64_t o = 0; o < n.outer; ++o) {
            const int64_t start = (o * n.channels + c) * n.inner;
            for (int64_t i = start; i < start + n.inner; ++i) g(i);
          }
        });
      }
    });
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Tensor data = call.read(in(0));
    const onednn::BatchNormShape n = geometry(p, data.shape());
    const bool uses_batch = call.mode() == Mode::train && !p.use_global_stats;
    with_types(data.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using P = decltype(computed);
      const T* const x = data.as<const T>();
      T* const y = call.write(out(0)).template as<T>();
      P* const means = call.write(out(1)).template as<P>();
      P* const inverses = call.write(out(2)).template as<P>();
      const Request request = call.request(out(0));
      for_each_channel(call.pool(), n, [&](int64_t c, const auto& each) {
        double mean = double(call.read(aux(0)).template as<P>()[c]);
        double variance = double(call.read(aux(1)).template as<P>()[c]);
        if (uses_batch) {
          const double count = double(n.outer * n.inner);
          double sum = 0, squares = 0;
          each([&](int64_t i) { sum += double(P(x[i])); });
          mean = sum / count;
          each([&](int64_t i) { squares += (double(P(x[i])) - mean) * (double(P(x[i])) - mean); });
          variance = squares / count;
        }
        const double inverse = 1 / std::sqrt(variance + p.eps);
        if (means) store(means[c], P(mean), call.request(out(1)));
        if (inverses)
          store(inverses[c], P(gives_variance ? variance : inverse), call.request(out(2)));
        if (request == Request::null) return;
        const double gamma = p.fix_gamma ? 1 : double(call.read(in(1)).template as<P>()[c]);
        const P scale = P(gamma * inverse), center = P(mean);
        const P beta = call.read(in(2)).template as<P>()[c];
        each([&](int64_t i) { store(y[i], (P(x[i]) - center) * scale + beta, request); });
      });
    });
  }

  static std::vector<Slot> backward_reads(const Params& p) {
    std::vector<Slot> slots{out_grad(0), in(0), out(1), out(2)};
    if (!p.fix_gamma) slots.push_back(in(1));
    if (!p.use_global_stats) slots.insert(slots.end(), {aux(0), aux(1)});
    return slots;
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Tensor data = call.read(in(0));
    const onednn::BatchNormShape n = geometry(p, data.shape());
    const bool uses_batch = call.mode() == Mode::train && !p.use_global_stats;
    with_types(data.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using P = decltype(computed);
      const T* const x = data.as<const T>();
      const T* const dy = call.read(out_grad(0)).template as<const T>();
      T* const dx = call.write(in_grad(0)).template as<T>();
      const Request request = call.request(in_grad(0));
      for_each_channel(call.pool(), n, [&](int64_t c, const auto& each) {
        const P mean = call.read(out(1)).template as<P>()[c];
        double inverse = double(call.read(out(2)).template as<P>()[c]);
        if (gives_variance) inverse = 1 / std::sqrt(inverse + p.eps);
        double sum = 0, product = 0;  // of dy, of dy * (x - mean)
        each([&](int64_t i) {
          sum += double(P(dy[i]));
          product += double(P(dy[i])) * double(P(x[i]) - mean);
        });
        if (call.is_wanted(in_grad(1))) {
          store(call.write(in_grad(1)).template as<P>()[c], P(p.fix_gamma ? 0 : product * inverse),
                call.request(in_grad(1)));
        }
        if (call.is_wanted(in_grad(2))) {
          store(call.write(in_grad(2)).template as<P>()[c], P(sum), call.request(in_grad(2)));
        }
        if (uses_batch) update_averages<P>(p, call, c, double(mean), inverse);
        if (request == Request::null) return;
        const double gamma = p.fix_gamma ? 1 : double(call.read(in(1)).template as<P>()[c]);
        const P scale = P(gamma * inverse);
        const double count = double(n.outer * n.inner);
        const P offset = P(uses_batch ? sum / count : 0);
        const P slope = P(uses_batch ? product / count * inverse * inverse : 0);
        each([&](int64_t i) {
          store(dx[i], (P(dy[i]) - offset - (P(x[i]) - mean) * slope) * scale, request);
        });
      });
    });
  }

  template <class P, DeviceKind D>
  static void update_averages(const Params& p, Call<D>& call, int64_t c, double mean,
                              double inverse) {
    P& moving_mean = call.read(aux(0)).template as<P>()[c];
    P& moving_var = call.read(aux(1)).template as<P>()[c];
    const P variance = P(std::max(0.0, 1 / (inverse * inverse) - p.eps));
    const P old = P(p.momentum), share = P(1) - P(p.momentum);
    moving_mean = moving_mean * old + P(mean) * share;
    moving_var = moving_var * old + variance * share;
  }

  template <DeviceKind D>
  static std::vector<Implementation> forward_implementations() {
    if constexpr (D == DeviceKind::cpu && onednn::is_built && !gives_variance) {
      return {{"onednn", [](const KernelQuery& q) {
                 return onednn::batch_norm_forward(
                     q, geometry(*static_cast<const Params*>(q.params), q.inputs[0].shape));
               }}};
    }
    return {};
  }
  template <DeviceKind D>
  static std::vector<Implementation> backward_implementations() {
    if constexpr (D == DeviceKind::cpu && onednn::is_built && !gives_variance) {
      return {{"onednn", [](const KernelQuery& q) {
                 return onednn::batch_norm_backward(
                     q, geometry(*static_cast<const Params*>(q.params), q.inputs[0].shape));
               }}};
    }
    return {};
  }
};
using BatchNormOp = BatchNormFamily<BatchNormParams, false>;

}  // namespace treadle::ops
