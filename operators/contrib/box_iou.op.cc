// _contrib_box_iou: overlaps of all pairs of boxes.
#include "treadle/operators/contrib/boxes.h"
#include "treadle/operators/elementwise.h"

namespace treadle::ops {
namespace {

struct BoxIou {
  static constexpr auto name = "_contrib_box_iou";
  static constexpr auto doc =
      "For each box of lhs (..., 4) and each of rhs (..., 4): the area that both cover over the "
      "area "
      "that either covers. No gradient passes.";
  static constexpr auto inputs = names("lhs", "rhs");

  struct Params {
    BoxFormat format = BoxFormat::corner;
    static constexpr auto fields =
        reflect(field("format", &Params::format,
                      "corner: left, top, right, bottom; center: middle x and y, width, height."));
  };

  static void infer_shape(const Params&, ShapeInference& s) {
    Shape made;
    std::vector<int64_t> extents;
    for (int i = 0; i < 2; ++i) {
      const Shape boxes = s.shape(in(i));
      if (boxes.empty()) return;
      if (boxes.ndim() < 2 || (boxes.back() != 4 && boxes.back() != 0)) {
        s.fail(concat(s.name(in(i)), " has shape ", boxes, "; (..., 4) is expected."));
      }
      extents.insert(extents.end(), boxes.begin(), boxes.end() - 1);
    }
    s.set(out(0), Shape(extents),
          [&] { return concat("lhs is ", s.shape(in(0)), " and rhs is ", s.shape(in(1))); });
  }
  static constexpr bool zero_gradient = true;
  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const int64_t rows = call.read(in(0)).elements() / 4, columns = call.read(in(1)).elements() / 4;
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const left = arrays.read(in(0));
      const T* const right = arrays.read(in(1));
      const auto to = arrays.write(out(0));
      for_each(call.pool(), rows, columns * 16, [&](int64_t i) {
        const auto box = Box<T>::read(left + i * 4, p.format);
        for (int64_t j = 0; j < columns; ++j) {
          to.put(i * columns + j, overlap(box, Box<T>::read(right + j * 4, p.format)));
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(BoxIou);

}  // namespace
}  // namespace treadle::ops
