// _contrib_interleaved_matmul_selfatt_valatt: what each word of a sentence gathers from all.
#include "treadle/operators/contrib/attention.h"

namespace treadle::ops {
namespace {

struct InterleavedMatmulSelfattValatt {
  static constexpr auto name = "_contrib_interleaved_matmul_selfatt_valatt";
  static constexpr auto doc =
      "Sums of the values weighted by attention (batch * heads, length, length), as (length, "
      "batch, heads * size). queries_keys_values is (length, batch, heads * 3 * size), query, key "
      "and value side by side in each head.";
  static constexpr auto inputs = names("queries_keys_values", "attention");
  static constexpr bool overwrites = true;
  using Params = AttentionParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_projections(s, in(0), p.heads, 3);
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const auto because = [&] {
      return concat(s.name(in(0)), " is ", data, " and heads is ", p.heads);
    };
    s.set(in(1), {data[1] * p.heads, data[0], data[0]}, because);
    s.set(out(0), {data[0], data[1], data[2] / 3}, because);
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Heads n(call.read(in(0)).shape(), p.heads, 3);
    const Heads made(call.write(out(0)).shape(), p.heads, 1);
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto) {
      const auto* const x = arrays.read(in(0));
      const auto* const attention = arrays.read(in(1));
      auto* const y = arrays.write(out(0)).data;
      each_head(call, n, n.length, [&](int64_t i) {
        const auto weights = blas::row_major(attention + i * n.length * n.length, n.length);
        scaled_product(n.length, n.size, n.length, weights, n.matrix(x, i, 2),
                       y + made.offset(i, 0), made.stride(), 1);
      });
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Heads n(call.read(in(0)).shape(), p.heads, 3);
    const Heads made(call.read(out_grad(0)).shape(), p.heads, 1);
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      const auto* const dy = arrays.read(out_grad(0));
      const auto* const x = arrays.read(in(0));
      const auto* const attention = arrays.read(in(1));
      auto* const dx = arrays.write(in_grad(0)).data;
      auto* const da = arrays.write(in_grad(1)).data;
      each_head(call, n, n.length, [&](int64_t i) {
        const int64_t first = i * n.length * n.length;
        const auto heads = made.matrix(dy, i, 0);
        if (dx) {
          scaled_product(n.length, n.size, n.length,
                         turned(blas::row_major(attention + first, n.length)), heads,
                         dx + n.offset(i, 2), n.stride(), 1);
          for (int64_t r = 0; r < n.length; ++r) {
            std::fill_n(dx + n.offset(i, 0) + r * n.stride(), 2 * n.size, zero);
          }
        }
        if (da) {
          scaled_product(n.length, n.length, n.size, heads, turned(n.matrix(x, i, 2)), da + first,
                         n.length, 1);
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(InterleavedMatmulSelfattValatt);

}  // namespace
}  // namespace treadle::ops
