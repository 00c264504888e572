// one_hot: a row for each number, with one element on.
#include <algorithm>
#include <vector>

#include "treadle/device/pool.h"
#include "treadle/operators/dispatch.h"
#include "treadle/operators/indexing/rows_by_index.h"

namespace treadle::ops {
namespace {

struct OneHot {
  static constexpr auto name = "one_hot";
  static constexpr auto doc =
      "For each of indices a row of `depth` elements, on_value where its index says so and "
      "off_value elsewhere; all off where the index is out of range.";
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
    constexpr int64_t tile = 256;
    const Tensor indices = call.read(in(0)), made = call.write(out(0));
    const int64_t grain = std::max<int64_t>(tile, (1 << 15) / std::max<int64_t>(1, p.depth));
    with_type(made.type(), [&](auto value) {
      using T = decltype(value);
      call.pool().parallel_for(0, indices.elements(), grain, [&](int64_t begin, int64_t end) {
        int64_t index[tile];
        for (int64_t i = begin; i < end; i += tile) {
          const int64_t count = std::min(tile, end - i);
          read_indices(indices, i, count, index);
          T* const to = made.as<T>() + i * p.depth;
          std::fill_n(to, count * p.depth, T(p.off_value));
          for (int64_t k = 0; k < count; ++k) {
            if (index[k] >= 0 && index[k] < p.depth) to[k * p.depth + index[k]] = T(p.on_value);
          }
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(OneHot);

}  // namespace
}  // namespace treadle::ops
