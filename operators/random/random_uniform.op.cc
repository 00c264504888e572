// _random_uniform: numbers of the uniform distribution from low to high.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomUniformParams {
  double low = 0;
  double high = 1;
  Shape shape;
  std::string ctx;
  std::optional<DType> dtype;
  static constexpr auto fields =
      reflect(field("low", &RandomUniformParams::low, "Lower bound."),
              field("high", &RandomUniformParams::high, "Upper bound."),
              field("shape", &RandomUniformParams::shape, at_least(0), random_shape_doc),
              field("ctx", &RandomUniformParams::ctx, random_ctx_doc),
              field("dtype", &RandomUniformParams::dtype, random_dtype_doc));
};

struct RandomUniform : RandomArray<RandomUniform, RandomUniformParams> {
  static constexpr auto name = "_random_uniform";
  static constexpr auto aliases = names("random_uniform", "uniform");
  static constexpr auto doc = "Random numbers of the uniform distribution from low to high.";
  static UniformDistribution distribution(const Params& p) { return {p.low, p.high}; }

  struct Scale {
    double low, high;
    template <class T>
    TREADLE_HD T operator()(T unit) const {
      return T(low) + T(high - low) * unit;
    }
  };
  // One random word an element is enough here, and the shared loop draws many at a time.
  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    elementwise(call, out(0), Scale{p.low, p.high}, treadle::uniform());
  }
};
TREADLE_REGISTER_OP(RandomUniform);

}  // namespace
}  // namespace treadle::ops
