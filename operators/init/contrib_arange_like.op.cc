// _contrib_arange_like: evenly spaced numbers, as many as data has.
#include "treadle/operators/init/families.h"
#include "treadle/operators/init/sequence.h"
#include "treadle/operators/reduce/reduced_shape.h"

namespace treadle::ops {
namespace {

struct ArangeLike {
  static constexpr auto name = "_contrib_arange_like";
  static constexpr auto doc =
      "The numbers start, start + step, ..., each repeated, in the shape of data, or as many as "
      "one "
      "of its axes has elements.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = numeric_types;
  static constexpr bool zero_gradient = true;

  struct Params {
    double start = 0;
    double step = 1;
    int repeat = 1;
    std::string ctx;
    std::optional<int> axis;
    static constexpr auto fields = reflect(
        field("start", &Params::start, "The first number."),
        field("step", &Params::step, "From one number to the next."),
        field("repeat", &Params::repeat, at_least(1), "How often each number stands there."),
        field("ctx", &Params::ctx, ctx_doc),
        field("axis", &Params::axis,
              "The axis whose elements are counted, negative from the last; None: all of them."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const auto because = [&] { return concat("data has shape ", data); };
    if (!p.axis) return s.set(out(0), data, because);
    s.set(out(0), Shape{data[checked_axis(s, "axis", *p.axis, data)]}, because);
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    write_sequence(call.write(out(0)), p.start, p.step, p.repeat, call.request(out(0)),
                   call.pool());
  }
};
TREADLE_REGISTER_OP(ArangeLike);

}  // namespace
}  // namespace treadle::ops
