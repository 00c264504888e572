// _random_negative_binomial: numbers of the negative binomial distribution: failures before k
// successes of probability p.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomNegativeBinomialParams {
  int k = 1;
  double p = 1;
  Shape shape;
  std::string ctx;
  std::optional<DType> dtype;
  static constexpr auto fields =
      reflect(field("k", &RandomNegativeBinomialParams::k, at_least(1), "Number of successes."),
              field("p", &RandomNegativeBinomialParams::p,
                    Range{.low = 0, .high = 1, .low_open = true}, "Probability of a success."),
              field("shape", &RandomNegativeBinomialParams::shape, at_least(0), random_shape_doc),
              field("ctx", &RandomNegativeBinomialParams::ctx, random_ctx_doc),
              field("dtype", &RandomNegativeBinomialParams::dtype, random_dtype_doc));
};

struct RandomNegativeBinomial : RandomArray<RandomNegativeBinomial, RandomNegativeBinomialParams> {
  static constexpr auto name = "_random_negative_binomial";
  static constexpr auto aliases = names("random_negative_binomial", "_sample_negbinomial");
  static constexpr auto doc =
      "Random numbers of the negative binomial distribution: failures before k successes of "
      "probability p.";
  static NegativeBinomialDistribution distribution(const Params& p) { return {double(p.k), p.p}; }
};
TREADLE_REGISTER_OP(RandomNegativeBinomial);

}  // namespace
}  // namespace treadle::ops
