// _linalg_extracttrian: a triangle of square matrices.
#include "treadle/operators/linalg/diagonal.h"

namespace treadle::ops {
namespace {

struct ExtractTrian : LinearAlgebra {
  static constexpr auto name = "_linalg_extracttrian";
  static constexpr auto aliases = names("linalg_extracttrian");
  static constexpr auto doc =
      "The elements of a triangle of square matrices A, a lower one row by row, an upper one "
      "column by column.";
  static constexpr auto inputs = names("A");

  struct Params {
    int64_t offset = 0;
    bool lower = true;
    static constexpr auto fields = reflect(
        field("offset", &Params::offset, between(-1e9, 1e9),
              "Which diagonal the triangle begins at: above 0 to the right of the main one."),
        field("lower", &Params::lower, "Whether the lower triangle is meant, where offset is 0."));
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
    s.set(out(0), with_last(a, 2, {n * (n + 1) / 2}),
          [&] { return concat("A has shape ", a, " and offset is ", p.offset); });
  }

  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const int64_t n = call.read(in(0)).shape().back();
    take_places(call, in(0), out(0), triangle_places(n, p.offset, p.lower), n * n);
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const int64_t n = call.write(in_grad(0)).shape().back();
    put_places(call, out_grad(0), in_grad(0), triangle_places(n, p.offset, p.lower), n * n);
  }
};
TREADLE_REGISTER_OP(ExtractTrian);

}  // namespace
}  // namespace treadle::ops
