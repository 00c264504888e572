// _sample_negative_binomial: numbers of many distributions of one kind.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct SampleNegativeBinomial : RandomRows<SampleNegativeBinomial, 2> {
  static constexpr auto name = "_sample_negative_binomial";
  static constexpr auto aliases = names("sample_negative_binomial");
  static constexpr auto doc =
      "Random numbers of the negative binomial distribution: failures before k successes of "
      "probability p, for each element of the parameters.";
  static constexpr auto inputs = names("k", "p");
  static NegativeBinomialDistribution distribution(double a, double b) { return {a, b}; }
};
TREADLE_REGISTER_OP(SampleNegativeBinomial);

}  // namespace
}  // namespace treadle::ops
