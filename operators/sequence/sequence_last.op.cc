// SequenceLast: the last step of each sample.
#include "treadle/operators/sequence/sequence.h"

namespace treadle::ops {
namespace {

struct SequenceLast : SequenceOp {
  static constexpr auto name = "SequenceLast";
  static constexpr auto doc =
      "The last step of each sample of data (step, sample, ...); a length below 1 counts as 1.";

  struct Params {
    bool use_sequence_length = false;
    int axis = 0;
    static constexpr auto fields =
        reflect(field("use_sequence_length", &Params::use_sequence_length,
                      "Whether an input sequence_length says how many steps each sample has."),
                field("axis", &Params::axis, "The axis of steps: 0 or 1."));
  };

  static auto inputs(const Params& p) { return input_names(p.use_sequence_length); }
  static void infer_shape(const Params& p, ShapeInference& s) {
    if (!check(s, p.axis, p.use_sequence_length)) return;
    const Shape data = s.shape(in(0));
    Shape made = Shape::filled(data.ndim() - 1, 0);
    for (int i = 0; i < made.ndim(); ++i) made[i] = data[i == 0 ? 1 - p.axis : i + 1];
    s.set(out(0), made, [&] { return concat("data is ", data); });
  }

  static std::vector<Slot> backward_reads(const Params& p) {
    if (p.use_sequence_length) return {out_grad(0), in(1)};
    return {out_grad(0)};
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Request request = call.request(out(0));
    if (request == Request::null) return;
    const Tensor data = call.read(in(0)), made = call.write(out(0));
    const SequenceShape s(data.shape(), p.axis);
    with_stored_type(data.type(), [&](auto zero) {
      using T = decltype(zero);
      for_each_sample(call.pool(), s, [&](int64_t n) {
        const int64_t last = length(call, p.use_sequence_length, s, n, 1) - 1;
        move(made.as<T>() + n * s.rest, data.as<const T>() + s.at(last, n), s.rest, request);
      });
    });
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    if (p.use_sequence_length) elementwise(call, in_grad(1), Fill{0});
    const Request request = call.request(in_grad(0));
    if (request == Request::null) return;
    const Tensor heads = call.read(out_grad(0)), grad = call.write(in_grad(0));
    const SequenceShape s(grad.shape(), p.axis);
    if (request == Request::write) elementwise(call, in_grad(0), Fill{0});
    with_stored_type(grad.type(), [&](auto zero) {
      using T = decltype(zero);
      for_each_sample(call.pool(), s, [&](int64_t n) {
        const int64_t last = length(call, p.use_sequence_length, s, n, 1) - 1;
        move(grad.as<T>() + s.at(last, n), heads.as<const T>() + n * s.rest, s.rest, request);
      });
    });
  }
};
TREADLE_REGISTER_OP(SequenceLast);

}  // namespace
}  // namespace treadle::ops
