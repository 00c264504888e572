// _linalg_maketrian: square matrices with a triangle of given elements.
#include "treadle/operators/linalg/diagonal.h"

namespace treadle::ops {
namespace {

struct MakeTrian : LinearAlgebra {
  static constexpr auto name = "_linalg_maketrian";
  static constexpr auto aliases = names("linalg_maketrian");
  static constexpr auto doc =
      "Square matrices of zeros with the elements of A on a triangle, a lower one row by row, an "
      "upper one column by column.";
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

  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const int64_t n = call.write(out(0)).shape().back();
    put_places(call, in(0), out(0), triangle_places(n, p.offset, p.lower), n * n);
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const int64_t n = call.read(out_grad(0)).shape().back();
    take_places(call, out_grad(0), in_grad(0), triangle_places(n, p.offset, p.lower), n * n);
  }
};
TREADLE_REGISTER_OP(MakeTrian);

}  // namespace
}  // namespace treadle::ops
