// LogisticRegressionOutput: the sigmoid of data, with the gradient of its cross entropy with a
// label.
#include "treadle/operators/loss/regression_output.h"
#include "treadle/operators/math.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct LogisticRegressionOutput : RegressionOutput {
  static constexpr auto name = "LogisticRegressionOutput";
  static constexpr auto doc =
      "Sigmoid of data; its gradient is (output - label) * grad_scale / (numbers per sample), "
      "whatever gradient arrives.";

  struct Sigmoid {
    template <class T>
    TREADLE_HD T operator()(T x) const {
      return math::sigmoid(x);
    }
  };
  struct Gradient {
    float scale;
    template <class T>
    TREADLE_HD T operator()(T y, T label) const {
      return (y - label) * T(scale);
    }
  };

  template <DeviceKind D>
  static void forward(const Params&, Call<D>& call) {
    elementwise(call, out(0), Sigmoid(), in(0));
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    write_gradient<Gradient>(p, call);
  }
};
TREADLE_REGISTER_OP(LogisticRegressionOutput);

}  // namespace
}  // namespace treadle::ops
