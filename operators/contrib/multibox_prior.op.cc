// _contrib_MultiBoxPrior: the boxes that a single-shot detector starts from (Liu et al., 2016).
#include "treadle/operators/contrib/boxes.h"
#include "treadle/operators/elementwise.h"

namespace treadle::ops {
namespace {

struct MultiBoxPrior {
  static constexpr auto name = "_contrib_MultiBoxPrior";
  static constexpr auto doc =
      "Boxes (1, box, 4) of several sizes and ratios around each pixel of data (batch, channel, y, "
      "x), in the units of the image from 0 to 1. No gradient passes.";
  static constexpr auto inputs = names("data");
  static constexpr bool zero_gradient = true;

  struct Params {
    std::vector<double> sizes{1};
    std::vector<double> ratios{1};
    bool clip = false;
    std::vector<double> steps{-1, -1};
    std::vector<double> offsets{0.5, 0.5};
    static constexpr auto fields = reflect(
        field("sizes", &Params::sizes, above(0), "Sizes, of the image's height."),
        field(
            "ratios", &Params::ratios, above(0),
            "Ratios of width to height; the others than the first come with the first size only."),
        field("clip", &Params::clip, "Cut boxes at the edges of the image."),
        field("steps", &Params::steps, "Distances of pixels along y and x; negative: 1 / extent."),
        field("offsets", &Params::offsets, between(0, 1),
              "Places of the centres within their pixels, along y and x."));

    int64_t count() const { return int64_t(sizes.size() + ratios.size()) - 1; }
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.sizes.empty() || p.ratios.empty())
      s.fail("sizes and ratios need at least one number each.");
    check_count(s, "steps", p.steps, 2);
    check_count(s, "offsets", p.offsets, 2);
    if (p.steps[0] * p.steps[1] < 0) {
      s.fail(concat("steps are ", p.steps[0], " and ", p.steps[1],
                    "; both or none are expected to be positive."));
    }
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() < 4) {
      s.fail(concat("data has shape ", data, "; 4 axes (batch, channel, y, x) are expected."));
    }
    s.set(out(0), {1, data[2] * data[3] * p.count(), 4}, [&] { return concat("data is ", data); });
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape data = call.read(in(0)).shape();
    const int64_t height = data[2], width = data[3];
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const auto to = arrays.write(out(0));
      const bool given = p.steps[0] > 0 && p.steps[1] > 0;
      const T step_y = given ? T(p.steps[0]) : T(1) / T(height);
      const T step_x = given ? T(p.steps[1]) : T(1) / T(width);
      for_each(call.pool(), height * width, p.count() * 8, [&](int64_t pixel) {
        const T y = (T(pixel / width) + T(p.offsets[0])) * step_y;
        const T x = (T(pixel % width) + T(p.offsets[1])) * step_x;
        for (int64_t k = 0; k < p.count(); ++k) {
          const size_t sizes = p.sizes.size(), index = size_t(k);
          const T size = T(p.sizes[index < sizes ? index : 0]);
          const T ratio = std::sqrt(T(p.ratios[index < sizes ? 0 : index - sizes + 1]));
          const T half_width = size * T(height) / T(width) * ratio / T(2);
          const T half_height = size / ratio / T(2);
          const T box[4] = {x - half_width, y - half_height, x + half_width, y + half_height};
          for (int i = 0; i < 4; ++i) {
            const T value = p.clip ? std::clamp(box[i], T(0), T(1)) : box[i];
            to.put((pixel * p.count() + k) * 4 + i, value);
          }
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(MultiBoxPrior);

}  // namespace
}  // namespace treadle::ops
