// SoftmaxOutput: softmax whose gradient is that of the cross entropy with a label.
#include "treadle/operators/softmax.h"

#include "treadle/operators/elementwise.h"

namespace treadle::ops {
namespace {

enum class Normalization { batch, null, valid };
EnumNames describe(Normalization) { return enum_names("Normalization", "batch", "null", "valid"); }

struct SoftmaxOutput {
  static constexpr auto name = "SoftmaxOutput";
  static constexpr auto aliases = names("Softmax");
  static constexpr auto doc =
      "Softmax of data. Its gradient is that of the cross entropy with label, softmax - "
      "one_hot(label), "
      "whatever gradient arrives. A label of data's shape holds probabilities.";
  static constexpr auto inputs = names("data", "label");
  static constexpr bool is_loss = true;

  struct Params {
    float grad_scale = 1;
    float ignore_label = -1;
    bool multi_output = false;
    bool use_ignore = false;
    bool preserve_shape = false;
    Normalization normalization = Normalization::null;
    bool out_grad = false;
    float smooth_alpha = 0;
    static constexpr auto fields = reflect(
        field("grad_scale", &Params::grad_scale, "Factor of the gradient."),
        field("ignore_label", &Params::ignore_label,
              "Label that gives no gradient, with use_ignore, and is not counted as valid."),
        field("multi_output", &Params::multi_output,
              "Classes are on axis 1, with a label for each position of the other axes."),
        field("use_ignore", &Params::use_ignore,
              "Whether ignore_label has an effect on the gradient."),
        field("preserve_shape", &Params::preserve_shape,
              "Classes are on the last axis, with a label for each position of the other axes."),
        field("normalization", &Params::normalization,
              "What the gradient is divided by: null: nothing (with multi_output the positions of "
              "one "
              "sample); batch: the number of labels; valid: the number of those not ignore_label."),
        field("out_grad", &Params::out_grad,
              "Multiply by the gradient that arrives at the output."),
        field("smooth_alpha", &Params::smooth_alpha, between(0, 1),
              "Probability taken from the label and spread over the other classes (without "
              "multi_output)."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0)), label = s.shape(in(1));
    if (data.ndim() < 2) {
      if (data.is_known() && label.is_known() && label != data) {
        s.fail(concat("data has shape ", data, " and label ", label,
                      "; data needs two axes (sample, class), or a label of its own shape."));
      }
      return;
    }
    if (data.is_known() && label == data) return;         // probabilities
    Shape positions = Shape::filled(data.ndim() - 1, 0);  // data without the axis of classes
    for (int i = 0; i < positions.ndim(); ++i)
      positions[i] = data[p.multi_output && i > 0 ? i + 1 : i];
    const auto because = [&] {
      return concat("data is ", data,
                    p.multi_output ? " with classes on axis 1" : " with classes last");
    };
    if (!p.multi_output) return s.set(in(1), positions, because);
    Shape kept = data;
    kept[1] = 1;
    if (label.is_known() && (label == positions || label == kept)) return;
    s.set(in(1), Shape{data[0], data.elements(2, data.ndim())}, because);
  }

  static std::vector<Slot> backward_reads(const Params& p) {
    std::vector<Slot> made{out(0), in(1)};
    if (p.out_grad) made.push_back(out_grad(0));
    return made;
  }
  static constexpr auto may_share = shares(share(in(0), out(0)));

  static ClassLayout layout(const Params& p, const Shape& data) {
    if (p.multi_output && data.ndim() >= 2) {
      return {data[0], data[1], data.elements(2, data.ndim())};
    }
    if (p.preserve_shape) return {data.elements(0, data.ndim() - 1), data.back(), 1};
    return {data[0], data.elements(1, data.ndim()), 1};
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const Tensor x = call.read(in(0)), y = call.write(out(0));
    softmax(x.type(), x.data, y.data, layout(p, x.shape()), call.request(out(0)), call.pool());
  }

  struct ProbabilityGradient {
    float scale;
    template <class T>
    TREADLE_HD T operator()(T y, T label) const {
      return (y - label) * T(scale);
    }
    template <class T>
    TREADLE_HD T operator()(T y, T label, T dy) const {
      return (y - label) * T(scale) * dy;
    }
  };

  // The request add overwrites data's gradient, as it always has in MXNet. It comes from a user's
  // request alone, since the gradient pass sums by nodes of its own.
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor y = call.read(out(0)), label = call.read(in(1));
    if (label.shape() == y.shape()) {
      const ProbabilityGradient gradient{p.grad_scale};
      const Target dx(in_grad(0), Request::write);
      if (p.out_grad) return elementwise(call, dx, gradient, out(0), in(1), out_grad(0));
      return elementwise(call, dx, gradient, out(0), in(1));
    }
    LabelGradient gradient;
    gradient.scale = double(p.grad_scale) / double(divisor(p, layout(p, y.shape()), label));
    if (!p.multi_output) gradient.smoothing = p.smooth_alpha;
    if (p.use_ignore) gradient.ignored = class_of(p.ignore_label);
    const void* const dy = p.out_grad ? call.read(out_grad(0)).data : nullptr;
    label_gradient(y.type(), y.data, label.data, dy, call.write(in_grad(0)).data,
                   layout(p, y.shape()), gradient, call.pool());
  }

  static int64_t divisor(const Params& p, const ClassLayout& size, const Tensor& label) {
    switch (p.normalization) {
      case Normalization::null: return p.multi_output ? size.inner : 1;
      case Normalization::batch: return label.elements();
      case Normalization::valid: break;
    }
    const int64_t ignored =
        count_labels(label.type(), label.data, label.elements(), class_of(p.ignore_label));
    return std::max<int64_t>(1, label.elements() - ignored);
  }
};
TREADLE_REGISTER_OP(SoftmaxOutput);

}  // namespace
}  // namespace treadle::ops
