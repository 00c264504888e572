// _linalg_slogdet: sign and logarithm of the determinant.
#include "treadle/operators/linalg/determinant.h"

namespace treadle::ops {
namespace {

struct SLogDet : LinearAlgebra {
  static constexpr auto name = "_linalg_slogdet";
  static constexpr auto aliases = names("linalg_slogdet");
  static constexpr auto doc =
      "The sign of the determinants of square matrices A, and the logarithm of their absolute "
      "value; "
      "the gradient of a singular one is 0.";
  static constexpr auto inputs = names("A");
  static constexpr auto outputs = names("output0", "output1");

  static void infer_shape(const NoParams&, ShapeInference& s) { infer_determinant_shape(s, 2); }

  static constexpr auto backward_reads = reads(out_grad(1), in(0));

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    const Tensor a = call.read(in(0));
    const Matrices m(a.shape());
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        const Determinant found = determinant<T>(a.as<T>() + i * m.size(), m.rows);
        if (call.is_wanted(out(0))) call.write(out(0)).template as<T>()[i] = T(found.sign);
        if (call.is_wanted(out(1))) call.write(out(1)).template as<T>()[i] = T(found.log);
      });
    });
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    const Tensor dlog = call.read(out_grad(1));
    determinant_gradient(call, [&](int64_t i, const Determinant&) {
      return dlog.type() == DType::f32 ? double(dlog.as<float>()[i]) : dlog.as<double>()[i];
    });
  }
};
TREADLE_REGISTER_OP(SLogDet);

}  // namespace
}  // namespace treadle::ops
