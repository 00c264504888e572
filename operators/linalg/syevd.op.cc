// _linalg_syevd: eigenvalues and eigenvectors of a symmetric matrix.
#include "treadle/operators/linalg/families.h"

namespace treadle::ops {
namespace {

struct Syevd : LinearAlgebra {
  static constexpr auto name = "_linalg_syevd";
  static constexpr auto aliases = names("linalg_syevd");
  static constexpr auto doc =
      "U and Lambda of A = transpose(U) * diag(Lambda) * U for symmetric A, of which only the "
      "lower "
      "half is read: eigenvalues in ascending order, and eigenvectors as rows whose largest "
      "element "
      "is positive. The gradient is symmetric.";
  static constexpr auto inputs = names("A");
  static constexpr auto outputs = names("output0", "output1");

  static void infer_shape(const NoParams&, ShapeInference& s) {
    s.unify(in(0), out(0));
    check_matrices(s, in(0), true);
    const Shape a = s.shape(in(0));
    if (!a.empty()) s.set(out(1), without_last(a, 1), [&] { return concat("A has shape ", a); });
  }

  static constexpr auto backward_reads = reads(out_grad(0), out_grad(1), out(0), out(1));

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    const Tensor a = call.read(in(0));
    const Matrices m(a.shape());
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        std::vector<T> u(static_cast<size_t>(m.size())), values(static_cast<size_t>(m.rows));
        if (!linalg::factor_symmetric<T>(a.as<T>() + i * m.size(), m.rows, u.data(),
                                         values.data())) {
          throw Error("_linalg_syevd: no eigenvalues are found for matrix ", i, " of A ", a.shape(),
                      "; finite numbers are expected.");
        }
        const auto put = [&](Slot slot, const std::vector<T>& made) {
          if (!call.is_wanted(slot)) return;
          std::copy(made.begin(), made.end(),
                    call.write(slot).template as<T>() + i * int64_t(made.size()));
        };
        put(out(0), u);
        put(out(1), values);
      });
    });
  }
  // transpose(U) * Y * U: Y has dLambda on its diagonal, and beside it what dU * transpose(U) says
  // about turning two eigenvectors into each other, which takes more the closer their values are.
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor du = call.read(out_grad(0)), dvalues = call.read(out_grad(1));
    const Tensor u = call.read(out(0)), values = call.read(out(1)), made = call.write(in_grad(0));
    const Matrices m(u.shape());
    const int64_t n = m.rows;
    with_real(u.type(), [&](auto value) {
      using T = decltype(value);
      const T least = std::is_same_v<T, float> ? T(1e-30) : T(1e-100);
      each_matrix(call.pool(), m, [&](int64_t i) {
        const T* const rows = u.as<T>() + i * m.size();
        const T* const lambda = values.as<T>() + i * n;
        std::vector<T> x(static_cast<size_t>(n * n)), y(x);
        linalg::multiply<T>(false, true, n, n, n, T(1), du.as<T>() + i * m.size(), rows, T(0),
                            x.data());
        for (int64_t r = 0; r < n; ++r) {
          for (int64_t c = 0; c < r; ++c) {
            const T apart = std::max(lambda[r] - lambda[c], least);
            const T turn = (x[size_t(r * n + c)] - x[size_t(c * n + r)]) / (2 * apart);
            y[size_t(r * n + c)] = y[size_t(c * n + r)] = turn;
          }
          y[size_t(r * n + r)] = dvalues.as<T>()[i * n + r];
        }
        linalg::multiply<T>(true, false, n, n, n, T(1), rows, y.data(), T(0), x.data());
        linalg::multiply<T>(false, false, n, n, n, T(1), x.data(), rows, T(0),
                            made.as<T>() + i * m.size());
      });
    });
  }
};
TREADLE_REGISTER_OP(Syevd);

}  // namespace
}  // namespace treadle::ops
