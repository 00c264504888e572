// _linalg_potrf: the Cholesky factor.
#include "treadle/operators/linalg/factor_params.h"

namespace treadle::ops {
namespace {

struct Potrf : LinearAlgebra {
  static constexpr auto name = "_linalg_potrf";
  static constexpr auto aliases = names("linalg_potrf");
  static constexpr auto doc =
      "The lower triangular L of A = L * transpose(L) for symmetric positive definite A, or its "
      "transpose; only that half of A is read. The gradient is symmetric.";
  static constexpr auto inputs = names("A");
  using Params = FactorParams;

  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), out(0));
    check_matrices(s, in(0), true);
  }

  static constexpr auto backward_reads = reads(out_grad(0), out(0));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor a = call.read(in(0)), made = call.write(out(0));
    const Matrices m(a.shape());
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        T* const l = made.as<T>() + i * m.size();
        p.copy_lower(a.as<T>() + i * m.size(), m.rows, l);
        if (!linalg::factor_cholesky(l, m.rows)) {
          throw Error("_linalg_potrf: matrix ", i, " of A ", a.shape(),
                      " is not positive definite; it has no Cholesky factor.");
        }
        if (!p.lower) transpose_in_place(l, m.rows);
      });
    });
  }
  // Half of transpose(L)^-1 * S * L^-1, where S is transpose(L) * dL with its lower half mirrored.
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor dl = call.read(out_grad(0)), l = call.read(out(0)), made = call.write(in_grad(0));
    const Matrices m(l.shape());
    const int64_t n = m.rows;
    with_real(l.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        std::vector<T> turned;
        const T* const factor = p.as_lower(l.as<T>() + i * m.size(), n, turned);
        std::vector<T> turned_dl;
        const T* const arrived = p.as_lower(dl.as<T>() + i * m.size(), n, turned_dl);
        T* const da = made.as<T>() + i * m.size();
        linalg::multiply_triangle<T>(factor, {.is_transposed = true}, arrived, n, n, T(0.5), da);
        for (int64_t r = 0; r < n; ++r) {
          for (int64_t c = r + 1; c < n; ++c) da[r * n + c] = da[c * n + r];
        }
        linalg::solve_triangle<T>(factor, {.is_transposed = true}, da, n, n);
        linalg::solve_triangle<T>(factor, {.is_on_right = true}, da, n, n);
      });
    });
  }
};
TREADLE_REGISTER_OP(Potrf);

}  // namespace
}  // namespace treadle::ops
