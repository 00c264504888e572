// tile: data several times along each axis.
#include <algorithm>

#include "treadle/operators/shape/moved.h"

namespace treadle::ops {
namespace {

struct TileParams {
  Shape reps;
  static constexpr auto fields =
      reflect(field("reps", &TileParams::reps, required, at_least(0),
                    "How often along each axis, aligned at the last; 1 where it has fewer."));
};

struct Tile : RepeatedView<Tile, TileParams> {
  static constexpr auto name = "tile";
  static constexpr auto doc = "The whole of data several times along each axis.";
  using Params = TileParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const int ndim = std::max(data.ndim(), p.reps.ndim());
    const Shape extents = with_leading_ones(data, ndim), times = with_leading_ones(p.reps, ndim);
    Shape made = extents;
    for (int i = 0; i < ndim; ++i) made[i] = checked_product(extents[i], times[i]);
    s.set(out(0), made, [&] { return concat("data is ", data, " and reps is ", p.reps); });
  }

  // Per axis how often, then its extent.
  static Shape split(const Params& p, const Shape& data, bool repeats) {
    const int ndim = std::max(data.ndim(), p.reps.ndim());
    const Shape extents = with_leading_ones(data, ndim), times = with_leading_ones(p.reps, ndim);
    Shape made = Shape::filled(2 * ndim, 1);
    for (int i = 0; i < ndim; ++i) {
      made[2 * i] = repeats ? times[i] : 1;
      made[2 * i + 1] = extents[i];
    }
    return made;
  }
  static Shape walked(const Params& p, const Shape& data) { return split(p, data, true); }
  static Shape kept(const Params& p, const Shape& data) { return split(p, data, false); }
};
TREADLE_REGISTER_OP(Tile);

}  // namespace
}  // namespace treadle::ops
