// _contrib_box_encode: what a detector should answer for the boxes matched to its anchors.
#include <cmath>

#include "treadle/operators/contrib/boxes.h"
#include "treadle/operators/spatial/regions.h"

namespace treadle::ops {
namespace {

struct BoxEncode {
  static constexpr auto name = "_contrib_box_encode";
  static constexpr auto doc =
      "Shifts and logarithms of sizes that bring anchors (sample, box, 4) to the boxes of refs "
      "(sample, object, 4) that matches (sample, box) names, less means and over stds, and a mask; "
      "both 0 where samples (sample, box) is not above 0.5 or the match does not exist. Boxes are "
      "corners. No gradient passes.";
  static constexpr auto inputs = names("samples", "matches", "anchors", "refs", "means", "stds");
  static constexpr auto outputs = names("output0", "output1");
  static constexpr bool zero_gradient = true;

  static void infer_shape(const NoParams&, ShapeInference& s) {
    s.unify(in(0), in(1));
    s.unify(in(2), out(0));
    s.unify(in(2), out(1));
    for (int i : {2, 3}) s.set(in(i), {0, 0, 4}, "boxes are (sample, box, 4)");
    const auto extent = [&](Slot slot, int axis) {
      return s.shape(slot).empty() ? 0 : s.shape(slot)[axis];
    };
    s.set(in(0), {extent(in(2), 0), extent(in(2), 1)}, "there is one for each anchor");
    s.set(in(2), {extent(in(0), 0), extent(in(0), 1), 4}, "there is one for each of samples");
    s.set(in(3), {extent(in(2), 0), 0, 4}, "refs are of the samples of anchors");
    for (int i : {4, 5}) s.set(in(i), {4}, "there is one for each number of a box");
  }
  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const NoParams&, Call<D>& call) {
    const Shape anchor_shape = call.read(in(2)).shape();
    const int64_t boxes = anchor_shape[1], objects = call.read(in(3)).shape()[1];
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const samples = arrays.read(in(0));
      const T* const matches = arrays.read(in(1));
      const T* const anchors = arrays.read(in(2));
      const T* const refs = arrays.read(in(3));
      const T* const means = arrays.read(in(4));
      const T* const stds = arrays.read(in(5));
      const auto targets = arrays.write(out(0)), masks = arrays.write(out(1));
      for_each(call.pool(), anchor_shape[0] * boxes, 64, [&](int64_t i) {
        const int64_t match = index_of(matches[i]);
        const bool is_valid = samples[i] > T(0.5) && match >= 0 && match < objects;
        T made[4] = {};
        if (is_valid) {
          const auto from = Box<T>::read(anchors + i * 4, BoxFormat::corner);
          const auto to = Box<T>::read(refs + (i / boxes * objects + match) * 4, BoxFormat::corner);
          made[0] = (to.left + to.width() / T(2) - from.left - from.width() / T(2)) / from.width();
          made[1] = (to.top + to.height() / T(2) - from.top - from.height() / T(2)) / from.height();
          made[2] = std::log(to.width() / from.width());
          made[3] = std::log(to.height() / from.height());
          for (int k = 0; k < 4; ++k) made[k] = (made[k] - means[k]) / stds[k];
        }
        for (int k = 0; k < 4; ++k) {
          if (targets) targets.put(i * 4 + k, made[k]);
          if (masks) masks.put(i * 4 + k, is_valid ? T(1) : T(0));
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(BoxEncode);

}  // namespace
}  // namespace treadle::ops
