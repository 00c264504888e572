// SequenceMask: steps beyond the end of a sample set to a value.
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/sequence/sequence.h"

namespace treadle::ops {
namespace {

struct SequenceMask : SequenceOp {
  static constexpr auto name = "SequenceMask";
  static constexpr auto doc =
      "Data (step, sample, ...) with the steps beyond the length of each sample set to a value; "
      "all "
      "of data without use_sequence_length.";

  struct Params {
    bool use_sequence_length = false;
    float value = 0;
    int axis = 0;
    static constexpr auto fields =
        reflect(field("use_sequence_length", &Params::use_sequence_length,
                      "Whether an input sequence_length says how many steps each sample has."),
                field("value", &Params::value, "What the steps beyond the end are set to."),
                field("axis", &Params::axis, "The axis of steps: 0 or 1."));
  };

  static auto inputs(const Params& p) { return input_names(p.use_sequence_length); }
  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    check(s, p.axis, p.use_sequence_length);
  }
  static constexpr auto may_share = shares(share(in(0), out(0)));
  static std::vector<Slot> backward_reads(const Params& p) {
    if (p.use_sequence_length) return {out_grad(0), in(1)};
    return {out_grad(0)};
  }
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

  template <DeviceKind D>
  static void mask(const Params& p, Call<D>& call, Slot to_slot, Slot from_slot, float value) {
    if (!p.use_sequence_length) return copy(call, to_slot, from_slot);
    const Request request = call.request(to_slot);
    if (request == Request::null) return;
    const Tensor from = call.read(from_slot), to = call.write(to_slot);
    const SequenceShape s(from.shape(), p.axis);
    with_stored_type(from.type(), [&](auto zero) {
      using T = decltype(zero);
      const T filled = [&] {
        if constexpr (sizeof(T) == 2) {
          return T(value);
        } else {
          return saturate<T>(double(value));
        }
      }();
      const bool in_place = from.data == to.data;
      for_each_sample(call.pool(), s, [&](int64_t n) {
        const int64_t end = length(call, true, s, n);
        for (int64_t t = 0; t < s.steps; ++t) {
          T* const at = to.as<T>() + s.at(t, n);
          if (t >= end) {
            move_value(at, filled, s.rest, request);
          } else if (!in_place) {
            move(at, from.as<const T>() + s.at(t, n), s.rest, request);
          }
        }
      });
    });
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    mask(p, call, out(0), in(0), p.value);
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    if (p.use_sequence_length) elementwise(call, in_grad(1), Fill{0});
    mask(p, call, in_grad(0), out_grad(0), 0);
  }
};
TREADLE_REGISTER_OP(SequenceMask);

}  // namespace
}  // namespace treadle::ops
