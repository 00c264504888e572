// _random_exponential_like: numbers of the exponential distribution with rate lam.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomExponentialLikeParams {
  double lam = 1;
  static constexpr auto fields =
      reflect(field("lam", &RandomExponentialLikeParams::lam, above(0), "Rate, 1 / mean."));
};

struct RandomExponentialLike : RandomLike<RandomExponentialLike, RandomExponentialLikeParams> {
  static constexpr auto name = "_random_exponential_like";
  static constexpr auto doc =
      "Random numbers of the exponential distribution with rate lam, in the shape and type of "
      "data.";
  static ExponentialDistribution distribution(const Params& p) { return {p.lam}; }
};
TREADLE_REGISTER_OP(RandomExponentialLike);

}  // namespace
}  // namespace treadle::ops
