// _linalg_det: the determinant.
#include "treadle/operators/linalg/determinant.h"

namespace treadle::ops {
namespace {

struct Det : LinearAlgebra {
  static constexpr auto name = "_linalg_det";
  static constexpr auto aliases = names("linalg_det");
  static constexpr auto doc =
      "The determinants of square matrices A; the gradient of a singular one is 0.";
  static constexpr auto inputs = names("A");

  static void infer_shape(const NoParams&, ShapeInference& s) { infer_determinant_shape(s, 1); }

  static constexpr auto backward_reads = reads(out_grad(0), in(0));

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor a = call.read(in(0)), made = call.write(out(0));
    const Matrices m(a.shape());
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        const Determinant found = determinant<T>(a.as<T>() + i * m.size(), m.rows);
        made.as<T>()[i] = T(found.sign == 0 ? 0 : found.sign * std::exp(found.log));
      });
    });
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    const Tensor dy = call.read(out_grad(0));
    determinant_gradient(call, [&](int64_t i, const Determinant& of_a) {
      const double arrived =
          dy.type() == DType::f32 ? double(dy.as<float>()[i]) : dy.as<double>()[i];
      return arrived * of_a.sign * std::exp(of_a.log);
    });
  }
};
TREADLE_REGISTER_OP(Det);

}  // namespace
}  // namespace treadle::ops
