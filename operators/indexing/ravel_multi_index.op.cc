// _ravel_multi_index: indices to row-major numbers.
#include <vector>

#include "treadle/operators/indexing/raveled.h"

namespace treadle::ops {
namespace {

struct RavelMultiIndex : Raveled {
  static constexpr auto name = "_ravel_multi_index";
  static constexpr auto aliases = names("ravel_multi_index");
  static constexpr auto doc =
      "The row-major numbers of the places whose indices are the columns of data, in an array of "
      "the given shape.";

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_extents(p, s);
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data[0] != 0 && data[0] != p.shape.ndim()) {
      s.fail(concat("data has shape ", data, " and shape is ", p.shape,
                    "; one row per axis is expected."));
    }
    std::vector<int64_t> made(data.begin() + 1, data.end());
    if (made.empty()) made.push_back(1);
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
      const int64_t count = made.elements();
      for (int64_t i = 0; i < count; ++i) {
        // Unsigned, where leaving the range is defined: places outside the array have numbers too.
        uint64_t number = 0;
        for (int axis = 0; axis < ndim; ++axis) {
          const int64_t place = index(from[axis * count + i]);
          number = number * uint64_t(axis == 0 ? 1 : p.shape[axis]) + uint64_t(place);
        }
        to[i] = T(int64_t(number));
      }
    });
  }
};
TREADLE_REGISTER_OP(RavelMultiIndex);

}  // namespace
}  // namespace treadle::ops
