// shape_array: the extents of data, as an array.
#include <algorithm>

#include "treadle/operators/elementwise.h"

namespace treadle::ops {
namespace {

struct ShapeArray {
  static constexpr auto name = "shape_array";
  static constexpr auto doc = "The extents of data, as int64 numbers.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = all_types;
  static constexpr bool zero_gradient = true;
  static constexpr bool overwrites = true;

  static void infer_shape(const NoParams&, ShapeInference& s) {
    if (!s.shape(in(0)).empty()) s.set(out(0), Shape{s.shape(in(0)).ndim()}, "one number an axis");
  }
  static void infer_type(const NoParams&, TypeInference& t) { t.set(out(0), DType::i64); }

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape& data = call.read(in(0)).shape();
    std::copy(data.begin(), data.end(), call.write(out(0)).template as<int64_t>());
  }
};
TREADLE_REGISTER_OP(ShapeArray);

}  // namespace
}  // namespace treadle::ops
