// _contrib_index_copy: an array with rows replaced.
#include <cstring>
#include <vector>

#include "treadle/operators/indexing/rows_by_index.h"

namespace treadle::ops {
namespace {

struct IndexCopy {
  static constexpr auto name = "_contrib_index_copy";
  static constexpr auto doc =
      "old_tensor with the rows that index_vector names replaced by those of new_tensor; of "
      "several "
      "for one row the last counts. index_vector has no gradient.";
  static constexpr auto inputs = names("old_tensor", "index_vector", "new_tensor");
  static constexpr TypeSet types = all_types;
  static constexpr bool overwrites = true;

  static void infer_shape(const NoParams&, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape old = s.shape(in(0)), index = s.shape(in(1));
    if (!index.empty() && index.ndim() != 1) {
      s.fail(concat("index_vector has shape ", index, "; one axis is expected."));
    }
    if (old.empty()) return;
    Shape rows = old;
    rows[0] = index.empty() ? 0 : index[0];
    s.set(in(2), rows, [&] { return concat("old_tensor is ", old, " and index_vector ", index); });
    if (!s.shape(in(2)).empty()) {
      s.set(in(1), Shape{s.shape(in(2))[0]}, "there is one index per row of new_tensor");
    }
  }
  static void infer_type(const NoParams&, TypeInference& t) {
    t.unify(in(0), out(0));
    t.unify(in(0), in(2));
    if (!t.is_known(in(1))) t.set(in(1), DType::i64);
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(1));

  static RowLayout rows_of(const Shape& shape) {
    return {1, shape[0], shape.elements(1, shape.ndim())};
  }
  // Which row of new_tensor row i of the output is; -1 for those of old_tensor.
  static std::vector<int64_t> sources(const std::vector<int64_t>& index, int64_t rows) {
    std::vector<int64_t> made(static_cast<size_t>(rows), -1);
    for (size_t j = 0; j < index.size(); ++j) made[size_t(index[j])] = int64_t(j);
    return made;
  }

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor made = call.write(out(0)), from = call.read(in(2));
    const RowLayout rows = rows_of(made.shape());
    const auto index = resolved_indices(call.read(in(1)), rows.count, IndexMode::raise, name);
    copy(call, out(0), in(0));
    const size_t bytes = size_t(rows.length) * size_of(made.type());
    for (size_t j = 0; j < index.size(); ++j) {
      std::memcpy(made.as<char>() + size_t(index[j]) * bytes, from.as<char>() + j * bytes, bytes);
    }
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    const Tensor arrived = call.read(out_grad(0));
    const RowLayout rows = rows_of(arrived.shape());
    const auto index = resolved_indices(call.read(in(1)), rows.count, IndexMode::raise, name);
    const auto source = sources(index, rows.count);
    const size_t bytes = size_t(rows.length) * size_of(arrived.type());
    if (call.is_wanted(in_grad(0))) {
      copy(call, in_grad(0), out_grad(0));
      char* const to = call.write(in_grad(0)).template as<char>();
      for (size_t i = 0; i < source.size(); ++i) {
        if (source[i] >= 0) std::memset(to + i * bytes, 0, bytes);
      }
    }
    if (call.is_wanted(in_grad(2))) {
      // Rows of new_tensor that a later one replaced reach nothing.
      elementwise(call, in_grad(2), Fill{0});
      char* const to = call.write(in_grad(2)).template as<char>();
      for (size_t i = 0; i < source.size(); ++i) {
        if (source[i] < 0) continue;
        std::memcpy(to + size_t(source[i]) * bytes, arrived.as<char>() + i * bytes, bytes);
      }
    }
  }
};
TREADLE_REGISTER_OP(IndexCopy);

}  // namespace
}  // namespace treadle::ops
