// _linalg_trsm: the solution of a triangular system.
#include "treadle/operators/linalg/triangle_params.h"

namespace treadle::ops {
namespace {

struct Trsm : LinearAlgebra {
  static constexpr auto name = "_linalg_trsm";
  static constexpr auto aliases = names("linalg_trsm");
  static constexpr auto doc =
      "The X of op(A) * X = alpha * B, or of X * op(A) = alpha * B, for triangular A, where op may "
      "transpose.";
  static constexpr auto inputs = names("A", "B");
  using Params = TriangleParams;

  static void infer_shape(const Params& p, ShapeInference& s) { infer_triangle_shape(p, s); }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), out(0));

  template <class T>
  static void solve(const Params& p, linalg::Triangle triangle, const T* a, const T* b, T* x,
                    const Matrices& m) {
    for (int64_t k = 0; k < m.size(); ++k) x[k] = T(p.alpha) * b[k];
    linalg::solve_triangle<T>(a, triangle, x, m.rows, m.columns);
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor a = call.read(in(0)), b = call.read(in(1)), made = call.write(out(0));
    const Matrices square(a.shape()), m(b.shape());
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        solve<T>(p, p.triangle(), a.as<T>() + i * square.size(), b.as<T>() + i * m.size(),
                 made.as<T>() + i * m.size(), m);
      });
    });
  }
  // dB solves the transposed system; dA is -dB * transpose(X) / alpha, or its transpose or mirror.
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Tensor dy = call.read(out_grad(0)), a = call.read(in(0)), y = call.read(out(0));
    const Matrices square(a.shape()), m(y.shape());
    const int64_t n = square.rows;
    linalg::Triangle turned = p.triangle();
    turned.is_transposed = !turned.is_transposed;
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        const T* const factor = a.as<T>() + i * square.size();
        const T* const arrived = dy.as<T>() + i * m.size();
        const T* const x = y.as<T>() + i * m.size();
        if (call.is_wanted(in_grad(1))) {
          solve<T>(p, turned, factor, arrived,
                   call.write(in_grad(1)).template as<T>() + i * m.size(), m);
        }
        if (!call.is_wanted(in_grad(0))) return;
        std::vector<T> solved(arrived, arrived + m.size());
        linalg::solve_triangle<T>(factor, turned, solved.data(), m.rows, m.columns);
        T* const da = call.write(in_grad(0)).template as<T>() + i * square.size();
        const int64_t k = p.rightside ? m.rows : m.columns;
        const bool swaps = p.transpose != p.rightside;
        linalg::multiply<T>(p.rightside, !p.rightside, n, n, k, T(-1), swaps ? x : solved.data(),
                            swaps ? solved.data() : x, T(0), da);
        clear_other_half(da, n, p.lower);
      });
    });
  }
};
TREADLE_REGISTER_OP(Trsm);

}  // namespace
}  // namespace treadle::ops
