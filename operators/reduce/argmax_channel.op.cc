// argmax_channel: where the largest element of each row lies.
#include "treadle/operators/elementwise.h"
#include "treadle/operators/reduce/arg_extreme.h"

namespace treadle::ops {
namespace {

struct ArgMaxChannel {
  static constexpr auto name = "argmax_channel";
  static constexpr auto doc =
      "The index along the last axis of the largest element of data, as a number of the type of "
      "data.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = numeric_types;

  static void infer_shape(const NoParams&, ShapeInference& s) { infer_arg_extreme(s, -1, false); }
  static std::string refuse(const NoParams&, const KernelQuery& query) {
    return refuse_arg_extreme(query);
  }

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    arg_extreme(call.read(in(0)), call.write(out(0)), -1, true, call.request(out(0)), call.pool());
  }
};
TREADLE_REGISTER_OP(ArgMaxChannel);

}  // namespace
}  // namespace treadle::ops
