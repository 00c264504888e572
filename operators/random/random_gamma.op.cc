// _random_gamma: numbers of the gamma distribution with shape alpha and scale beta.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomGammaParams {
  double alpha = 1;
  double beta = 1;
  Shape shape;
  std::string ctx;
  std::optional<DType> dtype;
  static constexpr auto fields =
      reflect(field("alpha", &RandomGammaParams::alpha, above(0), "Shape."),
              field("beta", &RandomGammaParams::beta, above(0), "Scale; the mean is alpha * beta."),
              field("shape", &RandomGammaParams::shape, at_least(0), random_shape_doc),
              field("ctx", &RandomGammaParams::ctx, random_ctx_doc),
              field("dtype", &RandomGammaParams::dtype, random_dtype_doc));
};

struct RandomGamma : RandomArray<RandomGamma, RandomGammaParams> {
  static constexpr auto name = "_random_gamma";
  static constexpr auto aliases = names("random_gamma");
  static constexpr auto doc =
      "Random numbers of the gamma distribution with shape alpha and scale beta.";
  static GammaDistribution distribution(const Params& p) { return {p.alpha, p.beta}; }
};
TREADLE_REGISTER_OP(RandomGamma);

}  // namespace
}  // namespace treadle::ops
