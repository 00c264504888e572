// mean: the mean along axes.
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/reduce/families.h"

namespace treadle::ops {
namespace {

struct Mean : Reduced {
  static constexpr auto name = "mean";
  static constexpr auto doc = "The mean of data along the given axes.";

  static constexpr bool is_linear = true;
  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    fold(p, call, {Fold::sum, folded_elements(p, call.read(in(0)).shape())}, Identity());
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Shape& data = call.write(in_grad(0)).shape();
    elementwise(call, in_grad(0), WithScalar<Divide>{double(folded_elements(p, data))},
                repeated(p, out_grad(0), data));
  }
};
TREADLE_REGISTER_OP(Mean);

}  // namespace
}  // namespace treadle::ops
