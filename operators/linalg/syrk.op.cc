// _linalg_syrk: a matrix times its transpose.
#include "treadle/operators/linalg/families.h"

namespace treadle::ops {
namespace {

struct Syrk : LinearAlgebra {
  static constexpr auto name = "_linalg_syrk";
  static constexpr auto aliases = names("linalg_syrk");
  static constexpr auto doc =
      "alpha * A * transpose(A), or alpha * transpose(A) * A with `transpose`.";
  static constexpr auto inputs = names("A");

  struct Params {
    bool transpose = false;
    double alpha = 1;
    static constexpr auto fields =
        reflect(field("transpose", &Params::transpose, "Whether the transpose stands first."),
                field("alpha", &Params::alpha, "Factor of the product."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_matrices(s, in(0), false);
    Shape made = s.shape(in(0));
    if (made.empty()) return;
    const int n = made.ndim();
    (p.transpose ? made[n - 2] : made[n - 1]) = p.transpose ? made[n - 1] : made[n - 2];
    s.set(out(0), made, [&] { return concat("A has shape ", s.shape(in(0))); });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor a = call.read(in(0)), made = call.write(out(0));
    const Matrices m(a.shape());
    const int64_t n = p.transpose ? m.columns : m.rows, k = p.transpose ? m.rows : m.columns;
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        const T* const from = a.as<T>() + i * m.size();
        linalg::multiply<T>(p.transpose, !p.transpose, n, n, k, T(p.alpha), from, from, T(0),
                            made.as<T>() + i * n * n);
      });
    });
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor dy = call.read(out_grad(0)), a = call.read(in(0)), made = call.write(in_grad(0));
    const Matrices m(a.shape());
    const int64_t n = p.transpose ? m.columns : m.rows;
    with_real(a.type(), [&](auto value) {
      using T = decltype(value);
      each_matrix(call.pool(), m, [&](int64_t i) {
        const T* const arrived = dy.as<T>() + i * n * n;
        std::vector<T> both(static_cast<size_t>(n * n));
        for (int64_t r = 0; r < n; ++r) {
          for (int64_t c = 0; c < n; ++c)
            both[size_t(r * n + c)] = arrived[r * n + c] + arrived[c * n + r];
        }
        const T* const from = a.as<T>() + i * m.size();
        T* const to = made.as<T>() + i * m.size();
        if (p.transpose) {
          linalg::multiply<T>(false, false, m.rows, n, n, T(p.alpha), from, both.data(), T(0), to);
        } else {
          linalg::multiply<T>(false, false, n, m.columns, n, T(p.alpha), both.data(), from, T(0),
                              to);
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(Syrk);

}  // namespace
}  // namespace treadle::ops
