// depth_to_space: channels become blocks of an image.
#include "treadle/operators/shape/moved.h"

namespace treadle::ops {
namespace {

struct DepthToSpaceParams {
  int64_t block_size = 0;
  static constexpr auto fields =
      reflect(field("block_size", &DepthToSpaceParams::block_size, required, between(1, 32768),
                    "Height and width of a block, b."));
};

struct DepthToSpace : Rearranged<DepthToSpace, DepthToSpaceParams> {
  static constexpr auto name = "depth_to_space";
  static constexpr auto doc =
      "Channels of images (n, c, h, w) moved into blocks of height and width: (n, c / b / b, h * "
      "b, w * b).";
  using Params = DepthToSpaceParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() != 4) {
      s.fail(concat("data has shape ", data, "; (sample, channel, height, width) is expected."));
    }
    const int64_t b = p.block_size;
    if (data[1] % (b * b) != 0) {
      s.fail(concat("data has shape ", data, " and block_size is ", b,
                    "; a number of channels that is a multiple of ", b * b, " is expected."));
    }
    s.set(out(0), Shape{data[0], data[1] / b / b, data[2] * b, data[3] * b},
          [&] { return concat("data has shape ", data, " and block_size is ", b); });
  }
  static Moved moved(const Params& p, const Shape& data, const Shape& made) {
    const int64_t b = p.block_size, channels = made[1], h = data[2], w = data[3];
    Moved moved;
    moved.axes.add(data[0], data[1] * h * w);
    moved.axes.add(channels, h * w);
    moved.axes.add(h, w);
    moved.axes.add(b, b * channels * h * w);
    moved.axes.add(w, 1);
    moved.axes.add(b, channels * h * w);
    return moved;
  }
};
TREADLE_REGISTER_OP(DepthToSpace);

}  // namespace
}  // namespace treadle::ops
