// _linalg_sumlogdiag: the sum of the logarithms of the diagonal.
#include "treadle/operators/linalg/families.h"

namespace treadle::ops {
namespace {

struct SumLogDiag : LinearAlgebra {
  static constexpr auto name = "_linalg_sumlogdiag";
  static constexpr auto aliases = names("linalg_sumlogdiag");
  static constexpr auto doc = "The sum of the logarithms of the diagonal elements of square A.";
  static constexpr auto inputs = names("A");

  static void infer_shape(const NoParams&, ShapeInference& s) {
    check_matrices(s, in(0), true);
    const Shape a = s.shape(in(0));
    if (!a.empty()) s.set(out(0), without_last(a, 2), [&] { return concat("A has shape ", a); });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0));

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor a = call.read(in(0)), made = call.write(out(0));
    const Matrices m(a.shape());
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      for (int64_t i = 0; i < m.count; ++i) {
        double sum = 0;
        for (int64_t k = 0; k < m.rows; ++k) {
          sum += std::log(double(a.as<T>()[i * m.size() + k * (m.rows + 1)]));
        }
        made.as<T>()[i] = T(sum);
      }
    });
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    elementwise(call, in_grad(0), Fill{0});
    const Tensor dy = call.read(out_grad(0)), a = call.read(in(0)), made = call.write(in_grad(0));
    const Matrices m(a.shape());
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      for (int64_t i = 0; i < m.count; ++i) {
        for (int64_t k = 0; k < m.rows; ++k) {
          const int64_t place = i * m.size() + k * (m.rows + 1);
          made.as<T>()[place] = dy.as<T>()[i] / a.as<T>()[place];
        }
      }
    });
  }
};
TREADLE_REGISTER_OP(SumLogDiag);

}  // namespace
}  // namespace treadle::ops
