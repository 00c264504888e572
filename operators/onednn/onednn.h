// Kernels of oneDNN, behind functions that know nothing of its types. An operator asks one of them
// first and its reference last; each answers with a kernel or with the reason why not.
#pragma once

#include "treadle/operators/kernel.h"
#include "treadle/operators/nn/convolution_loops.h"
#include "treadle/operators/nn/pooling_loops.h"

#ifndef TREADLE_WITH_ONEDNN
#define TREADLE_WITH_ONEDNN 0
#endif

namespace treadle::onednn {

// False: the library is built without oneDNN and nothing below is defined.
inline constexpr bool is_built = TREADLE_WITH_ONEDNN;

// out (rows, columns) = data (rows, depth) * weight (columns, depth)^T + bias (columns).
// Inputs data, weight[, bias]; requests may add.
struct LinearShape {
  int64_t rows = 0;
  int64_t depth = 0;
  int64_t columns = 0;
};
Prepared linear_forward(const KernelQuery& query, const LinearShape& shape);
// Inputs out_grad, data, weight; outputs their gradients in the order data, weight[, bias].
Prepared linear_backward(const KernelQuery& query, const LinearShape& shape);

// Inputs data, weight[, bias].
Prepared convolution_forward(const KernelQuery& query, const ops::ConvolutionShape& shape,
                             ops::ImageLayout layout);
// Inputs out_grad, data, weight; outputs the gradients of data, weight[, bias].
Prepared convolution_backward(const KernelQuery& query, const ops::ConvolutionShape& shape,
                              ops::ImageLayout layout);

// The convolution backwards; `shape` is the convolution's, whose output is data. Inputs data,
// weight[, bias].
Prepared deconvolution_forward(const KernelQuery& query, const ops::ConvolutionShape& shape,
                               ops::ImageLayout layout);
// Inputs out_grad, data, weight; outputs the gradients of data, weight[, bias].
Prepared deconvolution_backward(const KernelQuery& query, const ops::ConvolutionShape& shape,
                                ops::ImageLayout layout);

// Input data.
Prepared pooling_forward(const KernelQuery& query, const ops::PoolingShape& shape);
// Inputs out_grad and, for maxima, data.
Prepared pooling_backward(const KernelQuery& query, const ops::PoolingShape& shape);

// Data is (outer, channels, inner).
struct BatchNormShape {
  int64_t outer = 1;
  int64_t channels = 1;
  int64_t inner = 1;
  float eps = 0;
  float momentum = 0;
  bool fix_gamma = false;
  bool use_global_stats = false;
};
// Inputs data, gamma, beta, moving mean, moving variance; outputs out, mean, 1 / deviation.
Prepared batch_norm_forward(const KernelQuery& query, const BatchNormShape& shape);
// Inputs out_grad, data, mean, 1 / deviation, gamma unless fixed, and unless the global statistics
// are used moving mean and variance, which it updates. Outputs the gradients of data, gamma, beta.
Prepared batch_norm_backward(const KernelQuery& query, const BatchNormShape& shape);

}  // namespace treadle::onednn
