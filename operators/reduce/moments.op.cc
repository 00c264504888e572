// moments: mean and variance along axes.
#include "treadle/operators/reduce/families.h"

namespace treadle::ops {
namespace {

struct Moments {
  static constexpr auto name = "moments";
  static constexpr auto doc = "Mean and variance of data along the given axes.";
  static constexpr auto inputs = names("data");
  static constexpr auto outputs = names("output0", "output1");
  static constexpr TypeSet types = floating_types;

  struct Params {
    std::optional<Shape> axes;
    bool keepdims = false;
    static constexpr auto fields = reflect(
        field("axes", &Params::axes,
              "The axes to fold, all where none is given; negative ones count from the last."),
        field("keepdims", &Params::keepdims, "Keep folded axes, with extent 1."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    infer_reduced_shape(s, p.axes, p.keepdims, false, out(0));
    infer_reduced_shape(s, p.axes, p.keepdims, false, out(1));
  }

  struct SquaredDistance {
    template <class T>
    TREADLE_HD T operator()(T x, T mean) const {
      return (x - mean) * (x - mean);
    }
  };
  struct Gradient {
    double count;
    template <class T>
    TREADLE_HD T operator()(T dmean, T dvariance, T x, T mean) const {
      return (dmean + T(2) * dvariance * (x - mean)) / T(count);
    }
  };

  static constexpr auto backward_reads = reads(out_grad(0), out_grad(1), in(0), out(0));

  static int64_t folded_elements(const Params& p, const Shape& data) {
    return data.elements() / std::max<int64_t>(1, kept_shape(p.axes, false, data).elements());
  }
  // The variance needs the mean as it is, whatever is done with the output.
  static size_t scratch_bytes(const KernelQuery& query) {
    return query.outputs.size() == 2 ? size_t(query.outputs[0].shape.elements()) * 8 : 0;
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const Tensor data = call.read(in(0));
    const Shape kept = kept_shape(p.axes, false, data.shape());
    const Folding mean(Fold::sum, folded_elements(p, data.shape()));
    reduce(call, out(0), data.shape(), kept, mean, Identity(), in(0));
    if (!call.is_wanted(out(1))) return;

    const Identity identity;
    Reduction first;
    first.folding = mean;
    first.type = first.out_type = data.type();
    first.shape = data.shape();
    first.kept = kept;
    first.map = &detail::tile_function<Identity, 1>;
    first.functor = &identity;
    first.inputs[0] = data.data;
    first.axes[0] = contiguous_axes(data.shape());
    first.out = call.scratch();
    run_reduction(first, call.pool());

    const SquaredDistance distance;
    Reduction second = first;
    second.map = &detail::tile_function<SquaredDistance, 2>;
    second.functor = &distance;
    second.inputs[1] = call.scratch();
    second.axes[1] = broadcast_axes(kept, data.shape());
    second.out = call.write(out(1)).data;
    second.request = call.request(out(1));
    run_reduction(second, call.pool());
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Shape& data = call.read(in(0)).shape();
    const Axes axes = broadcast_axes(kept_shape(p.axes, false, data), data);
    elementwise(call, in_grad(0), Gradient{double(folded_elements(p, data))},
                Viewed(out_grad(0), axes), Viewed(out_grad(1), axes), in(0), Viewed(out(0), axes));
  }
};
TREADLE_REGISTER_OP(Moments);

}  // namespace
}  // namespace treadle::ops
