// _linalg_trmm: the product of a triangular matrix and another.
#include "treadle/operators/linalg/triangle_params.h"

namespace treadle::ops {
namespace {

struct Trmm : LinearAlgebra {
  static constexpr auto name = "_linalg_trmm";
  static constexpr auto aliases = names("linalg_trmm");
  static constexpr auto doc =
      "alpha * op(A) * B, or alpha * B * op(A), for triangular A, where op may transpose.";
  static constexpr auto inputs = names("A", "B");
  using Params = TriangleParams;

  static void infer_shape(const Params& p, ShapeInference& s) { infer_triangle_shape(p, s); }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor a = call.read(in(0)), b = call.read(in(1)), made = call.write(out(0));
    const Matrices square(a.shape()), m(b.shape());
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        linalg::multiply_triangle<T>(a.as<T>() + i * square.size(), p.triangle(),
                                     b.as<T>() + i * m.size(), m.rows, m.columns, T(p.alpha),
                                     made.as<T>() + i * m.size());
      });
    });
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Tensor dy = call.read(out_grad(0)), a = call.read(in(0)), b = call.read(in(1));
    const Matrices square(a.shape()), m(b.shape());
    const int64_t n = square.rows;
    linalg::Triangle turned = p.triangle();
    turned.is_transposed = !turned.is_transposed;
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      const T alpha = T(p.alpha);
      each_matrix(call.pool(), m, [&](int64_t i) {
        const T* const arrived = dy.as<T>() + i * m.size();
        const T* const other = b.as<T>() + i * m.size();
        if (call.is_wanted(in_grad(1))) {
          linalg::multiply_triangle<T>(a.as<T>() + i * square.size(), turned, arrived, m.rows,
                                       m.columns, alpha,
                                       call.write(in_grad(1)).template as<T>() + i * m.size());
        }
        if (!call.is_wanted(in_grad(0))) return;
        T* const da = call.write(in_grad(0)).template as<T>() + i * square.size();
        const int64_t k = p.rightside ? m.rows : m.columns;
        const bool swaps = p.transpose != p.rightside;  // which of the two stands first
        linalg::multiply<T>(p.rightside, !p.rightside, n, n, k, alpha, swaps ? other : arrived,
                            swaps ? arrived : other, T(0), da);
        clear_other_half(da, n, p.lower);
      });
    });
  }
};
TREADLE_REGISTER_OP(Trmm);

}  // namespace
}  // namespace treadle::ops
