// _linalg_extractdiag: a diagonal of square matrices.
#include "treadle/operators/linalg/diagonal.h"

namespace treadle::ops {
namespace {

struct ExtractDiag : LinearAlgebra {
  static constexpr auto name = "_linalg_extractdiag";
  static constexpr auto aliases = names("linalg_extractdiag");
  static constexpr auto doc = "The elements of a diagonal of square matrices A, row by row.";
  static constexpr auto inputs = names("A");

  struct Params {
    int64_t offset = 0;
    static constexpr auto fields =
        reflect(field("offset", &Params::offset, between(-1e9, 1e9),
                      "Which diagonal: above 0 to the right of the main one."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_matrices(s, in(0), true);
    const Shape a = s.shape(in(0));
    if (a.empty()) return;
    const int64_t size = a[a.ndim() - 1];
    if (size == 0) return;
    const int64_t n = size - std::abs(p.offset);
    if (n <= 0) {
      s.fail(concat("offset is ", p.offset, ", but A has shape ", a, "; a number between ",
                    1 - size, " and ", size - 1, " is expected."));
    }
    s.set(out(0), with_last(a, 2, {n}),
          [&] { return concat("A has shape ", a, " and offset is ", p.offset); });
  }

  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const int64_t n = call.read(in(0)).shape().back();
    take_places(call, in(0), out(0), diagonal_places(n, p.offset), n * n);
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const int64_t n = call.write(in_grad(0)).shape().back();
    put_places(call, out_grad(0), in_grad(0), diagonal_places(n, p.offset), n * n);
  }
};
TREADLE_REGISTER_OP(ExtractDiag);

}  // namespace
}  // namespace treadle::ops
