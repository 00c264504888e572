// _linalg_gelqf: the LQ factors.
#include "treadle/operators/linalg/families.h"

namespace treadle::ops {
namespace {

struct Gelqf : LinearAlgebra {
  static constexpr auto name = "_linalg_gelqf";
  static constexpr auto aliases = names("linalg_gelqf");
  static constexpr auto doc =
      "Q and L of A = L * Q, for matrices with at least as many columns as rows: the rows of Q are "
      "orthonormal and L is lower triangular.";
  static constexpr auto inputs = names("A");
  static constexpr auto outputs = names("output0", "output1");

  static void infer_shape(const NoParams&, ShapeInference& s) {
    s.unify(in(0), out(0));
    check_matrices(s, in(0), false);
    Shape a = s.shape(in(0));
    if (a.empty()) return;
    const int n = a.ndim();
    if (a[n - 2] > a[n - 1] && a[n - 1] != 0) {
      s.fail(concat("A has shape ", a, "; at least as many columns as rows are expected."));
    }
    a[n - 1] = a[n - 2];
    s.set(out(1), a, [&] { return concat("A has shape ", s.shape(in(0))); });
  }

  static constexpr auto backward_reads = reads(out_grad(0), out_grad(1), out(0), out(1));

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    const Tensor a = call.read(in(0));
    const Matrices m(a.shape());
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        std::vector<T> q(static_cast<size_t>(m.size())), l(static_cast<size_t>(m.rows * m.rows));
        linalg::factor_lq<T>(a.as<T>() + i * m.size(), m.rows, m.columns, q.data(), l.data());
        const auto put = [&](Slot slot, const std::vector<T>& made) {
          if (!call.is_wanted(slot)) return;
          std::copy(made.begin(), made.end(),
                    call.write(slot).template as<T>() + i * int64_t(made.size()));
        };
        put(out(0), q);
        put(out(1), l);
      });
    });
  }
  // transpose(L)^-1 * (dQ + M * Q), where M is transpose(L) * dL - dQ * transpose(Q) with its lower
  // half mirrored.
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor dq = call.read(out_grad(0)), dl = call.read(out_grad(1));
    const Tensor q = call.read(out(0)), l = call.read(out(1)), made = call.write(in_grad(0));
    const Matrices m(q.shape());
    const int64_t n = m.rows;
    with_real(q.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        const T* const rows = q.as<T>() + i * m.size();
        const T* const arrived = dq.as<T>() + i * m.size();
        const T* const lower = l.as<T>() + i * n * n;
        T* const da = made.as<T>() + i * m.size();
        std::vector<T> mixed(static_cast<size_t>(n * n));
        linalg::multiply_triangle<T>(lower, {.is_transposed = true}, dl.as<T>() + i * n * n, n, n,
                                     T(1), mixed.data());
        linalg::multiply<T>(false, true, n, n, m.columns, T(-1), arrived, rows, T(1), mixed.data());
        for (int64_t r = 0; r < n; ++r) {
          for (int64_t c = r + 1; c < n; ++c) mixed[size_t(r * n + c)] = mixed[size_t(c * n + r)];
        }
        std::copy_n(arrived, m.size(), da);
        linalg::multiply<T>(false, false, n, m.columns, n, T(1), mixed.data(), rows, T(1), da);
        linalg::solve_triangle<T>(lower, {.is_transposed = true}, da, n, m.columns);
      });
    });
  }
};
TREADLE_REGISTER_OP(Gelqf);

}  // namespace
}  // namespace treadle::ops
