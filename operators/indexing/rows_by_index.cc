#include "treadle/operators/indexing/rows_by_index.h"

#include <algorithm>

#include "treadle/device/pool.h"
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/copy_run.h"
#include "treadle/operators/dispatch.h"

namespace treadle {
namespace {

template <class T>
constexpr bool is_half = std::is_same_v<T, f16> || std::is_same_v<T, bf16>;

// Indices that are read at a time.
constexpr int64_t tile = 256;

}  // namespace

void read_indices(const Tensor& indices, int64_t first, int64_t count, int64_t* made) {
  with_type(indices.type(), [&](auto value) {
    using T = decltype(value);
    const T* const from = indices.as<T>() + first;
    for (int64_t i = 0; i < count; ++i) {
      if constexpr (std::is_integral_v<T>) {
        made[i] = int64_t(from[i]);
      } else {
        made[i] = saturate<int64_t>(double(from[i]));
      }
    }
  });
}

std::vector<int64_t> read_indices(const Tensor& indices) {
  std::vector<int64_t> made(size_t(indices.elements()));
  read_indices(indices, 0, indices.elements(), made.data());
  return made;
}

std::vector<int64_t> resolved_indices(const Tensor& indices, int64_t extent, IndexMode mode,
                                      std::string_view op) {
  std::vector<int64_t> made(size_t(indices.elements()));
  Indices{indices, extent, mode, op}.read(0, indices.elements(), made.data());
  return made;
}

void Indices::read(int64_t first, int64_t count, int64_t* made) const {
  read_indices(tensor, first, count, made);
  for (int64_t i = 0; i < count; ++i) {
    int64_t& index = made[i];
    if (index >= 0 && index < extent) continue;
    switch (mode) {
      case IndexMode::clip: index = index < 0 ? 0 : extent - 1; break;
      case IndexMode::wrap: index = (index % extent + extent) % extent; break;
      case IndexMode::raise:
        throw OutOfRange(op, ": index ", index, " at position ", first + i,
                         " is out of range; from 0 to ", extent - 1,
                         " is expected with mode raise.");
    }
  }
}

void Indices::check() const {
  int64_t made[tile];
  for (int64_t i = 0; i < count(); i += tile) read(i, std::min(tile, count() - i), made);
}

namespace {

// read(first, count, to) gives indices of the `rows` that are taken from each block.
template <class Read>
void take_each(DType type, const void* from, RowLayout layout, int64_t rows, const Read& read,
               void* to, Request request, Pool& pool) {
  if (request == Request::null) return;
  const int64_t size = int64_t(size_of(type)), bytes = layout.length * size;
  const int64_t grain = std::max<int64_t>(1, (1 << 14) / std::max<int64_t>(1, layout.length));
  const auto take = [&](int64_t i, int64_t source) {
    const char* const in = static_cast<const char*>(from) + source * bytes;
    char* const out = static_cast<char*>(to) + i * bytes;
    if (request == Request::write) return copy_run(out, in, size_t(bytes));
    with_type(type, [&](auto value) {
      using T = decltype(value);
      using C = std::conditional_t<is_half<T>, float, T>;
      for (int64_t k = 0; k < layout.length; ++k) {
        T& sum = reinterpret_cast<T*>(out)[k];
        sum = T(Add()(C(sum), C(reinterpret_cast<const T*>(in)[k])));
      }
    });
  };
  pool.parallel_for(0, layout.outer * rows, grain, [&](int64_t begin, int64_t end) {
    int64_t index[tile];
    for (int64_t i = begin; i < end;) {
      const int64_t block = i / rows, first = i % rows;
      const int64_t count = std::min({tile, end - i, rows - first});
      read(first, count, index);
      for (int64_t k = 0; k < count; ++k) take(i + k, block * layout.count + index[k]);
      i += count;
    }
  });
}

}  // namespace

void take_rows(DType type, const void* from, RowLayout layout, const std::vector<int64_t>& index,
               void* to, Request request, Pool& pool) {
  const auto read = [&](int64_t first, int64_t count, int64_t* made) {
    std::copy_n(index.data() + first, count, made);
  };
  take_each(type, from, layout, int64_t(index.size()), read, to, request, pool);
}

void take_rows(DType type, const void* from, RowLayout layout, const Indices& index, void* to,
               Request request, Pool& pool) {
  // Before anything is written, and the first one whatever the threads.
  if (index.mode == IndexMode::raise) index.check();
  const auto read = [&](int64_t first, int64_t count, int64_t* made) {
    index.read(first, count, made);
  };
  take_each(type, from, layout, index.count(), read, to, request, pool);
}

void add_rows(DType type, const void* from, RowLayout layout, const std::vector<int64_t>& index,
              void* to, Request request, Pool& pool) {
  if (request == Request::null) return;
  const int64_t rows = int64_t(index.size()), length = layout.length;
  with_type(type, [&](auto value) {
    using T = decltype(value);
    using C = std::conditional_t<is_half<T>, float, T>;
    const T* const in = static_cast<const T*>(from);
    T* const out = static_cast<T*>(to);
    // Every piece owns rows of the result and looks through all indices, so that the order of
    // additions does not depend on how it is cut.
    const int64_t all = layout.outer * layout.count;
    const int64_t work =
        std::max<int64_t>(1, layout.outer * rows * length / std::max<int64_t>(1, all));
    const int64_t grain = std::max((all + 15) / 16, std::max<int64_t>(1, (1 << 15) / work));
    pool.parallel_for(0, all, grain, [&](int64_t begin, int64_t end) {
      std::vector<C> wide(is_half<T> ? size_t((end - begin) * length) : 0);
      C* sums;
      if constexpr (is_half<T>) {
        sums = wide.data();
        if (request == Request::add) std::copy_n(out + begin * length, wide.size(), sums);
      } else {
        sums = out + begin * length;
        if (request == Request::write) std::fill_n(sums, (end - begin) * length, T(0));
      }
      for (int64_t block = begin / layout.count; block * layout.count < end; ++block) {
        for (int64_t j = 0; j < rows; ++j) {
          const int64_t row = block * layout.count + index[size_t(j)];
          if (row < begin || row >= end) continue;
          C* const sum = sums + (row - begin) * length;
          const T* const part = in + (block * rows + j) * length;
          for (int64_t k = 0; k < length; ++k) sum[k] = Add()(sum[k], C(part[k]));
        }
      }
      if constexpr (is_half<T>) {
        for (int64_t i = 0; i < (end - begin) * length; ++i) out[begin * length + i] = T(sums[i]);
      }
    });
  });
}

}  // namespace treadle
