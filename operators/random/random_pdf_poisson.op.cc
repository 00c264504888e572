// _random_pdf_poisson: the density of a distribution at given samples.
#include "treadle/operators/random/densities.h"

namespace treadle::ops {
namespace {

struct PdfPoisson : Density<PdfPoisson, 1> {
  static constexpr auto name = "_random_pdf_poisson";
  static constexpr auto aliases = names("random_pdf_poisson");
  static constexpr auto doc =
      "The density at each sample of the Poisson distribution with mean lam. The axes of the "
      "parameters are the first ones of "
      "sample.";
  static constexpr auto inputs = names("sample", "lam");

  static double log_density(double x, double a, double) {
    return x * std::log(a) - math::log_gamma(x + 1) - a;
  }
  static DensitySlope slope(double x, double a, double) { return {0, x / a - 1, 0}; }
};
TREADLE_REGISTER_OP(PdfPoisson);

}  // namespace
}  // namespace treadle::ops
