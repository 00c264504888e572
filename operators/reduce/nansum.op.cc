// nansum: the sum along axes of what is not NaN.
#include "treadle/operators/reduce/families.h"

namespace treadle::ops {
namespace {

struct NanSum : Reduced {
  static constexpr auto name = "nansum";
  static constexpr auto doc = "The sum of data along the given axes, in which NaN counts as 0.";

  struct Value {
    static constexpr TypeSet types = numeric_types;
    template <class T>
    TREADLE_HD T operator()(T x) const {
      return x != x ? T(0) : x;
    }
  };
  struct Gradient {
    static constexpr TypeSet types = numeric_types;
    template <class T>
    TREADLE_HD T operator()(T dy, T x) const {
      return x != x ? T(0) : dy;
    }
  };

  static constexpr auto backward_reads = reads(out_grad(0), in(0));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    fold(p, call, Fold::sum, Value());
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(0), Gradient(), repeated(p, out_grad(0), call.read(in(0)).shape()),
                in(0));
  }
};
TREADLE_REGISTER_OP(NanSum);

}  // namespace
}  // namespace treadle::ops
