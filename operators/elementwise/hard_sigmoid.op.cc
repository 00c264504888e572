// hard_sigmoid: a straight line held between 0 and 1.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct HardSigmoid : Unary {
  static constexpr auto name = "hard_sigmoid";
  static constexpr auto doc = "Elementwise alpha * data + beta, at least 0 and at most 1.";
  static constexpr TypeSet types = floating_types;

  struct Params {
    float alpha = 0.2f;
    float beta = 0.5f;
    static constexpr auto fields = reflect(field("alpha", &Params::alpha, "The slope."),
                                           field("beta", &Params::beta, "The value at 0."));
  };

  struct Value {
    float alpha, beta;
    template <class T>
    TREADLE_HD T operator()(T x) const {
      const T y = T(alpha) * x + T(beta);
      return y < T(0) ? T(0) : y > T(1) ? T(1) : y;
    }
  };
  struct Gradient {
    float alpha;
    template <class T>
    TREADLE_HD T operator()(T dy, T y) const {
      return y > T(0) && y < T(1) ? T(alpha) * dy : T(0);
    }
  };

  static constexpr auto backward_reads = reads(out_grad(0), out(0));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    elementwise(call, out(0), Value{p.alpha, p.beta}, in(0));
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(0), Gradient{p.alpha}, out_grad(0), out(0));
  }
};
TREADLE_REGISTER_OP(HardSigmoid);

}  // namespace
}  // namespace treadle::ops
