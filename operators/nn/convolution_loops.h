// Convolution as matrix products over copied windows: the reference. Everything here is row-major
// and channels-first.
#pragma once

#include "treadle/operators/nn/scratch.h"
#include "treadle/operators/nn/window.h"

namespace treadle {
class Pool;
}

namespace treadle::ops {

struct ConvolutionShape {
  int64_t batch = 0;
  int64_t groups = 1;
  int64_t channels = 0;  // of one group
  int64_t filters = 0;   // of one group
  Window window;

  int64_t depth() const { return channels * window.kernel_size(); }  // of one output's sum
  int64_t data_image() const { return groups * channels * window.in_size(); }
  int64_t out_image() const { return groups * filters * window.out_size(); }
  int64_t weights() const { return groups * filters * depth(); }
};

// How the work is cut: `lanes` pieces run in parallel, each on items of its own and with its own
// copy of the windows of one tile of output positions. From the shapes alone, so that sums over
// the batch are made in the same order whatever the threads.
template <class T>
class ConvolutionLoops {
 public:
  ConvolutionLoops(const ConvolutionShape& shape, ScratchPlan& plan);

  // out (+)= data * weight + bias; bias may be null.
  void forward(Pool& pool, const T* data, const T* weight, const T* bias, T* out, bool adds,
               void* scratch) const;
  void backward_data(Pool& pool, const T* out_grad, const T* weight, T* data_grad, bool adds,
                     void* scratch) const;
  void backward_weight(Pool& pool, const T* out_grad, const T* data, T* weight_grad, bool adds,
                       void* scratch) const;

 private:
  // Output positions: rows [row, row_end) of the flattened (depth, height), columns
  // [column, column_end) of each; more than one row only when they are whole.
  struct Tile {
    int64_t row, row_end, column, column_end;
    int64_t positions() const { return (row_end - row) * (column_end - column); }
  };
  Tile tile(int64_t index) const;
  T* columns_of(int64_t lane, void* scratch) const;
  void copy_windows(const T* image, const Tile& tile, T* columns) const;
  void add_windows(const T* columns, const Tile& tile, T* image) const;

  ConvolutionShape shape_;
  int64_t rows_per_tile_ = 1, columns_per_tile_ = 1, tiles_across_ = 1, tiles_ = 1;
  int64_t lanes_ = 1, sum_lanes_ = 1;
  size_t columns_offset_ = 0, sums_offset_ = 0;
};

// bias_grad (filters) (+)= sum of out_grad (batch, filters, positions) over batch and positions.
template <class T>
void sum_per_channel(Pool& pool, const T* out_grad, int64_t batch, int64_t filters,
                     int64_t positions, T* bias_grad, bool adds);

}  // namespace treadle::ops
