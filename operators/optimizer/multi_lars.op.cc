// multi_lars: learning rates of many weights, each scaled by how its norm compares with the
// gradient's (You et al., 2017).
#include <cmath>

#include "treadle/operators/elementwise.h"

namespace treadle::ops {
namespace {

struct MultiLars {
  static constexpr auto name = "multi_lars";
  static constexpr auto doc =
      "lrs * eta * w / (g * rescale_grad + wds * w + eps), with the norms w and g, given by their "
      "squares; lrs where one of them is 0.";
  static constexpr auto inputs = names("lrs", "weights_sum_sq", "grads_sum_sq", "wds");

  struct Params {
    float eta = 0;
    float eps = 0;
    float rescale_grad = 1;
    static constexpr auto fields =
        reflect(field("eta", &Params::eta, required, "Factor of the ratio of norms."),
                field("eps", &Params::eps, required, "Keeps the divisor from 0."),
                field("rescale_grad", &Params::rescale_grad, "Factor of the gradients."));
  };

  static void infer_shape(const Params&, ShapeInference& s) {
    for (int i = 1; i < 4; ++i) s.unify(in(0), in(i));
    s.unify(in(0), out(0));
  }
  static constexpr auto may_share = shares(share(in(0), out(0)));

  struct Rate {
    float eta, eps, rescale;
    template <class T>
    TREADLE_HD T operator()(T lr, T weight, T gradient, T decay) const {
      using std::sqrt;
      const T norm = sqrt(weight);
      if (!(norm > T(0) && gradient > T(0))) return lr;
      return lr * T(eta) * norm / (sqrt(gradient) * T(rescale) + decay * norm + T(eps));
    }
  };
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    elementwise(call, out(0), Rate{p.eta, p.eps, p.rescale_grad}, in(0), in(1), in(2), in(3));
  }
};
TREADLE_REGISTER_OP(MultiLars);

}  // namespace
}  // namespace treadle::ops
