// _linalg_gemm: alpha * op(A) * op(B) + beta * C.
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/linalg/product.h"

namespace treadle::ops {
namespace {

struct Gemm : LinearAlgebra {
  static constexpr auto name = "_linalg_gemm";
  static constexpr auto aliases = names("linalg_gemm");
  static constexpr auto doc =
      "alpha * op(A) * op(B) + beta * C for matrices, where op may transpose.";
  static constexpr auto inputs = names("A", "B", "C");

  struct Params {
    bool transpose_a = false;
    bool transpose_b = false;
    double alpha = 1;
    double beta = 1;
    int axis = -2;
    static constexpr auto fields =
        reflect(field("transpose_a", &Params::transpose_a, "Whether A is transposed."),
                field("transpose_b", &Params::transpose_b, "Whether B is transposed."),
                field("alpha", &Params::alpha, "Factor of the product."),
                field("beta", &Params::beta, "Factor of C."),
                field("axis", &Params::axis,
                      "The axis of rows, negative from the last; columns are on the last one."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    infer_product_shape(s, p.axis, p.transpose_a, p.transpose_b, true);
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor made = call.write(out(0));
    with_real(made.type(), [&](auto value) {
      using T = decltype(value);
      const T* const c = call.read(in(2)).template as<T>();
      const T beta = T(p.beta);
      const Stacked<T> a(call.read(in(0)), p.axis), b(call.read(in(1)), p.axis);
      product<T>(call.pool(), {a, p.transpose_a}, {b, p.transpose_b}, T(p.alpha), made, p.axis,
                 [&](int64_t i) { return beta * c[i]; });
    });
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    product_backward(p, call);
    elementwise(call, in_grad(2), WithScalar<Multiply>{p.beta}, out_grad(0));
  }
};
TREADLE_REGISTER_OP(Gemm);

}  // namespace
}  // namespace treadle::ops
