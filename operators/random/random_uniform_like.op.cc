// _random_uniform_like: numbers of the uniform distribution from low to high.
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomUniformLikeParams {
  double low = 0;
  double high = 1;
  static constexpr auto fields =
      reflect(field("low", &RandomUniformLikeParams::low, "Lower bound."),
              field("high", &RandomUniformLikeParams::high, "Upper bound."));
};

struct RandomUniformLike : RandomLike<RandomUniformLike, RandomUniformLikeParams> {
  static constexpr auto name = "_random_uniform_like";
  static constexpr auto doc =
      "Random numbers of the uniform distribution from low to high, in the shape and type of data.";
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
TREADLE_REGISTER_OP(RandomUniformLike);

}  // namespace
}  // namespace treadle::ops
