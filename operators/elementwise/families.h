// What the operators of this folder have in common.
#pragma once

#include "treadle/graph/gradient.h"
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/term.h"

namespace treadle::ops {

// One array in, one of the same shape out, which may overwrite it.
struct Unary {
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = all_types;
  static constexpr auto may_share = shares(share(in(0), out(0)));
  template <class Params>
  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), out(0));
  }
};

// Op::value(x) and Op::slope, its derivative, as functors. Integers leave their range by wrapping
// around.
template <class Op>
struct ValueOf {
  static constexpr TypeSet types = Op::types;
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return T(Op::value(x));
  }
};
template <class Op>
struct SlopeOf {
  static constexpr TypeSet types = Op::types;
  template <class T>
  TREADLE_HD T operator()(T dy, T at) const {
    return Multiply()(dy, T(Op::slope(at)));
  }
};

// y = Op::value(x) with dx = dy * Op::slope(x). slope is taken for a Term too.
template <class Op>
struct UnaryFromInput : Unary {
  static constexpr TypeSet types = floating_types;
  static constexpr auto backward_reads = reads(out_grad(0), in(0));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));
  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), ValueOf<Op>(), in(0));
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    elementwise(call, in_grad(0), SlopeOf<Op>(), out_grad(0), in(0));
  }
  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    set_in_grad(g, 0, head_term(g, 0) * Op::slope(in_term(g, 0)));
  }
};
// y = Op::value(x) with dx = dy * Op::slope(y): x need not be kept.
template <class Op>
struct UnaryFromOutput : Unary {
  static constexpr TypeSet types = floating_types;
  static constexpr auto backward_reads = reads(out_grad(0), out(0));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));
  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), ValueOf<Op>(), in(0));
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    elementwise(call, in_grad(0), SlopeOf<Op>(), out_grad(0), out(0));
  }
  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    set_in_grad(g, 0, head_term(g, 0) * Op::slope(out_term(g, 0)));
  }
};
// y = Op::value(x), a function of steps: its gradient is 0.
template <class Op>
struct UnaryFlat : Unary {
  static constexpr TypeSet types = numeric_types;
  static constexpr bool zero_gradient = true;
  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), ValueOf<Op>(), in(0));
  }
};

// Two arrays of one shape in; the output may overwrite either.
struct Binary {
  static constexpr auto inputs = names("lhs", "rhs");
  static constexpr TypeSet types = numeric_types;
  static constexpr auto may_share = shares(share(in(0), out(0)), share(in(1), out(0)));
  static void infer_shape(const NoParams&, ShapeInference& s) {
    s.unify(in(0), in(1));
    s.unify(in(0), out(0));
  }
};

// The same with F of both; DL(dy, a, b) and DR(dy, a, b) are what arrives at either.
template <class F, class DL, class DR>
struct BinaryWithGradient : Binary {
  static constexpr TypeSet types = F::types;
  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(1)));
  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), F(), in(0), in(1));
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    elementwise(call, in_grad(0), DL(), out_grad(0), in(0), in(1));
    elementwise(call, in_grad(1), DR(), out_grad(0), in(0), in(1));
  }
};
// The same for comparisons: 1 or 0, with gradient 0.
template <class F>
struct BinaryFlat : Binary {
  static constexpr TypeSet types = F::types;
  static constexpr bool zero_gradient = true;
  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), F(), in(0), in(1));
  }
};

// An array and a number: F is WithScalar or ScalarWith of a functor. With an integer array the
// number loses its fraction first.
template <class F>
struct Scalar : Unary {
  static constexpr TypeSet types = F::types;
  struct Params {
    double scalar = 1;
    bool is_int = true;
    static constexpr auto fields =
        reflect(field("scalar", &Params::scalar, "The number."),
                field("is_int", &Params::is_int, "Whether the number was written as an integer."));
  };
  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    elementwise(call, out(0), F{p.scalar}, in(0));
  }
  // The parameters of another operator of this kind with the same number.
  static ParamText same_scalar(const Params& p) {
    return {{"scalar", value_type<double>().print(&p.scalar)}};
  }
};

// The same with gradient G(dy, x, scalar): G is WithScalarGradient or ScalarWithGradient.
template <class F, class G>
struct ScalarWithSlope : Scalar<F> {
  static constexpr auto backward_reads = reads(out_grad(0), in(0));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));
  template <DeviceKind D>
  static void backward(const typename Scalar<F>::Params& p, Call<D>& call) {
    elementwise(call, in_grad(0), G{p.scalar}, out_grad(0), in(0));
  }
};
// The same for comparisons: 1 or 0, with gradient 0.
template <class F>
struct ScalarFlat : Scalar<F> {
  static constexpr bool zero_gradient = true;
};

}  // namespace treadle::ops
