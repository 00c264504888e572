// sort: the elements along an axis, in order.
#include "treadle/operators/ordering/ordered.h"

namespace treadle::ops {
namespace {

struct Sort {
  static constexpr auto name = "sort";
  static constexpr auto doc =
      "The elements of data along an axis in order; equal ones keep theirs, and NaN counts as "
      "larger "
      "than all.";
  static constexpr auto inputs = names("data");
  static constexpr auto outputs = names("output0");
  static constexpr TypeSet types = numeric_types;

  struct Params {
    std::optional<int> axis = -1;
    bool is_ascend = true;
    static constexpr auto fields = reflect(
        field("axis", &Params::axis,
              "The axis; negative ones count from the last. None: data counts as one row."),
        field("is_ascend", &Params::is_ascend, "Whether the smallest element comes first."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (s.shape(in(0)).empty()) return;
    s.set(out(0), ordered_shape(s, p.axis, 0),
          [&] { return concat("data has shape ", s.shape(in(0))); });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0));

  template <DeviceKind D>
  static std::vector<int64_t> order(const Params& p, Call<D>& call) {
    const Tensor data = call.read(in(0));
    const RowLayout layout = layout_along(data.shape(), p.axis);
    return first_in_order(data, layout, layout.count, p.is_ascend, call.pool());
  }
  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const Tensor data = call.read(in(0));
    const RowLayout layout = layout_along(data.shape(), p.axis);
    pick_ordered(data, layout, layout.count, order(p, call), call.write(out(0)),
                 call.request(out(0)));
  }
  // Ordering again is cheaper to keep right than a hidden output.
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const RowLayout layout = layout_along(call.read(in(0)).shape(), p.axis);
    place_ordered(call.read(out_grad(0)), layout, layout.count, order(p, call),
                  call.write(in_grad(0)), call.request(in_grad(0)));
  }
};
TREADLE_REGISTER_OP(Sort);

}  // namespace
}  // namespace treadle::ops
