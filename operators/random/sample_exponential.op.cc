// _sample_exponential: numbers of many distributions of one kind.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct SampleExponential : RandomRows<SampleExponential, 1> {
  static constexpr auto name = "_sample_exponential";
  static constexpr auto aliases = names("sample_exponential");
  static constexpr auto doc =
      "Random numbers of the exponential distribution with rate lam, for each element of the "
      "parameters.";
  static constexpr auto inputs = names("lam");
  static ExponentialDistribution distribution(double a, double) { return {a}; }
};
TREADLE_REGISTER_OP(SampleExponential);

}  // namespace
}  // namespace treadle::ops
