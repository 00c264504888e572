// SVMOutput: scores, with the gradient of a hinge loss.
#include "treadle/device/pool.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/softmax.h"

namespace treadle::ops {
namespace {

struct SvmOutput {
  static constexpr auto name = "SVMOutput";
  static constexpr auto doc =
      "Passes data (scores of classes) on; its gradient is that of the hinge loss of each class "
      "against the label's, squared unless use_linear, whatever gradient arrives.";
  static constexpr auto inputs = names("data", "label");
  static constexpr bool is_loss = true;

  struct Params {
    float margin = 1;
    float regularization_coefficient = 1;
    bool use_linear = false;
    static constexpr auto fields = reflect(
        field("margin", &Params::margin, "How far beyond 0 a score has to be."),
        field("regularization_coefficient", &Params::regularization_coefficient,
              "Factor of the gradient."),
        field("use_linear", &Params::use_linear, "Take the hinge itself instead of its square."));
  };

  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() < 2) {
      s.fail(concat("data has shape ", data, "; (sample, class) is expected."));
    }
    Shape label = Shape::filled(data.ndim() - 1, 0);
    for (int i = 0; i < label.ndim(); ++i) label[i] = data[i];
    s.set(in(1), label, [&] { return concat("data is ", data); });
  }

  static constexpr auto may_share = shares(share(in(0), out(0)));
  static constexpr auto backward_reads = reads(out(0), in(1));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params&, Call<D>& call) {
    copy(call, out(0), in(0));
  }

  // The request add overwrites data's gradient, as it always has in MXNet. A label that is no class
  // makes all of them wrong ones.
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor made = call.read(out(0)), label = call.read(in(1)), grad = call.write(in_grad(0));
    const int64_t rows = label.elements(), classes = made.elements() / rows;
    with_floating_type(made.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      const C margin = C(p.margin), factor = C(p.regularization_coefficient);
      const auto slope = [&](C score) {  // of a score that should be at least the margin
        if (!(margin > score)) return C(0);
        return p.use_linear ? -factor : C(-2) * factor * (margin - score);
      };
      const int64_t grain = std::max<int64_t>(1, 16384 / classes);
      call.pool().parallel_for(0, rows, grain, [&](int64_t begin, int64_t end) {
        for (int64_t n = begin; n < end; ++n) {
          const int64_t wanted = class_of(label.as<T>()[n]);
          for (int64_t c = 0; c < classes; ++c) {
            const C score = C(made.as<T>()[n * classes + c]);
            grad.as<T>()[n * classes + c] = T(c == wanted ? slope(score) : -slope(-score));
          }
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(SvmOutput);

}  // namespace
}  // namespace treadle::ops
