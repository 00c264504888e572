// transpose: the axes of data in another order.
#include "treadle/operators/shape/moved.h"

namespace treadle::ops {
namespace {

struct TransposeParams {
  Shape axes;
  static constexpr auto fields = reflect(
      field("axes", &TransposeParams::axes,
            "For each axis of the output, that of data; empty: the axes of data backward."));
};

struct Transpose : Rearranged<Transpose, TransposeParams> {
  static constexpr auto name = "transpose";
  static constexpr auto doc = "Data with its axes in another order, backward unless said.";
  using Params = TransposeParams;

  // Which axis of data becomes axis `i`.
  static int source(const Params& p, int i, int ndim) {
    if (p.axes.empty()) return ndim - 1 - i;
    return int(p.axes[i] < 0 ? p.axes[i] + ndim : p.axes[i]);
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0)), made = s.shape(out(0));
    const int ndim = std::max(data.ndim(), made.ndim());
    if (ndim == 0) return;
    if (!p.axes.empty() && p.axes.ndim() != ndim) {
      s.fail(concat("axes is ", p.axes, ", but data has ", ndim,
                    " axes; as many numbers are "
                    "expected."));
    }
    Shape forward = Shape::filled(ndim, 0), back = Shape::filled(ndim, 0);
    for (int i = 0; i < ndim; ++i) {
      const int from = source(p, i, ndim);
      if (from < 0 || from >= ndim) {
        s.fail(concat("axes is ", p.axes, "; numbers from ", -ndim, " to ", ndim - 1,
                      " are expected."));
      }
      if (!data.empty()) forward[i] = data[from];
      if (!made.empty()) back[from] = made[i];
    }
    if (!data.empty()) s.set(out(0), forward, [&] { return concat("data has shape ", data); });
    if (!made.empty()) s.set(in(0), back, [&] { return concat("the output has shape ", made); });
  }
  static std::string refuse(const Params& p, const KernelQuery& query) {
    const int ndim = query.outputs[0].shape.ndim();
    for (int i = 0; i < ndim; ++i) {
      for (int k = 0; k < i; ++k) {
        if (source(p, i, ndim) != source(p, k, ndim)) continue;
        return concat("axes is ", p.axes, ", which has an axis twice; each of 0 to ", ndim - 1,
                      " is expected once");
      }
    }
    return {};
  }
  static Moved moved(const Params& p, const Shape& data, const Shape& made) {
    int64_t strides[Axes::max_count];
    row_major_strides(data, strides);
    Moved moved;
    for (int i = 0; i < made.ndim(); ++i) {
      moved.axes.add(made[i], strides[source(p, i, made.ndim())]);
    }
    return moved;
  }
};
TREADLE_REGISTER_OP(Transpose);

}  // namespace
}  // namespace treadle::ops
