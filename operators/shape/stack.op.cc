// stack: arrays of one shape along a new axis.
#include <string>

#include "treadle/operators/elementwise.h"
#include "treadle/operators/rows.h"

namespace treadle::ops {
namespace {

struct Stack {
  static constexpr auto name = "stack";
  static constexpr auto doc = "Arrays of one shape, side by side along a new axis.";
  static constexpr auto count_param = "num_args";
  static constexpr TypeSet types = all_types;

  struct Params {
    int axis = 0;
    int num_args = 0;
    static constexpr auto fields =
        reflect(field("axis", &Params::axis,
                      "Where the new axis is put; negative ones count from behind the last."),
                field("num_args", &Params::num_args, required, at_least(1), "Number of inputs."));
  };

  static OpRecord::Names inputs(const Params& p) {
    OpRecord::Names made;
    for (int i = 0; i < p.num_args; ++i) made.push_back("arg" + std::to_string(i));
    return made;
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    for (int i = 1; i < p.num_args; ++i) s.unify(in(0), in(i));
    for (int i = 1; i < p.num_args; ++i) s.unify(in(0), in(i));
    const Shape each = s.shape(in(0)), known = s.shape(out(0));
    const int ndim = each.empty() ? known.ndim() : each.ndim() + 1;
    if (ndim == 0) return;
    const int axis = p.axis < 0 ? p.axis + ndim : p.axis;
    if (axis < 0 || axis >= ndim) {
      s.fail(concat("axis is ", p.axis, ", but the inputs have ", ndim - 1, " axes; from ", -ndim,
                    " to ", ndim - 1, " is expected."));
    }
    if (!each.empty()) {
      Shape made = Shape::filled(ndim, p.num_args);
      for (int i = 0; i < each.ndim(); ++i) made[i + (i >= axis)] = each[i];
      s.set(out(0), made,
            [&] { return concat(p.num_args, " arrays of shape ", each, " are put side by side"); });
    }
    if (known.ndim() < 2) return;
    Shape back = Shape::filled(ndim - 1, 0);
    for (int i = 0; i < back.ndim(); ++i) back[i] = known[i + (i >= axis)];
    s.set(in(0), back, [&] { return concat("the output has shape ", known); });
  }

  static constexpr bool is_linear = true;
  static constexpr auto backward_reads = reads(out_grad(0));

  // Calls move(i, rows of part i within the whole, their number and length).
  template <class Move>
  static void each_part(const Params& p, const Tensor& whole, const Move& move) {
    const Shape& shape = whole.shape();
    const int axis = p.axis < 0 ? p.axis + shape.ndim() : p.axis;
    const int64_t inner = shape.elements(axis + 1, shape.ndim());
    char* first = whole.as<char>();
    for (int i = 0; i < p.num_args; ++i) {
      move(i, Rows{first, p.num_args * inner}, shape.elements(0, axis), inner);
      first += inner * int64_t(size_of(whole.type()));
    }
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor whole = call.write(out(0));
    each_part(p, whole, [&](int i, Rows rows, int64_t count, int64_t length) {
      copy_rows(whole.type(), rows, {call.read(in(i)).data, length}, count, length,
                call.request(out(0)), call.pool());
    });
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Tensor whole = call.read(out_grad(0));
    each_part(p, whole, [&](int i, Rows rows, int64_t count, int64_t length) {
      copy_rows(whole.type(), {call.write(in_grad(i)).data, length}, rows, count, length,
                call.request(in_grad(i)), call.pool());
    });
  }
};
TREADLE_REGISTER_OP(Stack);

}  // namespace
}  // namespace treadle::ops
