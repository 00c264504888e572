// Reading and writing rows chosen by an array of indices: what the operators of this folder share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "treadle/operators/call.h"
#include "treadle/operators/elementwise.h"

namespace treadle {

// What becomes of an index outside of its axis.
enum class IndexMode { clip, wrap, raise };
inline EnumNames describe(IndexMode) { return enum_names("IndexMode", "clip", "wrap", "raise"); }

// The elements of an index array of any numeric type; fractions are dropped, what no 64-bit integer
// holds becomes the nearest, NaN 0.
std::vector<int64_t> read_indices(const Tensor& indices);
// `count` of them from element `first` on.
void read_indices(const Tensor& indices, int64_t first, int64_t count, int64_t* made);
// The same, brought into [0, extent). With IndexMode::raise one outside is an Error that begins
// with `op`.
std::vector<int64_t> resolved_indices(const Tensor& indices, int64_t extent, IndexMode mode,
                                      std::string_view op);

// What resolved_indices gives, read where it is used.
struct Indices {
  Tensor tensor;
  int64_t extent = 0;
  IndexMode mode = IndexMode::clip;
  std::string_view op;

  int64_t count() const { return tensor.elements(); }
  // `count` of them from number `first` on.
  void read(int64_t first, int64_t count, int64_t* made) const;
  // Throws what resolved_indices throws.
  void check() const;
};

// An array as `outer` blocks of `count` rows of `length` elements.
struct RowLayout {
  int64_t outer = 1, count = 1, length = 1;
};

// Block by block: row j of `to` = row index[j] of `from`, or is added. `to` has index.size() rows a
// block.
void take_rows(DType type, const void* from, RowLayout layout, const std::vector<int64_t>& index,
               void* to, Request request, Pool& pool);
void take_rows(DType type, const void* from, RowLayout layout, const Indices& index, void* to,
               Request request, Pool& pool);
// Block by block: row index[j] of `to`, which is laid out as said, += row j of `from`, in order of
// j; with Request::write on top of zeros. 16-bit types are summed in float.
void add_rows(DType type, const void* from, RowLayout layout, const std::vector<int64_t>& index,
              void* to, Request request, Pool& pool);

}  // namespace treadle
