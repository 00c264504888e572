// _contrib_interleaved_matmul_selfatt_qk: how much each word of a sentence looks at each other.
#include "treadle/operators/contrib/attention.h"

namespace treadle::ops {
namespace {

struct InterleavedMatmulSelfattQk {
  static constexpr auto name = "_contrib_interleaved_matmul_selfatt_qk";
  static constexpr auto doc =
      "Scores of self attention: query times key over the root of their size, as (batch * heads, "
      "length, length). queries_keys_values is (length, batch, heads * 3 * size), query, key and "
      "value side by side in each head.";
  static constexpr auto inputs = names("queries_keys_values");
  static constexpr bool overwrites = true;
  using Params = AttentionParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_projections(s, in(0), p.heads, 3);
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    s.set(out(0), {data[1] * p.heads, data[0], data[0]},
          [&] { return concat(s.name(in(0)), " is ", data, " and heads is ", p.heads); });
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Heads n(call.read(in(0)).shape(), p.heads, 3);
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto) {
      const auto* const x = arrays.read(in(0));
      auto* const scores = arrays.write(out(0)).data;
      each_head(call, n, n.length, [&](int64_t i) {
        scaled_product(n.length, n.length, n.size, n.matrix(x, i, 0), turned(n.matrix(x, i, 1)),
                       scores + i * n.length * n.length, n.length, score_scale(n));
      });
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    const Heads n(call.read(in(0)).shape(), p.heads, 3);
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      const auto* const x = arrays.read(in(0));
      const auto* const dy = arrays.read(out_grad(0));
      auto* const dx = arrays.write(in_grad(0)).data;
      each_head(call, n, n.length, [&](int64_t i) {
        const auto scores = blas::row_major(dy + i * n.length * n.length, n.length);
        scaled_product(n.length, n.size, n.length, scores, n.matrix(x, i, 1), dx + n.offset(i, 0),
                       n.stride(), score_scale(n));
        scaled_product(n.length, n.size, n.length, turned(scores), n.matrix(x, i, 0),
                       dx + n.offset(i, 1), n.stride(), score_scale(n));
        for (int64_t r = 0; r < n.length; ++r) {
          std::fill_n(dx + n.offset(i, 2) + r * n.stride(), n.size, zero);
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(InterleavedMatmulSelfattQk);

}  // namespace
}  // namespace treadle::ops
