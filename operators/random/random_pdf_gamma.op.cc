// _random_pdf_gamma: the density of a distribution at given samples.
#include "treadle/operators/random/densities.h"

namespace treadle::ops {
namespace {

struct PdfGamma : Density<PdfGamma, 2> {
  static constexpr auto name = "_random_pdf_gamma";
  static constexpr auto aliases = names("random_pdf_gamma");
  static constexpr auto doc =
      "The density at each sample of the gamma distribution with shape alpha and rate beta. The "
      "axes of the parameters are the first ones of "
      "sample.";
  static constexpr auto inputs = names("sample", "alpha", "beta");

  static double log_density(double x, double a, double b) {
    return a * std::log(b) + (a - 1) * std::log(x) - b * x - math::log_gamma(a);
  }
  static DensitySlope slope(double x, double a, double b) {
    return {(a - 1) / x - b, std::log(b) + std::log(x) - math::digamma(a), a / b - x};
  }
};
TREADLE_REGISTER_OP(PdfGamma);

}  // namespace
}  // namespace treadle::ops
