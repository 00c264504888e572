// size_array: the number of elements of data, as an array.
#include "treadle/operators/elementwise.h"

namespace treadle::ops {
namespace {

struct SizeArray {
  static constexpr auto name = "size_array";
  static constexpr auto doc = "The number of elements of data, as an int64 number.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = all_types;
  static constexpr bool zero_gradient = true;
  static constexpr bool overwrites = true;

  static void infer_shape(const NoParams&, ShapeInference& s) {
    s.set(out(0), Shape{1}, "it is one number");
  }
  static void infer_type(const NoParams&, TypeInference& t) { t.set(out(0), DType::i64); }

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape& data = call.read(in(0)).shape();
    *call.write(out(0)).template as<int64_t>() = data.elements();
  }
};
TREADLE_REGISTER_OP(SizeArray);

}  // namespace
}  // namespace treadle::ops
