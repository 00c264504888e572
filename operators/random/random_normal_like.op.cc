// _random_normal_like: numbers of the normal distribution.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomNormalLikeParams {
  double loc = 0;
  double scale = 1;
  static constexpr auto fields =
      reflect(field("loc", &RandomNormalLikeParams::loc, "Mean."),
              field("scale", &RandomNormalLikeParams::scale, at_least(0), "Standard deviation."));
};

struct RandomNormalLike : RandomLike<RandomNormalLike, RandomNormalLikeParams> {
  static constexpr auto name = "_random_normal_like";
  static constexpr auto doc =
      "Random numbers of the normal distribution, in the shape and type of data.";
  static NormalDistribution distribution(const Params& p) { return {p.loc, p.scale}; }
};
TREADLE_REGISTER_OP(RandomNormalLike);

}  // namespace
}  // namespace treadle::ops
