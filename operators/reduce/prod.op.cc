// prod: the product along axes.
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/reduce/families.h"

namespace treadle::ops {
namespace {

struct Prod : Reduced {
  static constexpr auto name = "prod";
  static constexpr auto doc =
      "The product of data along the given axes; its gradient is taken as product / data.";

  struct Gradient {
    static constexpr TypeSet types = numeric_types;
    template <class T>
    TREADLE_HD T operator()(T dy, T y, T x) const {
      return Multiply()(dy, Divide()(y, x));
    }
  };

  static constexpr auto backward_reads = reads(out_grad(0), out(0), in(0));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    fold(p, call, Fold::product, Identity());
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Shape& data = call.read(in(0)).shape();
    elementwise(call, in_grad(0), Gradient(), repeated(p, out_grad(0), data),
                repeated(p, out(0), data), in(0));
  }
};
TREADLE_REGISTER_OP(Prod);

}  // namespace
}  // namespace treadle::ops
