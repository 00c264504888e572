// nanprod: the product along axes of what is not NaN.
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/reduce/families.h"

namespace treadle::ops {
namespace {

struct NanProd : Reduced {
  static constexpr auto name = "nanprod";
  static constexpr auto doc =
      "The product of data along the given axes, in which NaN counts as 1; its gradient is taken "
      "as "
      "product / data.";

  struct Value {
    static constexpr TypeSet types = numeric_types;
    template <class T>
    TREADLE_HD T operator()(T x) const {
      return x != x ? T(1) : x;
    }
  };
  struct Gradient {
    static constexpr TypeSet types = numeric_types;
    template <class T>
    TREADLE_HD T operator()(T dy, T y, T x) const {
      return x != x ? T(0) : Multiply()(dy, Divide()(y, x));
    }
  };

  static constexpr auto backward_reads = reads(out_grad(0), out(0), in(0));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    fold(p, call, Fold::product, Value());
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Shape& data = call.read(in(0)).shape();
    elementwise(call, in_grad(0), Gradient(), repeated(p, out_grad(0), data),
                repeated(p, out(0), data), in(0));
  }
};
TREADLE_REGISTER_OP(NanProd);

}  // namespace
}  // namespace treadle::ops
