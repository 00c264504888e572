// one_hot: a row for each number, with one element on.
#include <algorithm>
#include <vector>

#include "treadle/operators/dispatch.h"
#include "treadle/operators/indexing/rows_by_index.h"

namespace treadle::ops {
namespace {

struct OneHot {
  static constexpr auto name = "one_hot";
  static constexpr auto doc =
      "For each of indices a row of `depth` elements, on_value where its index says so and "
      "off_value "
      "elsewhere; all off where the index is out of range.";
  static constexpr auto inputs = names("indices");
  static constexpr TypeSet types = all_types;
  static constexpr bool zero_gradient = true;
  static constexpr bool overwrites = true;

  struct Params {
    int64_t depth = 0;
    double on_value = 1;
    double off_value = 0;
    DType dtype = DType::f32;
    static constexpr auto fields =
        reflect(field("depth", &Params::depth, required, at_least(0), "Length of a row."),
                field("on_value", &Params::on_value, "The element that is on."),
                field("off_value", &Params::off_value, "All others."),
                field("dtype", &Params::dtype, "The type of the output."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape indices = s.shape(in(0));
    if (indices.empty()) return;
    std::vector<int64_t> made(indices.begin(), indices.end());
    made.push_back(p.depth);
    s.set(out(0), Shape(made), [&] { return concat("indices has shape ", indices); });
  }
  static void infer_type(const Params& p, TypeInference& t) { t.set(out(0), p.dtype); }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const std::vector<int64_t> index = read_indices(call.read(in(0)));
    const Tensor made = call.write(out(0));
    with_type(made.type(), [&](auto value) {
      using T = decltype(value);
      T* const to = made.as<T>();
      std::fill_n(to, made.elements(), T(p.off_value));
      for (size_t i = 0; i < index.size(); ++i) {
        if (index[i] < 0 || index[i] >= p.depth) continue;
        to[int64_t(i) * p.depth + index[i]] = T(p.on_value);
      }
    });
  }
};
TREADLE_REGISTER_OP(OneHot);

}  // namespace
}  // namespace treadle::ops
