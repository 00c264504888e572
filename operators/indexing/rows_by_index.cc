#include "treadle/operators/indexing/rows_by_index.h"

#include <algorithm>
#include <cstring>

#include "treadle/device/pool.h"
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/dispatch.h"

namespace treadle {
namespace {

template <class T>
constexpr bool is_half = std::is_same_v<T, f16> || std::is_same_v<T, bf16>;

}  // namespace

std::vector<int64_t> read_indices(const Tensor& indices) {
  std::vector<int64_t> made(size_t(indices.elements()));
  with_type(indices.type(), [&](auto value) {
    using T = decltype(value);
    const T* const from = indices.as<T>();
    for (size_t i = 0; i < made.size(); ++i) {
      if constexpr (std::is_integral_v<T>) {
        made[i] = int64_t(from[i]);
      } else {
        made[i] = saturate<int64_t>(double(from[i]));
      }
    }
  });
  return made;
}

std::vector<int64_t> resolved_indices(const Tensor& indices, int64_t extent, IndexMode mode,
                                      std::string_view op) {
  std::vector<int64_t> made = read_indices(indices);
  for (size_t i = 0; i < made.size(); ++i) {
    int64_t& index = made[i];
    if (index >= 0 && index < extent) continue;
    switch (mode) {
      case IndexMode::clip: index = index < 0 ? 0 : extent - 1; break;
      case IndexMode::wrap: index = (index % extent + extent) % extent; break;
      case IndexMode::raise:
        throw Error(op, ": index ", index, " at position ", i, " is out of range; from 0 to ",
                    extent - 1, " is expected with mode raise.");
    }
  }
  return made;
}

void take_rows(DType type, const void* from, RowLayout layout, const std::vector<int64_t>& index,
               void* to, Request request, Pool& pool) {
  if (request == Request::null) return;
  const int64_t rows = int64_t(index.size()), size = int64_t(size_of(type));
  const int64_t grain = std::max<int64_t>(1, (1 << 14) / std::max<int64_t>(1, layout.length));
  const int64_t bytes = layout.length * size;
  pool.parallel_for(0, layout.outer * rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t source = i / rows * layout.count + index[size_t(i % rows)];
      const char* const in = static_cast<const char*>(from) + source * bytes;
      char* const out = static_cast<char*>(to) + i * bytes;
      if (request == Request::write) {
        std::memcpy(out, in, size_t(bytes));
        continue;
      }
      with_type(type, [&](auto value) {
        using T = decltype(value);
        using C = std::conditional_t<is_half<T>, float, T>;
        for (int64_t k = 0; k < layout.length; ++k) {
          T& sum = reinterpret_cast<T*>(out)[k];
          sum = T(Add()(C(sum), C(reinterpret_cast<const T*>(in)[k])));
        }
      });
    }
  });
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
