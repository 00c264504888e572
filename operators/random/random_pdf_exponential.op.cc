// _random_pdf_exponential: the density of a distribution at given samples.
#include "treadle/operators/random/densities.h"

namespace treadle::ops {
namespace {

struct PdfExponential : Density<PdfExponential, 1> {
  static constexpr auto name = "_random_pdf_exponential";
  static constexpr auto aliases = names("random_pdf_exponential");
  static constexpr auto doc =
      "The density at each sample of the exponential distribution with rate lam. The axes of the "
      "parameters are the first ones of "
      "sample.";
  static constexpr auto inputs = names("sample", "lam");

  static double log_density(double x, double a, double) { return std::log(a) - a * x; }
  static DensitySlope slope(double x, double a, double) { return {-a, 1 / a - x, 0}; }
};
TREADLE_REGISTER_OP(PdfExponential);

}  // namespace
}  // namespace treadle::ops
