// _contrib_bipartite_matching: pairs of rows and columns, best score first.
#include <algorithm>

#include "treadle/operators/nn/computed.h"
#include "treadle/operators/ordering/ordered.h"

namespace treadle::ops {
namespace {

struct BipartiteMatching {
  static constexpr auto name = "_contrib_bipartite_matching";
  static constexpr auto doc =
      "Matches rows and columns of data (..., row, column), the best score first, each once: the "
      "column of each row and the row of each column, -1 where there is none. No gradient passes.";
  static constexpr auto inputs = names("data");
  static constexpr auto outputs = names("output0", "output1");
  static constexpr bool zero_gradient = true;

  struct Params {
    bool is_ascend = false;
    float threshold = 0;
    int topk = -1;
    static constexpr auto fields =
        reflect(field("is_ascend", &Params::is_ascend, "Whether lower scores are better."),
                field("threshold", &Params::threshold, required,
                      "Scores that are not better than this match nothing."),
                field("topk", &Params::topk,
                      "As in MXNet, matching ends when more than topk pairs are found; not "
                      "positive: never."));
  };

  static void infer_shape(const Params&, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() < 2) {
      s.fail(concat("data has shape ", data, "; (..., row, column) is expected."));
    }
    std::vector<int64_t> rows(data.begin(), data.end() - 1), columns = rows;
    columns.back() = data[data.ndim() - 1];
    const auto because = [&] { return concat("data is ", data); };
    s.set(out(0), Shape(rows), because);
    s.set(out(1), Shape(columns), because);
  }
  static std::string refuse(const Params&, const KernelQuery& query) {
    const Shape& data = query.inputs[0].shape;
    const int64_t most = std::max(data[data.ndim() - 1], data[data.ndim() - 2]);
    return refuse_index_type(query.outputs[0].type, most);
  }
  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Tensor data = call.read(in(0));
    const int64_t columns = data.shape()[data.shape().ndim() - 1];
    const int64_t rows = data.shape()[data.shape().ndim() - 2];
    const int64_t size = rows * columns, batch = data.elements() / std::max<int64_t>(1, size);
    const std::vector<int64_t> order =
        first_in_order(data, {batch, size, 1}, size, p.is_ascend, call.pool());
    with_computed(call, data.type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const scores = arrays.read(in(0));
      const auto row_matches = arrays.write(out(0)), column_matches = arrays.write(out(1));
      for_each(call.pool(), batch, size * 8, [&](int64_t b) {
        std::vector<int64_t> column_of(size_t(rows), -1), row_of(size_t(columns), -1);
        int found = 0;
        for (int64_t k = 0; k < size; ++k) {
          const int64_t place = order[size_t(b * size + k)];
          const size_t row = size_t(place / columns), column = size_t(place % columns);
          if (column_of[row] >= 0 || row_of[column] >= 0) continue;
          const T score = scores[b * size + place];
          // NaN comes first among descending scores and is no better than anything.
          if (score != score) continue;
          const bool is_good = p.is_ascend ? score < T(p.threshold) : score > T(p.threshold);
          if (!is_good) break;
          column_of[row] = int64_t(column);
          row_of[column] = int64_t(row);
          if (p.topk > 0 && ++found > p.topk) break;
        }
        for (int64_t i = 0; row_matches && i < rows; ++i)
          row_matches.put(b * rows + i, T(column_of[size_t(i)]));
        for (int64_t i = 0; column_matches && i < columns; ++i)
          column_matches.put(b * columns + i, T(row_of[size_t(i)]));
      });
    });
  }
};
TREADLE_REGISTER_OP(BipartiteMatching);

}  // namespace
}  // namespace treadle::ops
