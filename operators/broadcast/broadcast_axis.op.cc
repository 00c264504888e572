// broadcast_axis: data repeated along given axes of extent 1.
#include "treadle/operators/broadcast/repeated.h"

namespace treadle::ops {
namespace {

struct BroadcastAxis : Repeated {
  static constexpr auto name = "broadcast_axis";
  static constexpr auto aliases = names("broadcast_axes");
  static constexpr auto doc = "Data, repeated along the given axes, whose extent is 1.";
  static constexpr auto inputs = names("data");

  struct Params {
    Shape axis;
    Shape size;
    static constexpr auto fields =
        reflect(field("axis", &Params::axis, at_least(0), "The axes to repeat along."),
                field("size", &Params::size, at_least(1), "How often, for each of them."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.axis.ndim() != p.size.ndim()) {
      s.fail(concat("axis is ", p.axis, " and size is ", p.size,
                    "; as many numbers are expected in both."));
    }
    Shape made = s.shape(in(0));
    if (made.empty()) return;
    for (int i = 0; i < p.axis.ndim(); ++i) {
      const int64_t axis = p.axis[i];
      if (axis >= made.ndim()) {
        s.fail(concat("axis is ", p.axis, ", but data has shape ", s.shape(in(0)), "; axes below ",
                      made.ndim(), " are expected."));
      }
      if (made[int(axis)] == 0) return;
      if (made[int(axis)] != 1) {
        s.fail(concat("data has shape ", s.shape(in(0)), "; the extent of axis ", axis,
                      ", along which it is repeated, is expected to be 1."));
      }
      made[int(axis)] = p.size[i];
    }
    s.set(out(0), made, [&] { return concat("axis is ", p.axis, " and size is ", p.size); });
  }

  template <DeviceKind D>
  static void forward(const Params&, Call<D>& call) {
    repeat(call);
  }
  template <DeviceKind D>
  static void backward(const Params&, Call<D>& call) {
    add_up(call);
  }
};
TREADLE_REGISTER_OP(BroadcastAxis);

}  // namespace
}  // namespace treadle::ops
