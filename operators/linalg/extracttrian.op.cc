// _linalg_extracttrian: a triangle of square matrices.
#include "treadle/operators/linalg/triangle_vector.h"

namespace treadle::ops {
namespace {

struct ExtractTrian : TriangleVector {
  static constexpr auto name = "_linalg_extracttrian";
  static constexpr auto aliases = names("linalg_extracttrian");
  static constexpr auto doc =
      "The elements of a triangle of square matrices A, a lower one row by row, an upper one "
      "column by column.";

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
    s.set(out(0), with_last(a, 2, {n * (n + 1) / 2}),
          [&] { return concat("A has shape ", a, " and offset is ", p.offset); });
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const int64_t n = call.read(in(0)).shape().back();
    take_places(call, in(0), out(0), p.places(n), n * n);
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const int64_t n = call.write(in_grad(0)).shape().back();
    put_places(call, out_grad(0), in_grad(0), p.places(n), n * n);
  }
};
TREADLE_REGISTER_OP(ExtractTrian);

}  // namespace
}  // namespace treadle::ops
