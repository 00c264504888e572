// What softmax, log_softmax and softmin have in common.
#pragma once

#include "treadle/operators/elementwise.h"
#include "treadle/operators/nn/softmax_loops.h"
#include "treadle/operators/nn/staging.h"
#include "treadle/operators/number_at.h"
#include "treadle/operators/term.h"

namespace treadle::ops {

struct SoftmaxParams {
  int axis = -1;
  std::optional<double> temperature;
  std::optional<DType> dtype;
  std::optional<bool> use_length = false;
  static constexpr auto fields = reflect(
      field("axis", &SoftmaxParams::axis, "The classes' axis; negative: from the end."),
      field("temperature", &SoftmaxParams::temperature, "Scores are divided by it; None: by 1."),
      field("dtype", &SoftmaxParams::dtype,
            "Floating element type of the output; None: that of data."),
      field("use_length", &SoftmaxParams::use_length,
            "Whether an input length says how many classes count in each row."));
};

// `Kind` is a SoftmaxKind; only softmax has the input length.
template <SoftmaxKind Kind>
struct SoftmaxFamily {
  using Params = SoftmaxParams;

  static bool has_length(const Params& p) {
    return Kind == SoftmaxKind::softmax && p.use_length.value_or(false);
  }
  static std::vector<std::string> inputs(const Params& p) {
    if (has_length(p)) return {"data", "length"};
    return {"data"};
  }

  static int axis_of(const Params& p, int ndim) { return p.axis < 0 ? p.axis + ndim : p.axis; }

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (Kind != SoftmaxKind::softmax && p.use_length.value_or(false)) {
      s.fail("use_length is True, but only softmax takes lengths; mask data instead.");
    }
    if (p.temperature && !(*p.temperature != 0))
      s.fail("temperature is 0; any other number is expected.");
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const int axis = axis_of(p, data.ndim());
    if (axis < 0 || axis >= data.ndim()) {
      s.fail(concat("axis is ", p.axis, ", but data has shape ", data, ": expected ", -data.ndim(),
                    " to ", data.ndim() - 1, "."));
    }
    if (!has_length(p)) return;
    Shape rows = Shape::filled(data.ndim() - 1, 0);
    for (int i = 0; i < rows.ndim(); ++i) rows[i] = data[i < axis ? i : i + 1];
    s.set(in(1), rows, [&] { return concat("data is ", data, " and axis is ", p.axis); });
  }

  static void infer_type(const Params& p, TypeInference& t) {
    if (p.dtype) {
      if (!floating_types.contains(*p.dtype)) {
        t.fail(
            concat("dtype is ", *p.dtype, "; one of ", to_string(floating_types), " is expected."));
      }
      t.set(out(0), *p.dtype);
      if (!t.is_known(in(0))) t.set(in(0), *p.dtype);
    } else {
      t.unify(in(0), out(0));
    }
    if (has_length(p) && !t.is_known(in(1))) t.set(in(1), DType::i32);
  }

  static constexpr TypeSet types = all_types;  // of length; the others' are checked in refuse
  static std::string refuse(const Params& p, const KernelQuery& query) {
    // All but length, which comes last and may be anything.
    KernelQuery floating = query;
    if (has_length(p)) floating.inputs = query.inputs.first(query.inputs.size() - 1);
    floating.outputs = query.outputs.first(1);
    return detail::refuse_types(floating_types, floating);
  }

  static SoftmaxShape shape_of(const Params& p, const Shape& data) {
    const int axis = axis_of(p, data.ndim());
    return {.layout = {data.elements(0, axis), data[axis], data.elements(axis + 1, data.ndim())},
            .kind = Kind,
            .temperature = p.temperature.value_or(1)};
  }
  static void read_lengths(const Tensor& length, SoftmaxShape& shape) {
    shape.lengths.resize(size_t(length.elements()));
    for (int64_t i = 0; i < length.elements(); ++i) {
      const double wanted = number_at(length, i);
      const double most = double(shape.layout.classes);
      shape.lengths[size_t(i)] = wanted >= most ? shape.layout.classes
                                 : wanted > 0   ? int64_t(wanted)
                                                : 0;
    }
  }

  // Everything is computed in the wider of the two types.
  static DType wider(DType a, DType b) {
    return a == DType::f64 || b == DType::f64 ? DType::f64 : DType::f32;
  }

  static size_t scratch_bytes(const KernelQuery& query) {
    ScratchPlan plan;
    const TensorSpec& written = query.outputs[0];
    in_compute_type(wider(query.inputs[0].type, written.type), [&](auto zero) {
      using T = decltype(zero);
      for (int i = 0; i < 2; ++i) Staged<T>(query.inputs[0], plan), Staged<T>(written, plan);
    });
    return plan.bytes();
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Tensor x = call.read(in(0)), y = call.write(out(0));
    const Request request = call.request(out(0));
    if (request == Request::null) return;
    SoftmaxShape shape = shape_of(p, x.shape());
    if (has_length(p)) read_lengths(call.read(in(1)), shape);
    in_compute_type(wider(x.type(), y.type()), [&](auto zero) {
      using T = decltype(zero);
      ScratchPlan plan;
      const Staged<T> from(*x.spec, plan), to(*y.spec, plan);
      softmax_forward(call.pool(), shape, from.load(call.pool(), x, call.scratch()),
                      to.target(y, call.scratch()), to.adds(request));
      to.store(call.pool(), y, call.scratch(), request);
    });
  }

  static std::vector<Slot> backward_reads(const Params& p) {
    if (has_length(p)) return {out_grad(0), out(0), in(1)};
    return {out_grad(0), out(0)};
  }
  static constexpr auto may_share = shares(share(in(0), out(0)));

  static bool composes(const Params& p) {
    return !has_length(p) && !p.dtype && p.temperature.value_or(1) == 1 &&
           Kind != SoftmaxKind::softmin;
  }
  static void compose_gradient(const Params& p, GradientBuilder& g) {
    const Term dy = head_term(g, 0), y = out_term(g, 0);
    const auto sum = [&](const Term& term) {
      return term.apply("sum", {{"axis", concat("(", p.axis, ",)")}, {"keepdims", "True"}});
    };
    if constexpr (Kind == SoftmaxKind::log_softmax) {
      set_in_grad(g, 0, dy - exp(y).apply("broadcast_mul", sum(dy)));
    } else {
      set_in_grad(g, 0, y * dy.apply("broadcast_sub", sum(dy * y)));
    }
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    if (has_length(p)) elementwise(call, in_grad(1), Fill{0});
    const Request request = call.request(in_grad(0));
    if (request == Request::null) return;
    const Tensor dy = call.read(out_grad(0)), y = call.read(out(0)), dx = call.write(in_grad(0));
    SoftmaxShape shape = shape_of(p, y.shape());
    if (has_length(p)) read_lengths(call.read(in(1)), shape);
    in_compute_type(wider(dx.type(), y.type()), [&](auto zero) {
      using T = decltype(zero);
      ScratchPlan plan;
      const Staged<T> gradient(*dy.spec, plan), made(*y.spec, plan), to(*dx.spec, plan);
      softmax_backward(call.pool(), shape, gradient.load(call.pool(), dy, call.scratch()),
                       made.load(call.pool(), y, call.scratch()), to.target(dx, call.scratch()),
                       to.adds(request));
      to.store(call.pool(), dx, call.scratch(), request);
    });
  }
};

}  // namespace treadle::ops
