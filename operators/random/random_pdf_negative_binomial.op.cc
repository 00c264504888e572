// _random_pdf_negative_binomial: the density of a distribution at given samples.
#include "treadle/operators/random/densities.h"

namespace treadle::ops {
namespace {

struct PdfNegativeBinomial : Density<PdfNegativeBinomial, 2> {
  static constexpr auto name = "_random_pdf_negative_binomial";
  static constexpr auto aliases = names("random_pdf_negative_binomial");
  static constexpr auto doc =
      "The density at each sample of the negative binomial distribution: failures before k "
      "successes of probability p. The axes of the parameters are the first ones of "
      "sample.";
  static constexpr auto inputs = names("sample", "k", "p");

  static double log_density(double x, double a, double b) {
    return negative_binomial_log_density(x, a, b);
  }
  static DensitySlope slope(double x, double a, double b) {
    return negative_binomial_slope(x, a, b);
  }
};
TREADLE_REGISTER_OP(PdfNegativeBinomial);

}  // namespace
}  // namespace treadle::ops
