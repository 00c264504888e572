// Where the elements of a diagonal or a triangle lie in a square matrix: what the operators that
// take them out and put them in share.
#pragma once

#include "treadle/operators/linalg/families.h"

namespace treadle::ops {

// Row-major places in an n by n matrix of the elements on the diagonal `offset`.
inline std::vector<int64_t> diagonal_places(int64_t n, int64_t offset) {
  std::vector<int64_t> made;
  for (int64_t i = std::max<int64_t>(0, -offset); i < n && i + offset < n; ++i) {
    made.push_back(i * n + i + offset);
  }
  return made;
}
// Of the triangle that begins at it: above for an offset above 0, below for one below 0, and for 0
// as `is_lower` says; a lower one row by row, an upper one column by column.
inline std::vector<int64_t> triangle_places(int64_t n, int64_t offset, bool is_lower) {
  const bool is_upper = offset > 0 || (offset == 0 && !is_lower);
  const int64_t apart = std::abs(offset);
  std::vector<int64_t> made;
  for (int64_t i = 0; i < n - apart; ++i) {
    for (int64_t j = 0; j <= i; ++j) {
      made.push_back(is_upper ? j * n + i + apart : (i + apart) * n + j);
    }
  }
  return made;
}

// For each matrix: packed[k] = matrix[places[k]].
template <DeviceKind D>
void take_places(Call<D>& call, Slot from, Slot to, const std::vector<int64_t>& places,
                 int64_t size) {
  if (!call.is_wanted(to)) return;
  const Tensor whole = call.read(from), packed = call.write(to);
  const int64_t count = int64_t(places.size());
  with_real(whole.type(), [&](auto value) {
    using T = decltype(value);
    for (int64_t i = 0; i < whole.elements() / size; ++i) {
      for (int64_t k = 0; k < count; ++k) {
        packed.as<T>()[i * count + k] = whole.as<T>()[i * size + places[size_t(k)]];
      }
    }
  });
}
// The other way round; all other elements are 0.
template <DeviceKind D>
void put_places(Call<D>& call, Slot from, Slot to, const std::vector<int64_t>& places,
                int64_t size) {
  if (!call.is_wanted(to)) return;
  elementwise(call, to, Fill{0});
  const Tensor packed = call.read(from), whole = call.write(to);
  const int64_t count = int64_t(places.size());
  with_real(whole.type(), [&](auto value) {
    using T = decltype(value);
    for (int64_t i = 0; i < whole.elements() / size; ++i) {
      for (int64_t k = 0; k < count; ++k) {
        whole.as<T>()[i * size + places[size_t(k)]] = packed.as<T>()[i * count + k];
      }
    }
  });
}

inline Shape with_last(const Shape& shape, int dropped, std::initializer_list<int64_t> added) {
  std::vector<int64_t> made(shape.begin(), shape.end() - dropped);
  made.insert(made.end(), added);
  return Shape(made);
}

// The size of the matrix whose triangle has `count` elements, without the offset; 0 where none has.
inline int64_t triangle_size(int64_t count) {
  int64_t n = int64_t(std::sqrt(2.0 * double(count)));
  while (n * (n + 1) / 2 < count) ++n;
  return n * (n + 1) / 2 == count ? n : 0;
}

}  // namespace treadle::ops
