// _shuffle: the slices of an array along its first axis in random order.
#include <cstring>
#include <utility>
#include <vector>

#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct Shuffle {
  static constexpr auto name = "_shuffle";
  static constexpr auto aliases = names("shuffle");
  static constexpr auto doc = "The slices of data along its first axis in random order.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = all_types;
  static constexpr bool has_effects = true;
  static constexpr bool overwrites = true;

  static void infer_shape(const NoParams&, ShapeInference& s) { s.unify(in(0), out(0)); }

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor data = call.read(in(0)), made = call.write(out(0));
    const int64_t count = data.shape()[0];
    std::vector<int64_t> order(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i) {
      Draws draws(call.random(), i);
      const int64_t other = std::min(i, int64_t(draws.uniform() * double(i + 1)));
      order[size_t(i)] = order[size_t(other)];
      order[size_t(other)] = i;
    }
    const size_t bytes =
        size_t(data.elements() / std::max<int64_t>(1, count)) * size_of(data.type());
    for (size_t i = 0; i < order.size(); ++i) {
      std::memcpy(made.as<char>() + i * bytes, data.as<char>() + size_t(order[i]) * bytes, bytes);
    }
  }
};
TREADLE_REGISTER_OP(Shuffle);

}  // namespace
}  // namespace treadle::ops
