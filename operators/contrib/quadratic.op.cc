// _contrib_quadratic: a polynomial of the second degree.
#include "treadle/operators/elementwise.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Quadratic {
  static constexpr auto name = "_contrib_quadratic";
  static constexpr auto doc = "Elementwise a * data^2 + b * data + c.";
  static constexpr auto inputs = names("data");

  struct Params {
    float a = 0;
    float b = 0;
    float c = 0;
    static constexpr auto fields =
        reflect(field("a", &Params::a, "Factor of the square."),
                field("b", &Params::b, "Factor of data."), field("c", &Params::c, "Added to it."));
  };

  static void infer_shape(const Params&, ShapeInference& s) { s.unify(in(0), out(0)); }
  static constexpr auto may_share = shares(share(in(0), out(0)));
  static constexpr auto backward_reads = reads(out_grad(0), in(0));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

  struct Value {
    float a, b, c;
    template <class T>
    TREADLE_HD T operator()(T x) const {
      return (T(a) * x + T(b)) * x + T(c);
    }
  };
  struct Gradient {
    float a, b;
    template <class T>
    TREADLE_HD T operator()(T dy, T x) const {
      return dy * (T(2) * T(a) * x + T(b));
    }
  };
  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    elementwise(call, out(0), Value{p.a, p.b, p.c}, in(0));
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(0), Gradient{p.a, p.b}, out_grad(0), in(0));
  }
};
TREADLE_REGISTER_OP(Quadratic);

}  // namespace
}  // namespace treadle::ops
