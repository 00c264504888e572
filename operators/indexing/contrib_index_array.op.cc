// _contrib_index_array: the indices of each element.
#include <vector>

#include "treadle/operators/elementwise.h"
#include "treadle/operators/reduce/reduced_shape.h"

namespace treadle::ops {
namespace {

struct IndexArray {
  static constexpr auto name = "_contrib_index_array";
  static constexpr auto doc =
      "For each element of data its indices along all axes, or along the given ones, as int64 "
      "numbers on a last axis.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = all_types;
  static constexpr bool zero_gradient = true;
  static constexpr bool overwrites = true;

  struct Params {
    std::optional<Shape> axes;
    static constexpr auto fields =
        reflect(field("axes", &Params::axes, "The axes, negative from the last; None: all."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (p.axes) {
      for (int64_t axis : *p.axes) checked_axis(s, "axes", axis, data);
      if (p.axes->empty()) s.fail("axes is empty; at least one axis is expected, or None.");
    }
    std::vector<int64_t> made(data.begin(), data.end());
    made.push_back(p.axes ? p.axes->ndim() : data.ndim());
    s.set(out(0), Shape(made), [&] { return concat("data has shape ", data); });
  }
  static void infer_type(const Params&, TypeInference& t) { t.set(out(0), DType::i64); }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape& data = call.read(in(0)).shape();
    std::vector<int> axes;
    for (int i = 0; i < (p.axes ? p.axes->ndim() : data.ndim()); ++i) {
      const int64_t axis = p.axes ? (*p.axes)[i] : i;
      axes.push_back(int(axis < 0 ? axis + data.ndim() : axis));
    }
    int64_t* to = call.write(out(0)).template as<int64_t>();
    for (int64_t i = 0; i < data.elements(); ++i) {
      for (int axis : axes) *to++ = i / data.elements(axis + 1, data.ndim()) % data[axis];
    }
  }
};
TREADLE_REGISTER_OP(IndexArray);

}  // namespace
}  // namespace treadle::ops
