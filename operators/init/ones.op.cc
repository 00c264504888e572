// _ones: an array of ones.
#include "treadle/operators/init/families.h"

namespace treadle::ops {
namespace {

struct Ones : Initial {
  static constexpr auto name = "_ones";
  static constexpr auto doc = "An array of ones.";

  struct Params {
    Shape shape;
    std::string ctx;
    DType dtype = DType::f32;
    static constexpr auto fields = reflect(
        field("shape", &Params::shape, at_least(0), "The shape; 0 is what follows from the use."),
        field("ctx", &Params::ctx, ctx_doc), field("dtype", &Params::dtype, "The element type."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.set(out(0), p.shape, "shape says so");
  }
  template <DeviceKind D>
  static void forward(const Params&, Call<D>& call) {
    elementwise(call, out(0), Fill{1});
  }
};
TREADLE_REGISTER_OP(Ones);

}  // namespace
}  // namespace treadle::ops
