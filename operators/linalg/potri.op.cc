// _linalg_potri: the inverse of a matrix, from its Cholesky factor.
#include "treadle/operators/linalg/factor_params.h"

namespace treadle::ops {
namespace {

struct Potri : LinearAlgebra {
  static constexpr auto name = "_linalg_potri";
  static constexpr auto aliases = names("linalg_potri");
  static constexpr auto doc =
      "The inverse of L * transpose(L), for lower triangular matrices L in A, or for their "
      "transposes.";
  static constexpr auto inputs = names("A");
  using Params = FactorParams;

  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), out(0));
    check_matrices(s, in(0), true);
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), out(0));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor a = call.read(in(0)), made = call.write(out(0));
    const Matrices m(a.shape());
    const int64_t n = m.rows;
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        std::vector<T> inverse(static_cast<size_t>(n * n));
        for (int64_t r = 0; r < n; ++r) inverse[size_t(r * n + r)] = T(1);
        std::vector<T> turned;
        const T* const factor = p.as_lower(a.as<T>() + i * m.size(), n, turned);
        linalg::solve_triangle<T>(factor, {}, inverse.data(), n, n);
        linalg::multiply<T>(true, false, n, n, n, T(1), inverse.data(), inverse.data(), T(0),
                            made.as<T>() + i * m.size());
      });
    });
  }
  // The lower half of -B * (dB + transpose(dB)) * transpose(L)^-1.
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor db = call.read(out_grad(0)), a = call.read(in(0)), b = call.read(out(0));
    const Tensor made = call.write(in_grad(0));
    const Matrices m(a.shape());
    const int64_t n = m.rows;
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        const T* const arrived = db.as<T>() + i * m.size();
        const T* const inverse = b.as<T>() + i * m.size();
        T* const da = made.as<T>() + i * m.size();
        linalg::multiply<T>(false, false, n, n, n, T(-1), inverse, arrived, T(0), da);
        linalg::multiply<T>(false, true, n, n, n, T(-1), inverse, arrived, T(1), da);
        std::vector<T> turned;
        const T* const factor = p.as_lower(a.as<T>() + i * m.size(), n, turned);
        linalg::solve_triangle<T>(factor, {.is_transposed = true, .is_on_right = true}, da, n, n);
        for (int64_t r = 0; r < n; ++r) std::fill(da + r * n + r + 1, da + (r + 1) * n, T(0));
        if (!p.lower) transpose_in_place(da, n);
      });
    });
  }
};
TREADLE_REGISTER_OP(Potri);

}  // namespace
}  // namespace treadle::ops
