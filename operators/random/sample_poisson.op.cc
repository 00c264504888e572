// _sample_poisson: numbers of many distributions of one kind.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct SamplePoisson : RandomRows<SamplePoisson, 1> {
  static constexpr auto name = "_sample_poisson";
  static constexpr auto aliases = names("sample_poisson");
  static constexpr auto doc =
      "Random numbers of the Poisson distribution with mean lam, for each element of the "
      "parameters.";
  static constexpr auto inputs = names("lam");
  static PoissonDistribution distribution(double a, double) { return {a}; }
};
TREADLE_REGISTER_OP(SamplePoisson);

}  // namespace
}  // namespace treadle::ops
