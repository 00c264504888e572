// What the operators of this folder have in common.
#pragma once

#include "treadle/graph/gradient.h"
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/elementwise.h"

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

// An array and a number: F is WithScalar or ScalarWith of a functor. With an integer array the
// number loses its fraction first.
template <class F>
struct Scalar : Unary {
  static constexpr TypeSet types = numeric_types;
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

}  // namespace treadle::ops
