// What the regression outputs share: a prediction made from data, whose gradient is that of a
// distance to a label, whatever gradient arrives.
#pragma once

#include "treadle/operators/elementwise.h"

namespace treadle::ops {

struct RegressionOutput {
  static constexpr auto inputs = names("data", "label");
  static constexpr bool is_loss = true;

  struct Params {
    float grad_scale = 1;
    static constexpr auto fields =
        reflect(field("grad_scale", &Params::grad_scale, "Factor of the gradient."));
  };

  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0)), label = s.shape(in(1));
    if (!data.is_known()) return;
    // Any label with as many samples and numbers will do: (4,) for (4, 1).
    if (label.is_known() && label[0] == data[0] && label.elements() == data.elements()) return;
    const bool is_column = data.ndim() == 2 && data[1] == 1 && label.ndim() != 2;
    s.set(in(1), is_column ? Shape{data[0]} : data, [&] { return concat("data is ", data); });
  }

  static constexpr auto may_share = shares(share(in(0), out(0)));
  static constexpr auto backward_reads = reads(out(0), in(1));
  static constexpr auto backward_may_share = shares(share(out(0), in_grad(0)));

  // Gradient is a functor of (prediction, label) with a factor `scale`.
  template <class Gradient, DeviceKind D>
  static void write_gradient(const Params& p, Call<D>& call) {
    const Shape& label = call.read(in(1)).shape();
    const float per_sample = float(label.elements() / label[0]);
    elementwise(call, in_grad(0), Gradient{p.grad_scale / per_sample}, out(0), in(1));
    elementwise(call, in_grad(1), Fill{0});
  }
};

}  // namespace treadle::ops
