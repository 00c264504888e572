// _random_generalized_negative_binomial: numbers of the negative binomial distribution with mean mu
// and dispersion alpha.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomGeneralizedNegativeBinomialParams {
  double mu = 1;
  double alpha = 1;
  Shape shape;
  std::string ctx;
  std::optional<DType> dtype;
  static constexpr auto fields =
      reflect(field("mu", &RandomGeneralizedNegativeBinomialParams::mu, at_least(0), "Mean."),
              field("alpha", &RandomGeneralizedNegativeBinomialParams::alpha, at_least(0),
                    "Dispersion; 0 gives the Poisson distribution."),
              field("shape", &RandomGeneralizedNegativeBinomialParams::shape, at_least(0),
                    random_shape_doc),
              field("ctx", &RandomGeneralizedNegativeBinomialParams::ctx, random_ctx_doc),
              field("dtype", &RandomGeneralizedNegativeBinomialParams::dtype, random_dtype_doc));
};

struct RandomGeneralizedNegativeBinomial
    : RandomArray<RandomGeneralizedNegativeBinomial, RandomGeneralizedNegativeBinomialParams> {
  static constexpr auto name = "_random_generalized_negative_binomial";
  static constexpr auto aliases =
      names("random_generalized_negative_binomial", "_sample_gennegbinomial");
  static constexpr auto doc =
      "Random numbers of the negative binomial distribution with mean mu and dispersion alpha.";
  static GeneralizedNegativeBinomialDistribution distribution(const Params& p) {
    return {p.mu, p.alpha};
  }
};
TREADLE_REGISTER_OP(RandomGeneralizedNegativeBinomial);

}  // namespace
}  // namespace treadle::ops
