// hard_sigmoid: a sigmoid of three straight pieces.
#include "treadle/operators/elementwise.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct HardSigmoid {
  static constexpr auto name = "hard_sigmoid";
  static constexpr auto doc = "Elementwise alpha * data + beta, bounded to [0, 1].";
  static constexpr auto inputs = names("data");

  struct Params {
    float alpha = 0.2f;
    float beta = 0.5f;
    static constexpr auto fields =
        reflect(field("alpha", &Params::alpha, "Slope of the middle piece."),
                field("beta", &Params::beta, "Value at 0."));
  };

  static void infer_shape(const Params&, ShapeInference& s) { s.unify(in(0), out(0)); }
  static constexpr auto may_share = shares(share(in(0), out(0)));
  static constexpr auto backward_reads = reads(out_grad(0), out(0));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

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
