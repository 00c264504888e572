// _contrib_box_decode: boxes from shifts of anchors.
#include <cmath>

#include "treadle/operators/contrib/boxes.h"
#include "treadle/operators/elementwise.h"

namespace treadle::ops {
namespace {

struct BoxDecode {
  static constexpr auto name = "_contrib_box_decode";
  static constexpr auto doc =
      "Boxes (sample, box, 4) as corners: anchors (1, box, 4) moved and scaled by data (sample, "
      "box, "
      "4). No gradient passes.";
  static constexpr auto inputs = names("data", "anchors");
  static constexpr bool zero_gradient = true;

  struct Params {
    float std0 = 1;
    float std1 = 1;
    float std2 = 1;
    float std3 = 1;
    float clip = -1;
    BoxFormat format = BoxFormat::center;
    static constexpr auto fields =
        reflect(field("std0", &Params::std0, "Unit of the shifts along x."),
                field("std1", &Params::std1, "Unit of the shifts along y."),
                field("std2", &Params::std2, "Unit of the logarithms of widths."),
                field("std3", &Params::std3, "Unit of the logarithms of heights."),
                field("clip", &Params::clip, "Largest logarithm of a size; not positive: none."),
                field("format", &Params::format,
                      "Of anchors: corner: left, top, right, bottom; center: middle x and y, "
                      "width, height."));
  };

  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), out(0));
    s.set(in(0), {0, 0, 4}, "data is (sample, box, 4)");
    const auto boxes = [&](Slot slot) { return s.shape(slot).ndim() == 3 ? s.shape(slot)[1] : 0; };
    s.set(in(1), {1, boxes(in(0)), 4}, "anchors is (1, box, 4)");
    s.set(in(0), {0, boxes(in(1)), 4});
  }
  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape data = call.read(in(0)).shape();
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const shifts = arrays.read(in(0));
      const T* const anchors = arrays.read(in(1));
      const auto to = arrays.write(out(0));
      const auto size = [&](T logarithm) {
        return std::exp(p.clip > 0 ? std::min(logarithm, T(p.clip)) : logarithm);
      };
      for_each(call.pool(), data[0] * data[1], 64, [&](int64_t i) {
        const auto anchor = Box<T>::read(anchors + i % data[1] * 4, p.format);
        const T* const shift = shifts + i * 4;
        const T x = shift[0] * T(p.std0) * anchor.width() + (anchor.left + anchor.right) / T(2);
        const T y = shift[1] * T(p.std1) * anchor.height() + (anchor.top + anchor.bottom) / T(2);
        const T half_width = size(shift[2] * T(p.std2)) * anchor.width() / T(2);
        const T half_height = size(shift[3] * T(p.std3)) * anchor.height() / T(2);
        to.put(i * 4, x - half_width);
        to.put(i * 4 + 1, y - half_height);
        to.put(i * 4 + 2, x + half_width);
        to.put(i * 4 + 3, y + half_height);
      });
    });
  }
};
TREADLE_REGISTER_OP(BoxDecode);

}  // namespace
}  // namespace treadle::ops
