// sum: the sum along axes.
#include "treadle/operators/reduce/families.h"

namespace treadle::ops {
namespace {

struct Sum : Reduced {
  static constexpr auto name = "sum";
  static constexpr auto aliases = names("sum_axis");
  static constexpr auto doc = "The sum of data along the given axes.";

  static constexpr bool is_linear = true;
  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    fold(p, call, Fold::sum, Identity());
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(0), Identity(),
                repeated(p, out_grad(0), call.write(in_grad(0)).shape()));
  }
};
TREADLE_REGISTER_OP(Sum);

}  // namespace
}  // namespace treadle::ops
