// smooth_l1: the absolute value, rounded off around 0.
#include "treadle/operators/elementwise.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct SmoothL1 {
  static constexpr auto name = "smooth_l1";
  static constexpr auto doc =
      "Elementwise |x| - 0.5 / scalar^2 where |x| > 1 / scalar^2, and 0.5 * (scalar * x)^2 "
      "elsewhere.";
  static constexpr auto inputs = names("data");

  struct Params {
    double scalar = 1;
    static constexpr auto fields =
        reflect(field("scalar", &Params::scalar, "How sharp the bend at 0 is."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.scalar == 0) s.fail("scalar is 0; any other number is expected.");
    s.unify(in(0), out(0));
  }
  static constexpr auto may_share = shares(share(in(0), out(0)));
  static constexpr auto backward_reads = reads(out_grad(0), in(0));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

  struct Value {
    double square;
    template <class T>
    TREADLE_HD T operator()(T x) const {
      const T size = x < T(0) ? -x : x, bend = T(1 / square);
      return size > bend ? size - T(0.5) * bend : T(0.5) * x * x * T(square);
    }
  };
  struct Gradient {
    double square;
    template <class T>
    TREADLE_HD T operator()(T dy, T x) const {
      const T bend = T(1 / square);
      return dy * (x > bend ? T(1) : x < -bend ? T(-1) : T(square) * x);
    }
  };
  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    elementwise(call, out(0), Value{p.scalar * p.scalar}, in(0));
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(0), Gradient{p.scalar * p.scalar}, out_grad(0), in(0));
  }
};
TREADLE_REGISTER_OP(SmoothL1);

}  // namespace
}  // namespace treadle::ops
