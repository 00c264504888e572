// argsort: where the elements along an axis lie that come first, second and so on.
#include "treadle/operators/ordering/ordered.h"

namespace treadle::ops {
namespace {

struct ArgSort {
  static constexpr auto name = "argsort";
  static constexpr auto doc =
      "The indices along an axis that put data in order; equal elements keep theirs, and NaN "
      "counts "
      "as larger than all.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = numeric_types;
  static constexpr bool zero_gradient = true;

  struct Params {
    std::optional<int> axis = -1;
    bool is_ascend = true;
    DType dtype = DType::f32;
    static constexpr auto fields =
        reflect(field("axis", &Params::axis,
                      "The axis; negative ones count from the last. None: data counts as one row."),
                field("is_ascend", &Params::is_ascend, "Whether the smallest element comes first."),
                field("dtype", &Params::dtype, "The type of the output."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (s.shape(in(0)).empty()) return;
    s.set(out(0), ordered_shape(s, p.axis, 0),
          [&] { return concat("data has shape ", s.shape(in(0))); });
  }
  static void infer_type(const Params& p, TypeInference& t) { t.set(out(0), p.dtype); }
  static std::string refuse(const Params& p, const KernelQuery& query) {
    return refuse_index_type(p.dtype, layout_along(query.inputs[0].shape, p.axis).count);
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const Tensor data = call.read(in(0));
    const RowLayout layout = layout_along(data.shape(), p.axis);
    write_indices(first_in_order(data, layout, layout.count, p.is_ascend, call.pool()),
                  call.write(out(0)), call.request(out(0)));
  }
};
TREADLE_REGISTER_OP(ArgSort);

}  // namespace
}  // namespace treadle::ops
