// _random_pdf_generalized_negative_binomial: the density of a distribution at given samples.
#include "treadle/operators/random/densities.h"

namespace treadle::ops {
namespace {

struct PdfGeneralizedNegativeBinomial : Density<PdfGeneralizedNegativeBinomial, 2> {
  static constexpr auto name = "_random_pdf_generalized_negative_binomial";
  static constexpr auto aliases = names("random_pdf_generalized_negative_binomial");
  static constexpr auto doc =
      "The density at each sample of the negative binomial distribution with mean mu and "
      "dispersion alpha. The axes of the parameters are the first ones of "
      "sample.";
  static constexpr auto inputs = names("sample", "mu", "alpha");

  static double log_density(double x, double a, double b) {
    return negative_binomial_log_density(x, 1 / b, 1 / (a * b + 1));
  }
  static DensitySlope slope(double x, double a, double b) {
    const double scale = a * b + 1;
    const DensitySlope slope = negative_binomial_slope(x, 1 / b, 1 / scale);
    const double by_p = slope.second / (scale * scale);
    return {0, -by_p * b, -slope.first / (b * b) - by_p * a};
  }
};
TREADLE_REGISTER_OP(PdfGeneralizedNegativeBinomial);

}  // namespace
}  // namespace treadle::ops
