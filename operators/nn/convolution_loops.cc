#include "treadle/operators/nn/convolution_loops.h"

#include <algorithm>
#include <cstring>

#include "treadle/device/pool.h"
#include "treadle/operators/blas/gemm.h"

namespace treadle::ops {
namespace {

constexpr int64_t tile_bytes = 1 << 18;  // of copied windows, to stay in the cache
constexpr int64_t min_positions = 128;   // per tile: fewer, and packing the weights dominates
constexpr int64_t max_positions = 4096;
constexpr int64_t lane_budget = int64_t(1) << 26;  // bytes of all lanes together
constexpr int64_t max_lanes = 16;
constexpr int64_t max_sum_lanes = 8;
constexpr int64_t worth_a_lane = 1 << 17;  // multiplications

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// The part [first, last) of `count` outputs whose window element `offset` steps into the kernel
// lies inside the `size` inputs: input = output * stride + offset.
struct Range {
  int64_t first, last;
};
Range inside(int64_t offset, int64_t stride, int64_t size, int64_t begin, int64_t end) {
  const int64_t first = offset >= 0 ? 0 : ceil_div(-offset, stride);
  const int64_t last = offset >= size ? 0 : ceil_div(size - offset, stride);
  const int64_t from = std::clamp(first, begin, end);
  return {from, std::clamp(last, from, end)};
}

// Calls f(source, target, stride, count) for each run of elements that a row of the copied windows
// shares with the image, and gap(target, count) for what lies in the padding.
template <class T, class F, class Gap>
void walk_row(const Window& w, int64_t kd, int64_t kh, int64_t kw, int64_t row, int64_t row_end,
              int64_t column, int64_t column_end, const F& f, const Gap& gap) {
  const int64_t width = column_end - column;
  const int64_t start = kw * w.dilate[2] - w.pad[2];
  const Range x = inside(start, w.stride[2], w.in[2], column, column_end);
  int64_t target = 0;
  for (int64_t r = row; r < row_end; ++r, target += width) {
    const int64_t z = r / w.out[1] * w.stride[0] + kd * w.dilate[0] - w.pad[0];
    const int64_t y = r % w.out[1] * w.stride[1] + kh * w.dilate[1] - w.pad[1];
    if (z < 0 || z >= w.in[0] || y < 0 || y >= w.in[1] || x.first == x.last) {
      gap(target, width);
      continue;
    }
    if (x.first > column) gap(target, x.first - column);
    f((z * w.in[1] + y) * w.in[2] + x.first * w.stride[2] + start, target + x.first - column,
      x.last - x.first);
    if (x.last < column_end) gap(target + x.last - column, column_end - x.last);
  }
}

}  // namespace

template <class T>
ConvolutionLoops<T>::ConvolutionLoops(const ConvolutionShape& shape, ScratchPlan& plan)
    : shape_(shape) {
  const Window& w = shape.window;
  const int64_t depth = std::max<int64_t>(1, shape.depth());
  const int64_t fitting = tile_bytes / int64_t(sizeof(T)) / depth;
  const int64_t positions = std::clamp(fitting, min_positions, max_positions);
  columns_per_tile_ = std::min(w.out[2], positions);
  tiles_across_ = ceil_div(w.out[2], columns_per_tile_);
  const int64_t rows = w.out[0] * w.out[1];
  rows_per_tile_ = std::clamp<int64_t>(positions / w.out[2], 1, rows);
  tiles_ = tiles_across_ * ceil_div(rows, rows_per_tile_);

  const int64_t copied = depth * columns_per_tile_ * rows_per_tile_;
  const int64_t work = shape.batch * shape.weights() * w.out_size();
  const int64_t wanted = std::max<int64_t>(1, work / worth_a_lane);
  const auto lanes = [&](int64_t most, int64_t items, int64_t elements) {
    const int64_t affordable = lane_budget / int64_t(sizeof(T)) / std::max<int64_t>(1, elements);
    return std::max<int64_t>(1, std::min({most, items, affordable, wanted}));
  };
  lanes_ = lanes(max_lanes, shape.batch * shape.groups * tiles_, copied);
  sum_lanes_ = std::min(lanes_, lanes(max_sum_lanes, shape.batch, shape.weights()));
  columns_offset_ = plan.add<T>(lanes_ * copied);
  if (sum_lanes_ > 1) sums_offset_ = plan.add<T>(sum_lanes_ * shape.weights());
}

template <class T>
T* ConvolutionLoops<T>::columns_of(int64_t lane, void* scratch) const {
  return piece_of<T>(scratch, columns_offset_) +
         lane * shape_.depth() * columns_per_tile_ * rows_per_tile_;
}

template <class T>
typename ConvolutionLoops<T>::Tile ConvolutionLoops<T>::tile(int64_t index) const {
  const Window& w = shape_.window;
  const int64_t row = index / tiles_across_ * rows_per_tile_;
  const int64_t column = index % tiles_across_ * columns_per_tile_;
  return {row, std::min(row + rows_per_tile_, w.out[0] * w.out[1]), column,
          std::min(column + columns_per_tile_, w.out[2])};
}

// columns (depth, positions) from the image of one group.
template <class T>
void ConvolutionLoops<T>::copy_windows(const T* image, const Tile& tile, T* columns) const {
  const Window& w = shape_.window;
  const int64_t stride = w.stride[2];
  for (int64_t c = 0; c < shape_.channels; ++c, image += w.in_size()) {
    for (int64_t k = 0; k < w.kernel_size(); ++k, columns += tile.positions()) {
      const int64_t kw = k % w.kernel[2], kh = k / w.kernel[2] % w.kernel[1];
      walk_row<T>(
          w, k / (w.kernel[2] * w.kernel[1]), kh, kw, tile.row, tile.row_end, tile.column,
          tile.column_end,
          [&](int64_t from, int64_t to, int64_t count) {
            if (stride == 1) {
              std::memcpy(columns + to, image + from, size_t(count) * sizeof(T));
            } else {
              for (int64_t i = 0; i < count; ++i) columns[to + i] = image[from + i * stride];
            }
          },
          [&](int64_t to, int64_t count) { std::fill_n(columns + to, count, T(0)); });
    }
  }
}

// The adjoint: adds columns into the image they were copied from.
template <class T>
void ConvolutionLoops<T>::add_windows(const T* columns, const Tile& tile, T* image) const {
  const Window& w = shape_.window;
  const int64_t stride = w.stride[2];
  for (int64_t c = 0; c < shape_.channels; ++c, image += w.in_size()) {
    for (int64_t k = 0; k < w.kernel_size(); ++k, columns += tile.positions()) {
      const int64_t kw = k % w.kernel[2], kh = k / w.kernel[2] % w.kernel[1];
      walk_row<T>(
          w, k / (w.kernel[2] * w.kernel[1]), kh, kw, tile.row, tile.row_end, tile.column,
          tile.column_end,
          [&](int64_t to, int64_t from, int64_t count) {
            for (int64_t i = 0; i < count; ++i) image[to + i * stride] += columns[from + i];
          },
          [](int64_t, int64_t) {});
    }
  }
}

template <class T>
void ConvolutionLoops<T>::forward(Pool& pool, const T* data, const T* weight, const T* bias, T* out,
                                  bool adds, void* scratch) const {
  const int64_t positions = shape_.window.out_size(), depth = shape_.depth();
  const int64_t items = shape_.batch * shape_.groups * tiles_;
  pool.parallel_for(0, lanes_, 1, [&](int64_t begin, int64_t end) {
    for (int64_t lane = begin; lane < end; ++lane) {
      T* const columns = columns_of(lane, scratch);
      for (int64_t i = items * lane / lanes_; i < items * (lane + 1) / lanes_; ++i) {
        const int64_t image = i / tiles_, group = image % shape_.groups;
        const Tile part = tile(i % tiles_);
        copy_windows(data + image * shape_.channels * shape_.window.in_size(), part, columns);
        T* const written = out + image * shape_.filters * positions +
                           part.row * shape_.window.out[2] + part.column;
        for (int64_t f = 0; f < shape_.filters; ++f) {
          T* const row = written + f * positions;
          const T start = bias ? bias[group * shape_.filters + f] : T(0);
          for (int64_t j = 0; j < part.positions(); ++j) row[j] = adds ? row[j] + start : start;
        }
        blas::gemm(shape_.filters, part.positions(), depth,
                   blas::row_major(weight + group * shape_.filters * depth, depth),
                   blas::row_major<T>(columns, part.positions()), written, positions, true);
      }
    }
  });
}

template <class T>
void ConvolutionLoops<T>::backward_data(Pool& pool, const T* out_grad, const T* weight,
                                        T* data_grad, bool adds, void* scratch) const {
  const int64_t positions = shape_.window.out_size(), depth = shape_.depth();
  const int64_t plane = shape_.channels * shape_.window.in_size();
  const int64_t items = shape_.batch * shape_.groups;
  // The tiles of one image overlap in its gradient, so an image stays on one lane.
  const int64_t lanes = std::min(lanes_, items);
  pool.parallel_for(0, lanes, 1, [&](int64_t begin, int64_t end) {
    for (int64_t lane = begin; lane < end; ++lane) {
      T* const columns = columns_of(lane, scratch);
      for (int64_t i = items * lane / lanes; i < items * (lane + 1) / lanes; ++i) {
        T* const image = data_grad + i * plane;
        if (!adds) std::fill_n(image, plane, T(0));
        for (int64_t t = 0; t < tiles_; ++t) {
          const Tile part = tile(t);
          const T* const read = out_grad + i * shape_.filters * positions +
                                part.row * shape_.window.out[2] + part.column;
          blas::gemm(depth, part.positions(), shape_.filters,
                     blas::transposed(weight + i % shape_.groups * shape_.filters * depth, depth),
                     blas::row_major(read, positions), columns, part.positions(), false);
          add_windows(columns, part, image);
        }
      }
    }
  });
}

template <class T>
void ConvolutionLoops<T>::backward_weight(Pool& pool, const T* out_grad, const T* data,
                                          T* weight_grad, bool adds, void* scratch) const {
  const int64_t positions = shape_.window.out_size(), depth = shape_.depth();
  const int64_t group_weights = shape_.filters * depth;
  const int64_t items = shape_.batch * shape_.groups;
  T* const sums = sum_lanes_ > 1 ? piece_of<T>(scratch, sums_offset_) : weight_grad;
  pool.parallel_for(0, sum_lanes_, 1, [&](int64_t begin, int64_t end) {
    for (int64_t lane = begin; lane < end; ++lane) {
      T* const columns = columns_of(lane, scratch);
      T* const sum = sums + lane * shape_.weights();
      if (sum_lanes_ > 1 || !adds) std::fill_n(sum, shape_.weights(), T(0));
      for (int64_t i = items * lane / sum_lanes_; i < items * (lane + 1) / sum_lanes_; ++i) {
        for (int64_t t = 0; t < tiles_; ++t) {
          const Tile part = tile(t);
          copy_windows(data + i * shape_.channels * shape_.window.in_size(), part, columns);
          const T* const read = out_grad + i * shape_.filters * positions +
                                part.row * shape_.window.out[2] + part.column;
          blas::gemm(shape_.filters, depth, part.positions(), blas::row_major(read, positions),
                     blas::transposed<T>(columns, part.positions()),
                     sum + i % shape_.groups * group_weights, depth, true);
        }
      }
    }
  });
  if (sum_lanes_ == 1) return;
  pool.parallel_for(0, shape_.weights(), 1 << 12, [&](int64_t begin, int64_t end) {
    if (!adds) std::fill(weight_grad + begin, weight_grad + end, T(0));
    for (int64_t lane = 0; lane < sum_lanes_; ++lane) {
      const T* const sum = sums + lane * shape_.weights();
      for (int64_t i = begin; i < end; ++i) weight_grad[i] += sum[i];
    }
  });
}

template <class T>
void sum_per_channel(Pool& pool, const T* out_grad, int64_t batch, int64_t filters,
                     int64_t positions, T* bias_grad, bool adds) {
  int64_t grain = std::max<int64_t>(1, (1 << 14) / std::max<int64_t>(1, batch * positions));
  if (positions == 1) {  // a column sum: take the rows in stretches
    constexpr int64_t stretch = 64;
    grain = std::max(grain, stretch);
    pool.parallel_for(0, filters, grain, [&](int64_t begin, int64_t end) {
      for (int64_t f = begin; f < end; f += stretch) {
        const int64_t width = std::min(stretch, end - f);
        double sums[stretch] = {};
        for (int64_t n = 0; n < batch; ++n) {
          for (int64_t i = 0; i < width; ++i) sums[i] += double(out_grad[n * filters + f + i]);
        }
        for (int64_t i = 0; i < width; ++i) {
          bias_grad[f + i] = (adds ? bias_grad[f + i] : T(0)) + T(sums[i]);
        }
      }
    });
    return;
  }
  pool.parallel_for(0, filters, grain, [&](int64_t begin, int64_t end) {
    for (int64_t f = begin; f < end; ++f) {
      double sum = 0;
      for (int64_t n = 0; n < batch; ++n) {
        const T* const row = out_grad + (n * filters + f) * positions;
        for (int64_t i = 0; i < positions; ++i) sum += double(row[i]);
      }
      bias_grad[f] = (adds ? bias_grad[f] : T(0)) + T(sum);
    }
  });
}

#define TREADLE_LOOPS_FOR(T)          \
  template class ConvolutionLoops<T>; \
  template void sum_per_channel<T>(Pool&, const T*, int64_t, int64_t, int64_t, T*, bool);
TREADLE_LOOPS_FOR(float)
TREADLE_LOOPS_FOR(double)
#undef TREADLE_LOOPS_FOR

}  // namespace treadle::ops
