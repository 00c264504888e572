// Attention on projections that lie between each other: what the four operators of interleaved
// matrix products share.
//
// An array (length, batch, heads * parts * size) holds for each word of each sentence, head by
// head, `parts` vectors of `size` numbers: query, key and value, or key and value.
#pragma once

#include <cmath>

#include "treadle/operators/blas/gemm.h"
#include "treadle/operators/nn/computed.h"

namespace treadle::ops {

struct AttentionParams {
  int heads = 0;
  static constexpr auto fields = reflect(
      field("heads", &AttentionParams::heads, required, at_least(1), "Number of attention heads."));
};

// The matrices (length, size) of one array; their rows are `stride` apart.
struct Heads {
  int64_t length, batch, heads, parts, size;

  Heads(const Shape& shape, int heads, int64_t parts)
      : length(shape[0]),
        batch(shape[1]),
        heads(heads),
        parts(parts),
        size(shape[2] / (heads * parts)) {}

  int64_t count() const { return batch * heads; }
  int64_t stride() const { return count() * parts * size; }
  // Where part `part` of matrix `i` begins; they are counted head by head, sentence by sentence.
  int64_t offset(int64_t i, int64_t part) const { return (i * parts + part) * size; }
  template <class T>
  blas::Matrix<T> matrix(const T* data, int64_t i, int64_t part) const {
    return blas::row_major(data + offset(i, part), stride());
  }
};

template <class T>
blas::Matrix<T> turned(const blas::Matrix<T>& m) {
  return {m.data, m.column, m.row};
}

// Scores (from, to) are the products of the queries and keys over the root of their size.
inline double score_scale(const Heads& n) { return 1 / std::sqrt(double(n.size)); }

template <class T>
void scale_rows(T* rows, int64_t count, int64_t stride, int64_t length, double factor) {
  for (int64_t r = 0; r < count; ++r) {
    for (int64_t i = 0; i < length; ++i) rows[r * stride + i] *= T(factor);
  }
}

// to = a * b * factor, where rows of `to` are `leading` apart.
template <class T>
void scaled_product(int64_t m, int64_t n, int64_t k, const blas::Matrix<T>& a,
                    const blas::Matrix<T>& b, T* to, int64_t leading, double factor) {
  blas::gemm(m, n, k, a, b, to, leading, false);
  if (factor != 1) scale_rows(to, m, leading, n, factor);
}

template <DeviceKind D, class F>
void each_head(const Call<D>& call, const Heads& n, int64_t columns, const F& f) {
  for_each(call.pool(), n.count(), n.length * n.size * columns, f);
}

// Three axes, the last of `parts` equal vectors per head.
inline void check_projections(ShapeInference& s, Slot slot, int heads, int64_t parts) {
  const Shape shape = s.shape(slot);
  if (shape.empty()) return;
  if (shape.ndim() != 3) {
    s.fail(concat(s.name(slot), " has shape ", shape,
                  "; 3 axes (length, batch, projections) are expected."));
  }
  if (shape[2] % (heads * parts) == 0) return;
  s.fail(concat(s.name(slot), " has shape ", shape, "; a last extent is expected that ", heads,
                " heads of ", parts, " parts divide evenly."));
}

}  // namespace treadle::ops
