// _full: an array of one number.
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/init/families.h"

namespace treadle::ops {
namespace {

struct Full : Initial {
  static constexpr auto name = "_full";
  static constexpr auto doc = "An array all of whose elements are one number.";

  struct Params {
    Shape shape;
    std::string ctx;
    DType dtype = DType::f32;
    double value = 0;
    static constexpr auto fields = reflect(
        field("shape", &Params::shape, at_least(0), "The shape; 0 is what follows from the use."),
        field("ctx", &Params::ctx, ctx_doc), field("dtype", &Params::dtype, "The element type."),
        field("value", &Params::value, required, "The number."));
  };

  struct Value {
    static constexpr TypeSet types = all_types;
    double value;
    template <class T>
    TREADLE_HD T operator()() const {
      return saturate<T>(value);
    }
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.set(out(0), p.shape, "shape says so");
  }
  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    elementwise(call, out(0), Value{p.value});
  }
};
TREADLE_REGISTER_OP(Full);

}  // namespace
}  // namespace treadle::ops
