// LinearRegressionOutput: data itself, with the gradient of half the squared distance to a label.
#include "treadle/operators/loss/regression_output.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct LinearRegressionOutput : RegressionOutput {
  static constexpr auto name = "LinearRegressionOutput";
  static constexpr auto doc =
      "Passes data on; its gradient is (data - label) * grad_scale / (numbers per sample), "
      "whatever gradient arrives.";

  struct Gradient {
    float scale;
    template <class T>
    TREADLE_HD T operator()(T y, T label) const {
      return (y - label) * T(scale);
    }
  };

  template <DeviceKind D>
  static void forward(const Params&, Call<D>& call) {
    copy(call, out(0), in(0));
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    write_gradient<Gradient>(p, call);
  }
};
TREADLE_REGISTER_OP(LinearRegressionOutput);

}  // namespace
}  // namespace treadle::ops
