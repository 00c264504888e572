// broadcast_to: data repeated along axes of extent 1 to a given shape.
#include "treadle/operators/broadcast/repeated.h"

namespace treadle::ops {
namespace {

struct BroadcastTo : Repeated {
  static constexpr auto name = "broadcast_to";
  static constexpr auto doc = "Data, repeated along axes of extent 1 to the given shape.";
  static constexpr auto inputs = names("data");

  struct Params {
    Shape shape;
    static constexpr auto fields = reflect(
        field("shape", &Params::shape, at_least(0), "The new shape; 0 keeps the axis of data."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() != p.shape.ndim()) {
      s.fail(concat("data has shape ", data, " and shape is ", p.shape,
                    "; as many axes are expected in both."));
    }
    check_broadcast(s, data, p.shape, "the parameter shape");
    Shape made = p.shape;
    for (int i = 0; i < made.ndim(); ++i) {
      if (made[i] == 0) made[i] = data[i];
    }
    s.set(out(0), made, [&] { return concat("shape is ", p.shape); });
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
TREADLE_REGISTER_OP(BroadcastTo);

}  // namespace
}  // namespace treadle::ops
