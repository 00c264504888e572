// LeakyReLU: the family of rectifiers whose negative side is not flat.
#include "treadle/operators/math.h"

#include "treadle/device/pool.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/nn/scratch.h"
#include "treadle/operators/softmax.h"
#include "treadle/operators/store.h"

namespace treadle::ops {
namespace {

enum class LeakyType { elu, gelu, leaky, prelu, rrelu, selu };
EnumNames describe(LeakyType) {
  return enum_names("LeakyType", "elu", "gelu", "leaky", "prelu", "rrelu", "selu");
}

// x where positive, slope * x elsewhere; the gradient looks at x.
struct Leaky {
  float slope;
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return x > T(0) ? x : T(slope) * x;
  }
};
struct LeakyGradient {
  float slope;
  template <class T>
  TREADLE_HD T operator()(T dy, T x) const {
    return x > T(0) ? dy : T(slope) * dy;
  }
};
// The slope is random, between low and low + width.
struct RandomSlope {
  float low, width;
  template <class T>
  TREADLE_HD T operator()(T random) const {
    return T(low) + T(width) * random;
  }
};
struct RandomLeaky {
  RandomSlope slope;
  template <class T>
  TREADLE_HD T operator()(T x, T random) const {
    return x > T(0) ? x : slope(random) * x;
  }
};
struct RandomLeakyGradient {
  RandomSlope slope;
  template <class T>
  TREADLE_HD T operator()(T dy, T x, T random) const {
    return x > T(0) ? dy : slope(random) * dy;
  }
};
// scale * x where positive, scale * slope * (e^x - 1) elsewhere; the gradient looks at y.
struct Elu {
  double scale, slope;
  // e^x - 1: near 0 the difference loses its digits, and in float the series has them all.
  template <class T>
  TREADLE_HD static T minus_one(T x) {
    if constexpr (std::is_same_v<T, float>) {
      const T series = x * (T(1) + x * (T(0.5) + x * (T(1.0 / 6) + x * T(1.0 / 24))));
      return x > T(-0.02) ? series : math::exp(x) - T(1);
    } else {
      using std::expm1;
      return expm1(x);
    }
  }
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return T(scale) * (x > T(0) ? x : T(slope) * minus_one(x));
  }
};
struct EluGradient {
  double scale, slope;
  template <class T>
  TREADLE_HD T operator()(T dy, T y) const {
    return dy * (y > T(0) ? T(scale) : y + T(scale * slope));
  }
};
// The same from x, for a slope below 0, with which y does not tell the sign of x.
struct EluGradientOfInput {
  double slope;
  template <class T>
  TREADLE_HD T operator()(T dy, T x) const {
    return x > T(0) ? dy : dy * T(slope) * math::exp(x);
  }
};
// The share of a normal distribution below x. In float the logarithm of the share beyond |x| is a
// polynomial, fitted on [0, 5.6], where it is within 5e-8 of what it stands for.
template <class T>
TREADLE_HD inline T normal_cdf(T x) {
  if constexpr (std::is_same_v<T, float>) {
    const float a = x < 0 ? -x : x;
    float p = 2.19234986e-9f;
    p = p * a - 7.82201539e-8f;
    p = p * a + 1.24401379e-6f;
    p = p * a - 1.1537335e-5f;
    p = p * a + 6.71242597e-5f;
    p = p * a - 2.24395073e-4f;
    p = p * a + 3.87253931e-5f;
    p = p * a + 4.78865346e-3f;
    p = p * a - 3.63414958e-2f;
    p = p * a - 3.18307906e-1f;
    p = p * a - 7.97884762e-1f;
    p = p * a - 6.93147182e-1f;
    const float beyond = a > 5.6f ? 0.0f : math::exp(p);
    return x < 0 ? beyond : 1.0f - beyond;
  } else {
    return T(0.5) * (T(1) + math::erf(x * T(0.70710678118654752)));
  }
}
struct Gelu {
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return x * normal_cdf(x);
  }
};
struct GeluGradient {
  template <class T>
  TREADLE_HD T operator()(T dy, T x) const {
    const T share = normal_cdf(x);
    return dy * (share + x * T(0.39894228040143268) * math::exp(T(-0.5) * x * x));
  }
};

constexpr double selu_alpha = 1.6732632423543772848170429916717;
constexpr double selu_scale = 1.0507009873554804934193349852946;

// Data as (outer, channels, inner), and where gamma has the slope of (outer, channel).
struct GammaLayout {
  int64_t outer, channels, inner, outer_stride, channel_stride;

