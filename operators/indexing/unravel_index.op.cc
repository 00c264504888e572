// _unravel_index: row-major numbers to indices.
#include <vector>

#include "treadle/operators/indexing/raveled.h"

namespace treadle::ops {
namespace {

struct UnravelIndex : Raveled {
  static constexpr auto name = "_unravel_index";
  static constexpr auto aliases = names("unravel_index");
  static constexpr auto doc =
      "For each row-major number in data the indices of its place in an array of the given shape, "
      "as a column.";

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_extents(p, s);
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    std::vector<int64_t> made(data.begin(), data.end());
    made.insert(made.begin(), p.shape.ndim());
    s.set(out(0), Shape(made), [&] { return concat("data has shape ", data); });
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor data = call.read(in(0)), made = call.write(out(0));
    const int ndim = p.shape.ndim();
    with_type(data.type(), [&](auto value) {
      using T = decltype(value);
      const T* const from = data.as<T>();
      T* const to = made.as<T>();
      const int64_t count = data.elements();
      for (int64_t i = 0; i < count; ++i) {
        int64_t number = index(from[i]);
        for (int axis = ndim - 1; axis >= 0; --axis) {
          const int64_t extent = p.shape[axis];
          to[axis * count + i] = T(axis == 0 ? number : number % extent);
          if (axis > 0) number /= extent;
        }
      }
    });
  }
};
TREADLE_REGISTER_OP(UnravelIndex);

}  // namespace
}  // namespace treadle::ops
