// _random_poisson: numbers of the Poisson distribution with mean lam.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomPoissonParams {
  double lam = 1;
  Shape shape;
  std::string ctx;
  std::optional<DType> dtype;
  static constexpr auto fields =
      reflect(field("lam", &RandomPoissonParams::lam, at_least(0), "Mean."),
              field("shape", &RandomPoissonParams::shape, at_least(0), random_shape_doc),
              field("ctx", &RandomPoissonParams::ctx, random_ctx_doc),
              field("dtype", &RandomPoissonParams::dtype, random_dtype_doc));
};

struct RandomPoisson : RandomArray<RandomPoisson, RandomPoissonParams> {
  static constexpr auto name = "_random_poisson";
  static constexpr auto aliases = names("random_poisson");
  static constexpr auto doc = "Random numbers of the Poisson distribution with mean lam.";
  static PoissonDistribution distribution(const Params& p) { return {p.lam}; }
};
TREADLE_REGISTER_OP(RandomPoisson);

}  // namespace
}  // namespace treadle::ops