  int64_t index(int64_t row) const {
    return row / channels * outer_stride + row % channels * channel_stride;
  }
};

struct LeakyRelu {
  static constexpr auto name = "LeakyReLU";
  static constexpr auto doc =
      "Elementwise: data where positive; elsewhere as act_type says. rrelu draws the slope of each "
      "element in training, and shows it as a second output.";

  static std::vector<VariableDefault> variable_defaults() {
    return {{"gamma", "[\"Constant\", {\"value\": 0.25}]"}};
  }

  struct Params {
    LeakyType act_type = LeakyType::leaky;
    float slope = 0.25f;
    float lower_bound = 0.125f;
    float upper_bound = 0.334f;
    static constexpr auto fields = reflect(
        field(
            "act_type", &Params::act_type,
            "leaky: slope * x; elu: slope * (exp(x) - 1); selu: the same with fixed numbers and a "
            "scale; gelu: x * normal cdf(x), also where positive; prelu: gamma * x, learnt; rrelu: "
            "a random slope * x."),
        field("slope", &Params::slope, "Of leaky and elu."),
        field("lower_bound", &Params::lower_bound, "Least slope of rrelu."),
        field("upper_bound", &Params::upper_bound, "Largest slope of rrelu."));
  };

  static std::vector<std::string> inputs(const Params& p) {
    if (p.act_type == LeakyType::prelu) return {"data", "gamma"};
    return {"data"};
  }
  static std::vector<std::string> outputs(const Params& p) {
    if (p.act_type == LeakyType::rrelu) return {"output", "mask"};
    return {"output"};
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    if (p.act_type == LeakyType::rrelu) {
      if (p.upper_bound < p.lower_bound) {
        s.fail(concat("lower_bound is ", p.lower_bound, " and upper_bound ", p.upper_bound,
                      "; the upper one may not be less."));
      }
      s.unify(in(0), out(1));
    }
    if (p.act_type != LeakyType::prelu) return;
    const Shape data = s.shape(in(0)), gamma = s.shape(in(1));
    if (!data.is_known()) return;
    const auto because = [&] { return concat("data is ", data); };
    const int64_t channels = data.ndim() > 1 ? data[1] : 1;
    if (gamma.ndim() == 1 && gamma[0] == 1) return;
    const bool is_per_row = gamma.is_known() && gamma.ndim() == 2 && data.ndim() >= 2 &&
                            (gamma[0] == data[0] || gamma[0] == 1) &&
                            (gamma[1] == channels || gamma[1] == 1);
    if (!is_per_row) s.set(in(1), Shape{channels}, because);
  }

  static constexpr auto may_share = shares(share(in(0), out(0)));
  static std::vector<Slot> backward_reads(const Params& p) {
    switch (p.act_type) {
      case LeakyType::elu: return {out_grad(0), p.slope < 0 ? in(0) : out(0)};
      case LeakyType::selu: return {out_grad(0), out(0)};
      case LeakyType::prelu: return {out_grad(0), in(0), in(1)};
      default: return {out_grad(0), in(0)};
    }
  }

  static GammaLayout layout(const Shape& data, const Shape& gamma) {
    const bool has_channels = data.ndim() > 1;
    GammaLayout made{data[0], has_channels ? data[1] : 1,
                     has_channels ? data.elements(2, data.ndim()) : 1, 0, 0};
    made.channel_stride = gamma.back() > 1 ? 1 : 0;
    if (gamma.ndim() == 2 && gamma[0] > 1) made.outer_stride = gamma[1];
    return made;
  }
  // Of the gradient of gamma: one sum per row of inner elements.
  static size_t scratch_bytes(const KernelQuery& query) {
    const auto& p = *static_cast<const Params*>(query.params);
    if (p.act_type != LeakyType::prelu || query.outputs.size() < 2) return 0;
    const Shape& data = query.outputs[0].shape;
    return size_t(data.elements(0, std::min(2, data.ndim()))) * sizeof(double);
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    switch (p.act_type) {
      case LeakyType::leaky: return elementwise(call, out(0), Leaky{p.slope}, in(0));
      case LeakyType::elu: return elementwise(call, out(0), Elu{1, p.slope}, in(0));
      case LeakyType::selu: return elementwise(call, out(0), Elu{selu_scale, selu_alpha}, in(0));
      case LeakyType::gelu: return elementwise(call, out(0), Gelu(), in(0));
      case LeakyType::prelu: return prelu(call);
      case LeakyType::rrelu: break;
    }
    const RandomSlope slope = random_slope(p, call.mode());
    elementwise(call, out(1), slope, uniform());
    elementwise(call, out(0), RandomLeaky{slope}, in(0), uniform());
  }

