// space_to_depth: blocks of an image become channels.
#include "treadle/operators/shape/moved.h"

namespace treadle::ops {
namespace {

struct SpaceToDepthParams {
  int64_t block_size = 0;
  static constexpr auto fields =
      reflect(field("block_size", &SpaceToDepthParams::block_size, required, between(1, 32768),
                    "Height and width of a block, b."));
};

struct SpaceToDepth : Rearranged<SpaceToDepth, SpaceToDepthParams> {
  static constexpr auto name = "space_to_depth";
  static constexpr auto doc =
      "Blocks of height and width of images (n, c, h, w) moved into channels: (n, c * b * b, h / "
      "b, w / b).";
  using Params = SpaceToDepthParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() != 4) {
      s.fail(concat("data has shape ", data, "; (sample, channel, height, width) is expected."));
    }
    if (data[2] % p.block_size != 0 || data[3] % p.block_size != 0) {
      s.fail(concat("data has shape ", data, " and block_size is ", p.block_size,
                    "; height and width are expected to be multiples of it."));
    }
    const int64_t b = p.block_size;
    s.set(out(0), Shape{data[0], data[1] * b * b, data[2] / b, data[3] / b},
          [&] { return concat("data has shape ", data, " and block_size is ", b); });
  }
  static Moved moved(const Params& p, const Shape& data, const Shape& made) {
    const int64_t b = p.block_size, h = made[2], w = made[3];
    Moved moved;
    moved.axes.add(data[0], data[1] * data[2] * data[3]);
    moved.axes.add(b, w * b);  // the row within a block
    moved.axes.add(b, 1);      // the column within a block
    moved.axes.add(data[1], data[2] * data[3]);
    moved.axes.add(h, b * w * b);
    moved.axes.add(w, b);
    return moved;
  }
};
TREADLE_REGISTER_OP(SpaceToDepth);

}  // namespace
}  // namespace treadle::ops
