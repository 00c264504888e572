// _random_randint: whole numbers between two bounds.
#include "treadle/device/pool.h"
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct RandomRandint {
  static constexpr auto name = "_random_randint";
  static constexpr auto aliases = names("random_randint");
  static constexpr auto doc = "Random whole numbers from low to below high, each equally likely.";
  static constexpr std::array<std::string_view, 0> inputs = {};
  static constexpr TypeSet types{DType::i32, DType::i64};
  static constexpr bool has_effects = true;
  static constexpr bool overwrites = true;

  struct Params {
    int64_t low = 0;
    int64_t high = 0;
    Shape shape;
    std::string ctx;
    std::optional<DType> dtype;
    static constexpr auto fields =
        reflect(field("low", &Params::low, required, "The lowest number."),
                field("high", &Params::high, required, "The lowest number above all of them."),
                field("shape", &Params::shape, at_least(0), random_shape_doc),
                field("ctx", &Params::ctx, random_ctx_doc),
                field("dtype", &Params::dtype, "int32, which None means too, or int64."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.low >= p.high) {
      s.fail(concat("low is ", p.low, " and high is ", p.high, "; a higher one is expected."));
    }
    s.set(out(0), p.shape, "shape says so");
  }
  static void infer_type(const Params& p, TypeInference& t) {
    t.set(out(0), p.dtype.value_or(DType::i32));
  }
  static std::string refuse(const Params& p, const KernelQuery& query) {
    const bool fits = p.low >= INT32_MIN && p.high - 1 <= INT32_MAX;
    if (query.outputs[0].type != DType::i32 || fits) return {};
    return concat("numbers from ", p.low, " to below ", p.high,
                  " do not fit int32; dtype int64 is "
                  "expected");
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor made = call.write(out(0));
    // The range may be all of 64 bits, which only unsigned numbers hold.
    const uint64_t range = uint64_t(p.high) - uint64_t(p.low);
    call.pool().parallel_for(0, made.elements(), 4096, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const RandomBlock block = philox(call.random(), uint64_t(i));
        const uint64_t bits = (uint64_t(block.word[0]) << 32) | block.word[1];
        const int64_t number = int64_t(uint64_t(p.low) + scaled(bits, range));
        if (made.type() == DType::i32) {
          made.as<int32_t>()[i] = int32_t(number);
        } else {
          made.as<int64_t>()[i] = number;
        }
      }
    });
  }

  // bits * range / 2^64, in halves.
  static uint64_t scaled(uint64_t bits, uint64_t range) {
    const uint64_t low = bits & 0xffffffffu, high = bits >> 32;
    const uint64_t range_low = range & 0xffffffffu, range_high = range >> 32;
    const uint64_t middle = high * range_low + ((low * range_low) >> 32);
    const uint64_t other = low * range_high + (middle & 0xffffffffu);
    return high * range_high + (middle >> 32) + (other >> 32);
  }
};
TREADLE_REGISTER_OP(RandomRandint);

}  // namespace
}  // namespace treadle::ops
