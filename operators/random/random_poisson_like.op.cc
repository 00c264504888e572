// _random_poisson_like: numbers of the Poisson distribution with mean lam.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomPoissonLikeParams {
  double lam = 1;
  static constexpr auto fields =
      reflect(field("lam", &RandomPoissonLikeParams::lam, at_least(0), "Mean."));
};

struct RandomPoissonLike : RandomLike<RandomPoissonLike, RandomPoissonLikeParams> {
  static constexpr auto name = "_random_poisson_like";
  static constexpr auto doc =
      "Random numbers of the Poisson distribution with mean lam, in the shape and type of data.";
  static PoissonDistribution distribution(const Params& p) { return {p.lam}; }
};
TREADLE_REGISTER_OP(RandomPoissonLike);

}  // namespace
}  // namespace treadle::ops
