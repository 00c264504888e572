// What max and min share.
#pragma once

#include "treadle/operators/reduce/families.h"

namespace treadle::ops {

// All of an operator but its name; each of several equal extremes gets the whole gradient.
template <Fold fold_of>
struct Extreme : Reduced {
  struct Gradient {
    static constexpr TypeSet types = numeric_types;
    template <class T>
    TREADLE_HD T operator()(T dy, T y, T x) const {
      return x == y ? dy : T(0);
    }
  };

  static constexpr auto backward_reads = reads(out_grad(0), out(0), in(0));

  static std::string refuse(const Params&, const KernelQuery& query) { return refuse_empty(query); }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    fold(p, call, fold_of, Identity());
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Shape& data = call.read(in(0)).shape();
    elementwise(call, in_grad(0), Gradient(), repeated(p, out_grad(0), data),
                repeated(p, out(0), data), in(0));
  }
};

}  // namespace treadle::ops
