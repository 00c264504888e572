// LayerNorm: each row along one axis brought to mean beta and deviation gamma.
#include "treadle/operators/nn/normalization.h"
#include "treadle/operators/op.h"
#include "treadle/operators/softmax.h"

namespace treadle::ops {
namespace {

struct LayerNorm {
  static constexpr auto name = "LayerNorm";
  static constexpr auto doc =
      "Subtracts the mean along an axis, divides by the deviation, multiplies by gamma and adds "
      "beta.";
  static constexpr auto inputs = names("data", "gamma", "beta");
  static constexpr auto outputs = names("output", "mean", "std");

  struct Params {
    int axis = -1;
    float eps = 1e-5f;
    bool output_mean_var = false;
    static constexpr auto fields =
        reflect(field("axis", &Params::axis, "The axis; negative: from the end."),
                field("eps", &Params::eps, "Added to the variance."),
                field("output_mean_var", &Params::output_mean_var,
                      "Show mean and deviation as outputs; they pass no gradient on."));
  };
  static int num_visible(const Params& p) { return p.output_mean_var ? 3 : 1; }

  static int axis_of(const Params& p, const Shape& data) {
    return p.axis < 0 ? p.axis + data.ndim() : p.axis;
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const int axis = axis_of(p, data);
    if (axis < 0 || axis >= data.ndim()) {
      s.fail(concat("axis is ", p.axis, ", but data has shape ", data, ": expected ", -data.ndim(),
                    " to ", data.ndim() - 1, "."));
    }
    const auto because = [&] { return concat("data is ", data, " and axis is ", p.axis); };
    for (Slot slot : {in(1), in(2)}) s.set(slot, {data[axis]}, because);
    Shape moments = data, known = data;
    moments[axis] = 1;
    for (Slot slot : {out(1), out(2)}) s.set(slot, moments, because);
    known[axis] = std::max(s.shape(in(1))[0], s.shape(in(2))[0]);
    s.set(in(0), known);
  }

  static AxisNorm geometry(const Params& p, const Shape& data) {
    const int axis = axis_of(p, data);
    return {data.elements(0, axis), data[axis], data.elements(axis + 1, data.ndim()), p.eps};
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Tensor x = call.read(in(0));
    with_floating_type(x.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      const auto to = [&](int i) {
        return Written<T>{call.write(out(i)).template as<T>(), call.request(out(i))};
      };
      axis_norm_forward<T, decltype(computed)>(
          call.pool(), geometry(p, x.shape()), x.as<T>(), call.read(in(1)).template as<T>(),
          call.read(in(2)).template as<T>(), to(0), to(1), to(2));
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1), out(1), out(2));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Tensor x = call.read(in(0));
    with_floating_type(x.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      const auto from = [&](Slot slot) { return call.read(slot).template as<const T>(); };
      const auto to = [&](int i) {
        return Written<T>{call.write(in_grad(i)).template as<T>(), call.request(in_grad(i))};
      };
      axis_norm_backward<T, decltype(computed)>(call.pool(), geometry(p, x.shape()),
                                                from(out_grad(0)), from(in(0)), from(in(1)),
                                                from(out(1)), from(out(2)), to(0), to(1), to(2));
    });
  }
};
TREADLE_REGISTER_OP(LayerNorm);

}  // namespace
}  // namespace treadle::ops
