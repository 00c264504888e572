// _sample_uniform: numbers of many distributions of one kind.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct SampleUniform : RandomRows<SampleUniform, 2> {
  static constexpr auto name = "_sample_uniform";
  static constexpr auto aliases = names("sample_uniform");
  static constexpr auto doc =
      "Random numbers of the uniform distribution from low to high, for each element of the "
      "parameters.";
  static constexpr auto inputs = names("low", "high");
  static UniformDistribution distribution(double a, double b) { return {a, b}; }
};
TREADLE_REGISTER_OP(SampleUniform);

}  // namespace
}  // namespace treadle::ops
