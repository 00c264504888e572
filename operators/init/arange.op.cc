// _arange: evenly spaced numbers from start to before stop.
#include <cmath>

#include "treadle/operators/init/families.h"
#include "treadle/operators/init/sequence.h"

namespace treadle::ops {
namespace {

struct Arange : Initial {
  static constexpr auto name = "_arange";
  static constexpr auto doc =
      "The numbers start, start + step, ... before stop, each repeated; with one bound it is stop, "
      "and start is 0.";
  static constexpr TypeSet types = numeric_types;

  struct Params {
    double start = 0;
    std::optional<double> stop;
    double step = 1;
    int repeat = 1;
    bool infer_range = false;
    std::string ctx;
    DType dtype = DType::f32;
    static constexpr auto fields = reflect(
        field("start", &Params::start, required, "The first number."),
        field("stop", &Params::stop,
              "Where to stop, itself left out; None: start is that, and the "
              "first number is 0."),
        field("step", &Params::step, "From one number to the next."),
        field("repeat", &Params::repeat, at_least(1), "How often each number stands there."),
        field("infer_range", &Params::infer_range,
              "Without stop: take as many numbers as the use of the output asks for."),
        field("ctx", &Params::ctx, ctx_doc), field("dtype", &Params::dtype, "The element type."));
  };

  static double first(const Params& p) { return p.stop || p.infer_range ? p.start : 0; }

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.infer_range && !p.stop) return;  // follows from the use
    const double start = p.stop ? p.start : 0, stop = p.stop ? *p.stop : p.start;
    if (p.step == 0) s.fail("step is 0; the numbers would never reach stop.");
    const double count = std::ceil((stop - start) / p.step);
    if (!(count > 0)) {
      s.fail(concat("from ", start, " by steps of ", p.step, " there is no number before ", stop,
                    "; a step toward stop is expected."));
    }
    if (count * p.repeat > 9e15) {
      s.fail(concat("from ", start, " to ", stop, " by ", p.step, " there are too many numbers."));
    }
    s.set(out(0), Shape{int64_t(count) * p.repeat}, "start, stop and step say so");
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    write_sequence(call.write(out(0)), first(p), p.step, p.repeat, call.request(out(0)),
                   call.pool());
  }
};
TREADLE_REGISTER_OP(Arange);

}  // namespace
}  // namespace treadle::ops
