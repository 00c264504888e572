// _linalg_maketrian: square matrices with a triangle of given elements.
#include "treadle/operators/linalg/triangle_vector.h"

namespace treadle::ops {
namespace {

struct MakeTrian : TriangleVector {
  static constexpr auto name = "_linalg_maketrian";
  static constexpr auto aliases = names("linalg_maketrian");
  static constexpr auto doc =
      "Square matrices of zeros with the elements of A on a triangle, a lower one row by row, an "
      "upper one column by column.";

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape a = s.shape(in(0));
    if (a.empty() || a.back() == 0) return;
    const int64_t n = triangle_size(a.back());
    if (n == 0) {
      s.fail(concat("A has shape ", a, ", and no triangle has ", a.back(),
                    " elements; 1, 3, 6, 10 and so on are expected."));
    }
    const int64_t size = n + std::abs(p.offset);
    s.set(out(0), with_last(a, 1, {size, size}),
          [&] { return concat("A has shape ", a, " and offset is ", p.offset); });
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const int64_t n = call.write(out(0)).shape().back();
    put_places(call, in(0), out(0), p.places(n), n * n);
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const int64_t n = call.read(out_grad(0)).shape().back();
    take_places(call, out_grad(0), in_grad(0), p.places(n), n * n);
  }
};
TREADLE_REGISTER_OP(MakeTrian);

}  // namespace
}  // namespace treadle::ops
