// _sample_normal: numbers of many distributions of one kind.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct SampleNormal : RandomRows<SampleNormal, 2> {
  static constexpr auto name = "_sample_normal";
  static constexpr auto aliases = names("sample_normal");
  static constexpr auto doc =
      "Random numbers of the normal distribution, for each element of the parameters.";
  static constexpr auto inputs = names("mu", "sigma");
  static NormalDistribution distribution(double a, double b) { return {a, b}; }
};
TREADLE_REGISTER_OP(SampleNormal);

}  // namespace
}  // namespace treadle::ops
