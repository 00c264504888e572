// _linalg_inverse: the inverse of a square matrix.
#include "treadle/operators/linalg/families.h"

namespace treadle::ops {
namespace {

struct Inverse : LinearAlgebra {
  static constexpr auto name = "_linalg_inverse";
  static constexpr auto aliases = names("linalg_inverse");
  static constexpr auto doc = "The inverse of square matrices A.";
  static constexpr auto inputs = names("A");

  static void infer_shape(const NoParams&, ShapeInference& s) {
    s.unify(in(0), out(0));
    check_matrices(s, in(0), true);
  }

  static constexpr auto backward_reads = reads(out_grad(0), out(0));

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor a = call.read(in(0)), made = call.write(out(0));
    const Matrices m(a.shape());
    const int64_t n = m.rows;
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        const T* const from = a.as<T>() + i * m.size();
        std::vector<T> lu(from, from + m.size());
        std::vector<int64_t> swapped;
        linalg::factor_lu<T>(lu.data(), n, swapped);
        for (int64_t k = 0; k < n; ++k) {
          if (lu[size_t(k * n + k)] != T(0)) continue;
          throw Error("_linalg_inverse: matrix ", i, " of A ", a.shape(),
                      " is singular; it has no inverse.");
        }
        linalg::invert_lu<T>(lu.data(), swapped, n, made.as<T>() + i * m.size());
      });
    });
  }
  // -transpose(B) * dB * transpose(B).
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor db = call.read(out_grad(0)), b = call.read(out(0)), made = call.write(in_grad(0));
    const Matrices m(b.shape());
    const int64_t n = m.rows;
    with_real(b.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        const T* const inverse = b.as<T>() + i * m.size();
        std::vector<T> half(static_cast<size_t>(n * n));
        linalg::multiply<T>(true, false, n, n, n, T(-1), inverse, db.as<T>() + i * m.size(), T(0),
                            half.data());
        linalg::multiply<T>(false, true, n, n, n, T(1), half.data(), inverse, T(0),
                            made.as<T>() + i * m.size());
      });
    });
  }
};
TREADLE_REGISTER_OP(Inverse);

}  // namespace
}  // namespace treadle::ops
