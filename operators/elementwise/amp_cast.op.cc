// amp_cast: float data in another floating type; other types pass.
#include "treadle/operators/cast.h"
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {
namespace {

struct AmpCast : Unary {
  static constexpr auto name = "amp_cast";
  static constexpr auto doc =
      "float32, float16 and bfloat16 data in another type, data of other types as it is: what "
      "automatic mixed precision puts between operators.";
  static constexpr std::array<Share, 0> may_share = {};
  static constexpr auto backward_reads = reads(out_grad(0));

  struct Params {
    DType dtype = DType::f32;
    static constexpr auto fields =
        reflect(field("dtype", &Params::dtype, required, "The type of the output."));
  };

  static void infer_type(const Params& p, TypeInference& t) {
    const DType type = t.type(in(0));
    if (type == DType::unknown) return;
    const bool casts = is_floating(type) && type != DType::f64;
    t.set(out(0), casts ? p.dtype : type);
  }

  template <DeviceKind D>
  static void forward(const Params&, Call<D>& call) {
    cast_array(call.read(in(0)), call.write(out(0)), call.request(out(0)), call.pool());
  }
  template <DeviceKind D>
  static void backward(const Params&, Call<D>& call) {
    cast_array(call.read(out_grad(0)), call.write(in_grad(0)), call.request(in_grad(0)),
               call.pool());
  }
};
TREADLE_REGISTER_OP(AmpCast);

}  // namespace
}  // namespace treadle::ops
