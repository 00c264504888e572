// _sample_generalized_negative_binomial: numbers of many distributions of one kind.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct SampleGeneralizedNegativeBinomial : RandomRows<SampleGeneralizedNegativeBinomial, 2> {
  static constexpr auto name = "_sample_generalized_negative_binomial";
  static constexpr auto aliases = names("sample_generalized_negative_binomial");
  static constexpr auto doc =
      "Random numbers of the negative binomial distribution with mean mu and dispersion alpha, for "
      "each element of the parameters.";
  static constexpr auto inputs = names("mu", "alpha");
  static GeneralizedNegativeBinomialDistribution distribution(double a, double b) { return {a, b}; }
};
TREADLE_REGISTER_OP(SampleGeneralizedNegativeBinomial);

}  // namespace
}  // namespace treadle::ops
