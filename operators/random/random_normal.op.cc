// _random_normal: numbers of the normal distribution.
#include "treadle/core/error.h"
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomNormalParams {
  double loc = 0;
  double scale = 1;
  Shape shape;
  std::string ctx;
  std::optional<DType> dtype;
  static constexpr auto fields =
      reflect(field("loc", &RandomNormalParams::loc, "Mean."),
              field("scale", &RandomNormalParams::scale, "Standard deviation, at least 0."),
              field("shape", &RandomNormalParams::shape, at_least(0), random_shape_doc),
              field("ctx", &RandomNormalParams::ctx, random_ctx_doc),
              field("dtype", &RandomNormalParams::dtype, random_dtype_doc));
};

struct RandomNormal : RandomArray<RandomNormal, RandomNormalParams> {
  static constexpr auto name = "_random_normal";
  static constexpr auto aliases = names("random_normal", "normal");
  static constexpr auto doc = "Random numbers of the normal distribution.";
  // As in MXNet it is drawing that fails, not the call: whoever waits for the numbers sees it.
  static NormalDistribution distribution(const Params& p) {
    if (p.scale >= 0) return {p.loc, p.scale};
    throw Error(name, ": scale is ", p.scale, "; at least 0 is expected of a standard deviation.");
  }
};
TREADLE_REGISTER_OP(RandomNormal);

}  // namespace
}  // namespace treadle::ops
