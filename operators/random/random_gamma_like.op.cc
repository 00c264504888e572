// _random_gamma_like: numbers of the gamma distribution with shape alpha and scale beta.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomGammaLikeParams {
  double alpha = 1;
  double beta = 1;
  static constexpr auto fields = reflect(
      field("alpha", &RandomGammaLikeParams::alpha, above(0), "Shape."),
      field("beta", &RandomGammaLikeParams::beta, above(0), "Scale; the mean is alpha * beta."));
};

struct RandomGammaLike : RandomLike<RandomGammaLike, RandomGammaLikeParams> {
  static constexpr auto name = "_random_gamma_like";
  static constexpr auto doc =
      "Random numbers of the gamma distribution with shape alpha and scale beta, in the shape and "
      "type of data.";
  static GammaDistribution distribution(const Params& p) { return {p.alpha, p.beta}; }
};
TREADLE_REGISTER_OP(RandomGammaLike);

}  // namespace
}  // namespace treadle::ops
