// SequenceReverse: the steps of each sample in reverse order.
#include "treadle/operators/sequence/sequence.h"

namespace treadle::ops {
namespace {

struct SequenceReverse : SequenceOp {
  static constexpr auto name = "SequenceReverse";
  static constexpr auto doc =
      "Data (step, sample, ...) with the steps of each sample, up to its length, in reverse order.";

  struct Params {
    bool use_sequence_length = false;
    int axis = 0;
    static constexpr auto fields =
        reflect(field("use_sequence_length", &Params::use_sequence_length,
                      "Whether an input sequence_length says how many steps each sample has."),
                field("axis", &Params::axis, between(0, 0), "The axis of steps: 0."));
  };

  static auto inputs(const Params& p) { return input_names(p.use_sequence_length); }
  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    check(s, 0, p.use_sequence_length);
  }
  static std::vector<Slot> backward_reads(const Params& p) {
    if (p.use_sequence_length) return {out_grad(0), in(1)};
    return {out_grad(0)};
  }

  // It is its own inverse, so backward is the same.
  template <DeviceKind D>
  static void reverse(const Params& p, Call<D>& call, Slot to_slot, Slot from_slot) {
    const Request request = call.request(to_slot);
    if (request == Request::null) return;
    const Tensor from = call.read(from_slot), to = call.write(to_slot);
    const SequenceShape s(from.shape(), 0);
    with_stored_type(from.type(), [&](auto zero) {
      using T = decltype(zero);
      for_each_sample(call.pool(), s, [&](int64_t n) {
        const int64_t end = length(call, p.use_sequence_length, s, n);
        for (int64_t t = 0; t < s.steps; ++t) {
          const int64_t source = t < end ? end - 1 - t : t;
          move(to.as<T>() + s.at(t, n), from.as<const T>() + s.at(source, n), s.rest, request);
        }
      });
    });
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    reverse(p, call, out(0), in(0));
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    if (p.use_sequence_length) elementwise(call, in_grad(1), Fill{0});
    reverse(p, call, in_grad(0), out_grad(0));
  }
};
TREADLE_REGISTER_OP(SequenceReverse);

}  // namespace
}  // namespace treadle::ops
