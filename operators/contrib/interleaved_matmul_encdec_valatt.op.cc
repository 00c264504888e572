// _contrib_interleaved_matmul_encdec_valatt: what each word gathers from another sentence.
#include "treadle/operators/contrib/attention.h"

namespace treadle::ops {
namespace {

struct InterleavedMatmulEncdecValatt {
  static constexpr auto name = "_contrib_interleaved_matmul_encdec_valatt";
  static constexpr auto doc =
      "Sums of the values weighted by attention (batch * heads, query length, key length), as "
      "(query length, batch, heads * size). keys_values is (key length, batch, heads * 2 * size), "
      "key and value side by side in each head.";
  static constexpr auto inputs = names("keys_values", "attention");
  static constexpr bool overwrites = true;
  using Params = AttentionParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_projections(s, in(0), p.heads, 2);
    const Shape keys = s.shape(in(0));
    if (keys.empty()) return;
    s.set(in(1), {keys[1] * p.heads, 0, keys[0]},
          [&] { return concat(s.name(in(0)), " is ", keys, " and heads is ", p.heads); });
    const Shape attention = s.shape(in(1));
    s.set(out(0), {attention[1], keys[1], keys[2] / 2}, [&] {
      return concat(s.name(in(0)), " is ", keys, " and ", s.name(in(1)), " is ", attention);
    });
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Heads to(call.read(in(0)).shape(), p.heads, 2);
    const Heads from(call.write(out(0)).shape(), p.heads, 1);
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto) {
      const auto* const values = arrays.read(in(0));
      const auto* const attention = arrays.read(in(1));
      auto* const y = arrays.write(out(0)).data;
      each_head(call, from, to.length, [&](int64_t i) {
        const auto weights = blas::row_major(attention + i * from.length * to.length, to.length);
        scaled_product(from.length, from.size, to.length, weights, to.matrix(values, i, 1),
                       y + from.offset(i, 0), from.stride(), 1);
      });
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Heads to(call.read(in(0)).shape(), p.heads, 2);
    const Heads from(call.read(out_grad(0)).shape(), p.heads, 1);
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      const auto* const dy = arrays.read(out_grad(0));
      const auto* const values = arrays.read(in(0));
      const auto* const attention = arrays.read(in(1));
      auto* const dv = arrays.write(in_grad(0)).data;
      auto* const da = arrays.write(in_grad(1)).data;
      each_head(call, from, to.length, [&](int64_t i) {
        const int64_t first = i * from.length * to.length;
        const auto heads = from.matrix(dy, i, 0);
        if (dv) {
          scaled_product(to.length, to.size, from.length,
                         turned(blas::row_major(attention + first, to.length)), heads,
                         dv + to.offset(i, 1), to.stride(), 1);
          for (int64_t r = 0; r < to.length; ++r) {
            std::fill_n(dv + to.offset(i, 0) + r * to.stride(), to.size, zero);
          }
        }
        if (da) {
          scaled_product(from.length, to.length, to.size, heads, turned(to.matrix(values, i, 1)),
                         da + first, to.length, 1);
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(InterleavedMatmulEncdecValatt);

}  // namespace
}  // namespace treadle::ops
