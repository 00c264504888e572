// _contrib_interleaved_matmul_encdec_qk: how much each word looks at those of another sentence.
#include "treadle/operators/contrib/attention.h"

namespace treadle::ops {
namespace {

struct InterleavedMatmulEncdecQk {
  static constexpr auto name = "_contrib_interleaved_matmul_encdec_qk";
  static constexpr auto doc =
      "Scores of attention: query times key over the root of their size, as (batch * heads, "
      "query length, key length). queries is (query length, batch, heads * size), keys_values (key "
      "length, batch, heads * 2 * size), key and value side by side in each head.";
  static constexpr auto inputs = names("queries", "keys_values");
  static constexpr bool overwrites = true;
  using Params = AttentionParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_projections(s, in(0), p.heads, 1);
    check_projections(s, in(1), p.heads, 2);
    const Shape queries = s.shape(in(0));
    if (queries.empty()) return;
    s.set(in(1), {0, queries[1], 2 * queries[2]},
          [&] { return concat(s.name(in(0)), " is ", queries); });
    const Shape keys = s.shape(in(1));
    s.set(out(0), {queries[1] * p.heads, queries[0], keys[0]}, [&] {
      return concat(s.name(in(0)), " is ", queries, ", ", s.name(in(1)), " is ", keys,
                    " and heads is ", p.heads);
    });
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Heads from(call.read(in(0)).shape(), p.heads, 1),
        to(call.read(in(1)).shape(), p.heads, 2);
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto) {
      const auto* const queries = arrays.read(in(0));
      const auto* const keys = arrays.read(in(1));
      auto* const scores = arrays.write(out(0)).data;
      each_head(call, from, to.length, [&](int64_t i) {
        scaled_product(from.length, to.length, from.size, from.matrix(queries, i, 0),
                       turned(to.matrix(keys, i, 0)), scores + i * from.length * to.length,
                       to.length, score_scale(from));
      });
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Heads from(call.read(in(0)).shape(), p.heads, 1),
        to(call.read(in(1)).shape(), p.heads, 2);
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      const auto* const dy = arrays.read(out_grad(0));
      const auto* const queries = arrays.read(in(0));
      const auto* const keys = arrays.read(in(1));
      auto* const dq = arrays.write(in_grad(0)).data;
      auto* const dk = arrays.write(in_grad(1)).data;
      each_head(call, from, to.length, [&](int64_t i) {
        const auto scores = blas::row_major(dy + i * from.length * to.length, to.length);
        if (dq) {
          scaled_product(from.length, from.size, to.length, scores, to.matrix(keys, i, 0),
                         dq + from.offset(i, 0), from.stride(), score_scale(from));
        }
        if (dk) {
          scaled_product(to.length, to.size, from.length, turned(scores),
                         from.matrix(queries, i, 0), dk + to.offset(i, 0), to.stride(),
                         score_scale(from));
          for (int64_t r = 0; r < to.length; ++r) {
            std::fill_n(dk + to.offset(i, 1) + r * to.stride(), to.size, zero);
          }
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(InterleavedMatmulEncdecQk);

}  // namespace
}  // namespace treadle::ops
