// clip: data held between two bounds.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Clip : Unary {
  static constexpr auto name = "clip";
  static constexpr auto doc =
      "Elementwise data, at least a_min and at most a_max; the gradient is 0 outside of them.";
  static constexpr TypeSet types = numeric_types;

  struct Params {
    float a_min = 0;
    float a_max = 0;
    static constexpr auto fields =
        reflect(field("a_min", &Params::a_min, required, "The lower bound."),
                field("a_max", &Params::a_max, required, "The upper bound."));
  };

  struct Value {
    static constexpr TypeSet types = numeric_types;
    float low, high;
    template <class T>
    TREADLE_HD T operator()(T x) const {
      return x > saturate<T>(high)  ? saturate<T>(high)
             : x < saturate<T>(low) ? saturate<T>(low)
                                    : x;
    }
  };
  struct Gradient {
    static constexpr TypeSet types = numeric_types;
    float low, high;
    template <class T>
    TREADLE_HD T operator()(T dy, T x) const {
      return x > saturate<T>(high) || x < saturate<T>(low) ? T(0) : dy;
    }
  };

  static constexpr auto backward_reads = reads(out_grad(0), in(0));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    elementwise(call, out(0), Value{p.a_min, p.a_max}, in(0));
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(0), Gradient{p.a_min, p.a_max}, out_grad(0), in(0));
  }

  static void compose_gradient(const Params& p, GradientBuilder& g) {
    const double low = p.a_min, high = p.a_max;
    const auto scalar = [](const double& number) {
      return ParamText{{"scalar", value_type<double>().print(&number)}};
    };
    const Term x = in_term(g, 0);
    set_in_grad(g, 0,
                head_term(g, 0) * x.apply("_greater_equal_scalar", scalar(low)) *
                    x.apply("_lesser_equal_scalar", scalar(high)));
  }
};
TREADLE_REGISTER_OP(Clip);

}  // namespace
}  // namespace treadle::ops
