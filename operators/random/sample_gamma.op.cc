// _sample_gamma: numbers of many distributions of one kind.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct SampleGamma : RandomRows<SampleGamma, 2> {
  static constexpr auto name = "_sample_gamma";
  static constexpr auto aliases = names("sample_gamma");
  static constexpr auto doc =
      "Random numbers of the gamma distribution with shape alpha and scale beta, for each element "
      "of the parameters.";
  static constexpr auto inputs = names("alpha", "beta");
  static GammaDistribution distribution(double a, double b) { return {a, b}; }
};
TREADLE_REGISTER_OP(SampleGamma);

}  // namespace
}  // namespace treadle::ops
