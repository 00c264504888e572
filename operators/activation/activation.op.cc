// Activation: an elementwise nonlinearity, chosen by name.
#include "treadle/operators/elementwise.h"
#include "treadle/operators/math.h"
#include "treadle/operators/term.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

enum class ActType { relu, sigmoid, softrelu, softsign, tanh };
EnumNames describe(ActType) {
  return enum_names("ActType", "relu", "sigmoid", "softrelu", "softsign", "tanh");
}

// value(x), and slope in terms of y = value(x), or of x where y does not tell it well.
struct Relu {
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return x < T(0) ? T(0) : x;
  }
};
struct ReluGradient {
  template <class T>
  TREADLE_HD T operator()(T dy, T y) const {
    return y > T(0) ? dy : T(0);
  }
};
struct Sigmoid {
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return math::sigmoid(x);
  }
};
struct SigmoidGradient {
  template <class T>
  TREADLE_HD T operator()(T dy, T y) const {
    return dy * y * (T(1) - y);
  }
};
struct SoftRelu {
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return math::softplus(x);
  }
};
struct SoftReluGradient {
  template <class T>
  TREADLE_HD T operator()(T dy, T y) const {
    return dy * (T(1) - math::exp(-y));
  }
};
struct SoftSign {
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return x / (T(1) + (x < T(0) ? -x : x));
  }
};
struct SoftSignGradient {
  template <class T>
  TREADLE_HD T operator()(T dy, T x) const {
    const T scale = T(1) + (x < T(0) ? -x : x);
    return dy / (scale * scale);
  }
};
struct Tanh {
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return math::tanh(x);
  }
};
struct TanhGradient {
  template <class T>
  TREADLE_HD T operator()(T dy, T y) const {
    return dy * (T(1) - y * y);
  }
};

struct Activation {
  static constexpr auto name = "Activation";
  static constexpr auto doc = "Elementwise nonlinearity.";
  static constexpr auto inputs = names("data");

  struct Params {
    ActType act_type = ActType::relu;
    static constexpr auto fields = reflect(
        field("act_type", &Params::act_type, required,
              "relu: max(x, 0); sigmoid: 1 / (1 + exp(-x)); softrelu: log(1 + exp(x)); softsign: "
              "x / (1 + |x|); tanh."));
  };

  static void infer_shape(const Params&, ShapeInference& s) { s.unify(in(0), out(0)); }

  static Slot slope_from(const Params& p) {
    return p.act_type == ActType::softsign ? in(0) : out(0);
  }
  static constexpr auto may_share = shares(share(in(0), out(0)));
  static auto backward_reads(const Params& p) { return reads(out_grad(0), slope_from(p)); }
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    switch (p.act_type) {
      case ActType::relu: return elementwise(call, out(0), Relu(), in(0));
      case ActType::sigmoid: return elementwise(call, out(0), Sigmoid(), in(0));
      case ActType::softrelu: return elementwise(call, out(0), SoftRelu(), in(0));
      case ActType::softsign: return elementwise(call, out(0), SoftSign(), in(0));
      case ActType::tanh: return elementwise(call, out(0), Tanh(), in(0));
    }
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Slot dy = out_grad(0), from = slope_from(p);
    switch (p.act_type) {
      case ActType::relu: return elementwise(call, in_grad(0), ReluGradient(), dy, from);
      case ActType::sigmoid: return elementwise(call, in_grad(0), SigmoidGradient(), dy, from);
      case ActType::softrelu: return elementwise(call, in_grad(0), SoftReluGradient(), dy, from);
      case ActType::softsign: return elementwise(call, in_grad(0), SoftSignGradient(), dy, from);
      case ActType::tanh: return elementwise(call, in_grad(0), TanhGradient(), dy, from);
    }
  }

  static void compose_gradient(const Params& p, GradientBuilder& g) {
    const Term dy = head_term(g, 0), x = in_term(g, 0), y = out_term(g, 0);
    switch (p.act_type) {
      case ActType::relu: return set_in_grad(g, 0, dy * is_positive(y));
      case ActType::sigmoid: return set_in_grad(g, 0, dy * y * (Term(1) - y));
      case ActType::softrelu: return set_in_grad(g, 0, dy * x.apply("sigmoid"));
      case ActType::tanh: return set_in_grad(g, 0, dy * (Term(1) - y * y));
      case ActType::softsign: {
        const Term scale = Term(1) + abs(x);
        return set_in_grad(g, 0, dy / (scale * scale));
      }
    }
  }
};
TREADLE_REGISTER_OP(Activation);

}  // namespace
}  // namespace treadle::ops
