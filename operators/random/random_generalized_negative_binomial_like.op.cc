// _random_generalized_negative_binomial_like: numbers of the negative binomial distribution with
// mean mu and dispersion alpha.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomGeneralizedNegativeBinomialLikeParams {
  double mu = 1;
  double alpha = 1;
  static constexpr auto fields =
      reflect(field("mu", &RandomGeneralizedNegativeBinomialLikeParams::mu, at_least(0), "Mean."),
              field("alpha", &RandomGeneralizedNegativeBinomialLikeParams::alpha, at_least(0),
                    "Dispersion; 0 gives the Poisson distribution."));
};

struct RandomGeneralizedNegativeBinomialLike
    : RandomLike<RandomGeneralizedNegativeBinomialLike,
                 RandomGeneralizedNegativeBinomialLikeParams> {
  static constexpr auto name = "_random_generalized_negative_binomial_like";
  static constexpr auto doc =
      "Random numbers of the negative binomial distribution with mean mu and dispersion alpha, in "
      "the shape and type of data.";
  static GeneralizedNegativeBinomialDistribution distribution(const Params& p) {
    return {p.mu, p.alpha};
  }
};
TREADLE_REGISTER_OP(RandomGeneralizedNegativeBinomialLike);

}  // namespace
}  // namespace treadle::ops