  // Outside of training the slope is the middle one.
  static RandomSlope random_slope(const Params& p, Mode mode) {
    if (mode == Mode::train) return {p.lower_bound, p.upper_bound - p.lower_bound};
    return {(p.lower_bound + p.upper_bound) / 2, 0};
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Slot dy = out_grad(0), dx = in_grad(0);
    switch (p.act_type) {
      case LeakyType::leaky: return elementwise(call, dx, LeakyGradient{p.slope}, dy, in(0));
      case LeakyType::elu:
        if (p.slope < 0) return elementwise(call, dx, EluGradientOfInput{p.slope}, dy, in(0));
        return elementwise(call, dx, EluGradient{1, p.slope}, dy, out(0));
      case LeakyType::selu:
        return elementwise(call, dx, EluGradient{selu_scale, selu_alpha}, dy, out(0));
      case LeakyType::gelu: return elementwise(call, dx, GeluGradient(), dy, in(0));
      case LeakyType::prelu: return prelu_gradient(call);
      case LeakyType::rrelu: break;
    }
    elementwise(call, dx, RandomLeakyGradient{random_slope(p, call.mode())}, dy, in(0), uniform());
  }

  template <class F>
  static void for_rows(Pool& pool, const GammaLayout& n, const F& f) {
    const int64_t grain = std::max<int64_t>(1, (1 << 14) / n.inner);
    pool.parallel_for(0, n.outer * n.channels, grain, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) f(row);
    });
  }

  template <DeviceKind D>
  static void prelu(Call<D>& call) {
    const Request request = call.request(out(0));
    if (request == Request::null) return;
    const Tensor data = call.read(in(0)), gamma = call.read(in(1));
    const GammaLayout n = layout(data.shape(), gamma.shape());
    with_floating_type(data.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      for_rows(call.pool(), n, [&](int64_t row) {
        const C slope = C(gamma.as<T>()[n.index(row)]);
        const T* const x = data.as<T>() + row * n.inner;
        T* const y = call.write(out(0)).template as<T>() + row * n.inner;
        for (int64_t i = 0; i < n.inner; ++i) {
          const C value = C(x[i]);
          store(y[i], value > C(0) ? value : slope * value, request);
        }
      });
    });
  }

  template <DeviceKind D>
  static void prelu_gradient(Call<D>& call) {
    const Tensor data = call.read(in(0)), gamma = call.read(in(1)), dy = call.read(out_grad(0));
    const Tensor dx = call.write(in_grad(0)), dgamma = call.write(in_grad(1));
    const Request request = call.request(in_grad(0)), gamma_request = call.request(in_grad(1));
    const GammaLayout n = layout(data.shape(), gamma.shape());
    double* const sums = static_cast<double*>(call.scratch());
    with_floating_type(data.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      for_rows(call.pool(), n, [&](int64_t row) {
        const C slope = C(gamma.as<T>()[n.index(row)]);
        double sum = 0;
        for (int64_t i = row * n.inner; i < (row + 1) * n.inner; ++i) {
          const C value = C(data.as<T>()[i]), head = C(dy.as<T>()[i]);
          if (!(value > C(0))) sum += double(value * head);
          if (request != Request::null) {
            store(dx.as<T>()[i], value > C(0) ? head : slope * head, request);
          }
        }
        sums[row] = sum;
      });
      if (gamma_request == Request::null) return;
      // One slope after another, each over its rows in order.
      for (int64_t k = 0; k < gamma.elements(); ++k) {
        double sum = 0;
        const bool per_outer = n.outer_stride > 0;
        const int64_t outer = per_outer ? k / n.outer_stride : 0;
        const int64_t channel = k % std::max<int64_t>(1, gamma.shape().back());
        for (int64_t o = per_outer ? outer : 0; o < (per_outer ? outer + 1 : n.outer); ++o) {
          const bool per_channel = n.channel_stride > 0;
          const int64_t last = per_channel ? channel + 1 : n.channels;
          for (int64_t c = per_channel ? channel : 0; c < last; ++c)
            sum += sums[o * n.channels + c];
        }
        store(dgamma.as<T>()[k], C(sum), gamma_request);
      }
    });
  }
};
TREADLE_REGISTER_OP(LeakyRelu);

}  // namespace
}  // namespace treadle::ops
