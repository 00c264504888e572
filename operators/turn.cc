#include "treadle/operators/turn.h"

#include <algorithm>
#include <cstring>

#include "treadle/device/pool.h"
#include "treadle/operators/dispatch.h"

namespace treadle {
namespace {

// Rows and columns of a square that is copied at a time: several lines of cache from each page, in
// as many as stay at hand.
constexpr int64_t square = 64;
// Columns of a band of squares, and elements of a piece, which has several bands of few columns.
constexpr int64_t band = 512, piece_size = 8192;
// Elements that a piece of a parallel copy has at least.
constexpr int64_t grain = 1 << 15;

// The axis of stride 1, -1 where there is none worth the trouble.
int turned_axis(const Axes& axes) {
  const int last = axes.count() - 1;
  if (last < 1 || axes.stride(last) == 0 || axes.stride(last) == 1) return -1;
  for (int i = 0; i < last; ++i) {
    if (axes.stride(i) == 1 && axes.extent(i) >= 4) return i;
  }
  return -1;
}

// to[j * to_pitch + k] = from[j + k * from_pitch] for j < height, k < width.
template <class U>
inline void turn(const U* from, int64_t from_pitch, U* to, int64_t to_pitch, int64_t height,
                 int64_t width) {
  for (int64_t j = 0; j < height; ++j) {
    for (int64_t k = 0; k < width; ++k) to[j * to_pitch + k] = from[j + k * from_pitch];
  }
}

using Four = uint32_t __attribute__((vector_size(16)));

// The same for 4 x 4 elements of 4 bytes, in registers.
inline void turn_four(const uint32_t* from, int64_t from_pitch, uint32_t* to, int64_t to_pitch) {
  Four a, b, c, d;
  std::memcpy(&a, from, 16);
  std::memcpy(&b, from + from_pitch, 16);
  std::memcpy(&c, from + 2 * from_pitch, 16);
  std::memcpy(&d, from + 3 * from_pitch, 16);
  const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const Four ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const Four cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  const Four rows[] = {__builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5),
                       __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7),
                       __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5),
                       __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7)};
  for (int j = 0; j < 4; ++j) std::memcpy(to + j * to_pitch, &rows[j], 16);
}

inline void turn(const uint32_t* from, int64_t from_pitch, uint32_t* to, int64_t to_pitch,
                 int64_t height, int64_t width) {
  const int64_t whole_height = height / 4 * 4, whole_width = width / 4 * 4;
  for (int64_t j = 0; j < whole_height; j += 4) {
    for (int64_t k = 0; k < whole_width; k += 4) {
      turn_four(from + j + k * from_pitch, from_pitch, to + j * to_pitch + k, to_pitch);
    }
  }
  turn<uint32_t>(from + whole_width * from_pitch, from_pitch, to + whole_width, to_pitch,
                 whole_height, width - whole_width);
  turn<uint32_t>(from + whole_height, from_pitch, to + whole_height * to_pitch, to_pitch,
                 height - whole_height, width);
}

// The same by way of a copy, whose rows do not fall on each other in the cache as those of a matrix
// with a round number of columns do.
template <class U>
void turn_square(const U* from, int64_t from_pitch, U* to, int64_t to_pitch, int64_t height,
                 int64_t width) {
  constexpr int64_t pitch = square + 16 / int64_t(sizeof(U));
  alignas(64) U copy[square * pitch];
  if (width <= 16 || height <= 16) return turn(from, from_pitch, to, to_pitch, height, width);
  for (int64_t k = 0; k < width; ++k) {
    std::memcpy(copy + k * pitch, from + k * from_pitch, size_t(height) * sizeof(U));
  }
  turn(static_cast<const U*>(copy), pitch, to, to_pitch, height, width);
}

template <class U>
void copy_turned_as(const U* from, const Axes& axes, U* to, Pool& pool) {
  const int last = axes.count() - 1, along = turned_axis(axes);
  // All axes but those two.
  Axes outer_from, outer_to;
  int64_t to_pitch = axes.extent(last);
  for (int i = last - 1; i > along; --i) to_pitch *= axes.extent(i);
  for (int i = 0; i < last; ++i) {
    if (i == along) continue;
    int64_t step = 1;
    for (int k = i + 1; k <= last; ++k) step *= axes.extent(k);
    outer_from.add(axes.extent(i), axes.stride(i));
    outer_to.add(axes.extent(i), step);
  }
  const int64_t rows = axes.extent(along), columns = axes.extent(last);
  const int64_t from_pitch = axes.stride(last);
  const int64_t height = square * std::max<int64_t>(1, piece_size / (square * columns));
  const int64_t strips = (rows + height - 1) / height, bands = (columns + band - 1) / band;
  const int64_t all = outer_from.elements() * strips * bands;
  const int64_t least =
      std::max<int64_t>(1, grain / (std::min(height, rows) * std::min(band, columns)));
  pool.parallel_for(0, all, least, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t plane = i / (strips * bands);
      const int64_t top = i / bands % strips * height, left = i % bands * band;
      const U* const x = from + outer_from.offset(plane);
      U* const y = to + outer_to.offset(plane);
      const int64_t bottom = std::min(top + height, rows), right = std::min(left + band, columns);
      for (int64_t j = top; j < bottom; j += square) {
        for (int64_t k = left; k < right; k += square) {
          turn_square(x + j + k * from_pitch, from_pitch, y + j * to_pitch + k, to_pitch,
                      std::min(square, bottom - j), std::min(square, right - k));
        }
      }
    }
  });
}

}  // namespace

bool is_turned(const Axes& axes) { return turned_axis(axes) >= 0; }

void copy_turned(size_t size, const void* from, const Axes& axes, void* to, Pool& pool) {
  with_size(size, [&](auto unit) {
    using U = decltype(unit);
    copy_turned_as(static_cast<const U*>(from), axes, static_cast<U*>(to), pool);
  });
}

}  // namespace treadle
