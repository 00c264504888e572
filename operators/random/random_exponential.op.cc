// _random_exponential: numbers of the exponential distribution with rate lam.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomExponentialParams {
  double lam = 1;
  Shape shape;
  std::string ctx;
  std::optional<DType> dtype;
  static constexpr auto fields =
      reflect(field("lam", &RandomExponentialParams::lam, above(0), "Rate, 1 / mean."),
              field("shape", &RandomExponentialParams::shape, at_least(0), random_shape_doc),
              field("ctx", &RandomExponentialParams::ctx, random_ctx_doc),
              field("dtype", &RandomExponentialParams::dtype, random_dtype_doc));
};

struct RandomExponential : RandomArray<RandomExponential, RandomExponentialParams> {
  static constexpr auto name = "_random_exponential";
  static constexpr auto aliases = names("random_exponential");
  static constexpr auto doc = "Random numbers of the exponential distribution with rate lam.";
  static ExponentialDistribution distribution(const Params& p) { return {p.lam}; }
};
TREADLE_REGISTER_OP(RandomExponential);

}  // namespace
}  // namespace treadle::ops
