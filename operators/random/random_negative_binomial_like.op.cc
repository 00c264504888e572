// _random_negative_binomial_like: numbers of the negative binomial distribution: failures before k
// successes of probability p.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomNegativeBinomialLikeParams {
  int k = 1;
  double p = 1;
  static constexpr auto fields =
      reflect(field("k", &RandomNegativeBinomialLikeParams::k, at_least(1), "Number of successes."),
              field("p", &RandomNegativeBinomialLikeParams::p,
                    Range{.low = 0, .high = 1, .low_open = true}, "Probability of a success."));
};

struct RandomNegativeBinomialLike
    : RandomLike<RandomNegativeBinomialLike, RandomNegativeBinomialLikeParams> {
  static constexpr auto name = "_random_negative_binomial_like";
  static constexpr auto doc =
      "Random numbers of the negative binomial distribution: failures before k successes of "
      "probability p, in the shape and type of data.";
  static NegativeBinomialDistribution distribution(const Params& p) { return {double(p.k), p.p}; }
};
TREADLE_REGISTER_OP(RandomNegativeBinomialLike);

}  // namespace
}  // namespace treadle::ops
