// Dropout: sets random elements to 0 and scales the others, so that the mean stays.
#include "treadle/operators/elementwise.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

enum class DropoutMode { always, training };
EnumNames describe(DropoutMode) { return enum_names("DropoutMode", "always", "training"); }

struct Dropout {
  static constexpr auto name = "Dropout";
  static constexpr auto doc =
      "In training sets each element to 0 with probability p and divides the others by 1 - p, so "
      "that p 1 gives NaN; otherwise passes data on.";
  static constexpr auto inputs = names("data");
  static constexpr bool has_effects = true;

  struct Params {
    float p = 0.5f;
    DropoutMode mode = DropoutMode::training;
    Shape axes;
    std::optional<bool> cudnn_off = false;
    static constexpr auto fields =
        reflect(field("p", &Params::p, between(0, 1), "Probability of dropping an element."),
                field("mode", &Params::mode, "Whether to drop only in training, or always."),
                field("axes", &Params::axes, at_least(0),
                      "Axes along which all elements share their fate."),
                field("cudnn_off", &Params::cudnn_off,
                      "Accepted for compatibility; nothing depends on it."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape& data = s.shape(in(0));
    if (data.empty() || p.axes.empty()) return;
    if (data.ndim() > Uniform::max_dims) {
      s.fail(concat("data has ", data.ndim(), " axes; with the parameter axes at most ",
                    Uniform::max_dims, " are supported."));
    }
    for (int64_t axis : p.axes) {
      if (axis < data.ndim()) continue;
      s.fail(concat("axes is ", p.axes, ", but data has shape ", data, "; axes below ", data.ndim(),
                    " are expected."));
    }
  }

  // The mask is a function of the run's random numbers and made again in backward.
  static constexpr auto may_share = shares(share(in(0), out(0)));
  static constexpr auto backward_reads = reads(out_grad(0));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

  struct Drop {
    float kept;  // where it is 0, what is dropped is NaN
    template <class T>
    TREADLE_HD T operator()(T x, T random) const {
      return random < T(kept) ? x / T(kept) : T(0) / T(kept);
    }
  };

  static Uniform numbers(const Params& p, const Shape& shape) {
    if (p.axes.empty()) return uniform();
    Uniform made;
    made.num_dims = shape.ndim();
    int64_t stride = 1;
    for (int i = shape.ndim() - 1; i >= 0; --i) {
      const bool is_shared = std::ranges::count(p.axes, i) > 0;
      made.extent[i] = shape[i];
      made.stride[i] = is_shared ? 0 : stride;
      if (!is_shared) stride *= shape[i];
    }
    return made;
  }

  template <DeviceKind D>
  static void apply(const Params& p, Call<D>& call, Slot to, Slot from) {
    const bool drops = p.mode == DropoutMode::always || call.mode() == Mode::train;
    if (!drops || p.p == 0) return copy(call, to, from);
    elementwise(call, to, Drop{1 - p.p}, from, numbers(p, call.read(from).shape()));
  }
  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    apply(p, call, out(0), in(0));
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    apply(p, call, in_grad(0), out_grad(0));
  }
};
TREADLE_REGISTER_OP(Dropout);

}  // namespace
}  // namespace treadle::ops
