// _random_pdf_uniform: the density of a distribution at given samples.
#include "treadle/operators/random/densities.h"

namespace treadle::ops {
namespace {

struct PdfUniform : Density<PdfUniform, 2> {
  static constexpr auto name = "_random_pdf_uniform";
  static constexpr auto aliases = names("random_pdf_uniform");
  static constexpr auto doc =
      "The density at each sample of the uniform distribution from low to high. The axes of the "
      "parameters are the first ones of "
      "sample.";
  static constexpr auto inputs = names("sample", "low", "high");

  static double log_density(double, double a, double b) { return -std::log(b - a); }
  static DensitySlope slope(double, double a, double b) { return {0, 1 / (b - a), 1 / (a - b)}; }
};
TREADLE_REGISTER_OP(PdfUniform);

}  // namespace
}  // namespace treadle::ops
