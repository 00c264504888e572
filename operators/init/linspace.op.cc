// _linspace: a given number of evenly spaced numbers between two bounds.
#include "treadle/operators/init/families.h"
#include "treadle/operators/init/sequence.h"

namespace treadle::ops {
namespace {

struct Linspace : Initial {
  static constexpr auto name = "_linspace";
  static constexpr auto doc = "Evenly spaced numbers from start to stop.";
  static constexpr TypeSet types = numeric_types;

  struct Params {
    double start = 0;
    double stop = 0;
    int64_t num = 0;
    bool endpoint = true;
    std::string ctx;
    DType dtype = DType::f32;
    static constexpr auto fields = reflect(
        field("start", &Params::start, required, "The first number."),
        field("stop", &Params::stop, required, "The last number, or where they end."),
        field("num", &Params::num, required, at_least(1), "How many."),
        field("endpoint", &Params::endpoint, "Whether stop is the last of them."),
        field("ctx", &Params::ctx, ctx_doc), field("dtype", &Params::dtype, "The element type."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.set(out(0), Shape{p.num}, "num says so");
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const int64_t steps = p.endpoint ? p.num - 1 : p.num;
    write_sequence(call.write(out(0)), p.start, steps > 0 ? (p.stop - p.start) / double(steps) : 0,
                   1, call.request(out(0)), call.pool());
  }
};
TREADLE_REGISTER_OP(Linspace);

}  // namespace
}  // namespace treadle::ops
