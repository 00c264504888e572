// Cast: data in another element type.
#include "treadle/operators/cast.h"
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {
namespace {

struct Cast : Unary {
  static constexpr auto name = "Cast";
  static constexpr auto aliases = names("cast");
  static constexpr auto doc =
      "Data in another element type. Floats become integers by dropping the fraction, anything "
      "becomes bool by being other than 0.";
  static constexpr std::array<Share, 0> may_share = {};
  static constexpr bool is_linear = true;
  static constexpr auto backward_reads = reads(out_grad(0));

  struct Params {
    DType dtype = DType::f32;
    static constexpr auto fields =
        reflect(field("dtype", &Params::dtype, required, "The type of the output."));
  };

  static void infer_type(const Params& p, TypeInference& t) { t.set(out(0), p.dtype); }

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
TREADLE_REGISTER_OP(Cast);

}  // namespace
}  // namespace treadle::ops
