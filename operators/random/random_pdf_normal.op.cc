// _random_pdf_normal: the density of a distribution at given samples.
#include "treadle/operators/random/densities.h"

namespace treadle::ops {
namespace {

struct PdfNormal : Density<PdfNormal, 2> {
  static constexpr auto name = "_random_pdf_normal";
  static constexpr auto aliases = names("random_pdf_normal");
  static constexpr auto doc =
      "The density at each sample of the normal distribution. The axes of the parameters are the "
      "first ones of "
      "sample.";
  static constexpr auto inputs = names("sample", "mu", "sigma");

  static double log_density(double x, double a, double b) {
    const double z = (x - a) / b;
    return -0.5 * z * z - std::log(2.506628274631000502 * b);
  }
  static DensitySlope slope(double x, double a, double b) {
    const double z = (x - a) / b;
    return {-z / b, z / b, (z * z - 1) / b};
  }
};
TREADLE_REGISTER_OP(PdfNormal);

}  // namespace
}  // namespace treadle::ops
