// Deconvolution: a convolution run backwards. What Deconvolution and UpSampling compute with; the
// ConvolutionShape is that of the convolution whose gradient it is, from the output to the data.
#pragma once

#include <algorithm>

#include "treadle/device/pool.h"
#include "treadle/operators/nn/convolution_loops.h"
#include "treadle/operators/nn/staging.h"
#include "treadle/operators/op.h"

namespace treadle::ops {

// Inputs in(0) data (batch, channels, …), in(1) weight (channels, filters of a group, kernel…) and,
// if it has one, in(2) bias (filters); output out(0).
template <class T>
struct DeconvolutionPlan {
  ScratchPlan scratch;
  ConvolutionShape shape;
  ConvolutionLoops<T> loops;
  Staged<T> data, weight, bias, out, data_grad, weight_grad;

  DeconvolutionPlan(const ConvolutionShape& convolution, bool channels_last,
                    const TensorSpec& data_spec, const TensorSpec& weight_spec,
                    const TensorSpec* bias_spec, const TensorSpec& out_spec, bool is_backward)
      : shape(convolution), loops(convolution, scratch) {
    const auto order = [&](int64_t outer, int64_t pixels, int64_t channels) {
      return channels_last ? Transpose{outer, pixels, channels} : Transpose{};
    };
    const Window& w = shape.window;
    const int64_t channels = shape.groups * shape.filters;
    const Transpose data_order = order(shape.batch, w.out_size(), channels);
    const Transpose weight_order = order(channels, w.kernel_size(), shape.channels);
    data = Staged<T>(data_spec, data_order, scratch);
    weight = Staged<T>(weight_spec, weight_order, scratch);
    out = Staged<T>(out_spec, order(shape.batch, w.in_size(), filters()), scratch);
    if (bias_spec) bias = Staged<T>(*bias_spec, scratch);
    if (is_backward) {
      data_grad = Staged<T>(data_spec, data_order, scratch);
      weight_grad = Staged<T>(weight_spec, weight_order, scratch);
    }
  }

  int64_t filters() const { return shape.groups * shape.channels; }
};

// Adds bias (filters) to each position of y (batch, filters, positions).
template <class T>
void add_bias(Pool& pool, const T* bias, int64_t batch, int64_t filters, int64_t positions, T* y) {
  const int64_t grain = std::max<int64_t>(1, (1 << 14) / std::max<int64_t>(1, positions));
  pool.parallel_for(0, batch * filters, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      T* const to = y + row * positions;
      const T value = bias[row % filters];
      for (int64_t i = 0; i < positions; ++i) to[i] += value;
    }
  });
}

// Scratch bytes of a query of either kernel; backward's has out_grad, data, weight as inputs.
inline size_t deconvolution_scratch(const KernelQuery& query, const ConvolutionShape& shape,
                                    bool channels_last, bool is_backward) {
  const bool has_bias = (is_backward ? query.outputs : query.inputs).size() > 2;
  const auto& arrays = is_backward ? query.outputs : query.inputs;
  return in_compute_type(query.inputs[0].type, [&](auto zero) {
    return DeconvolutionPlan<decltype(zero)>(
               shape, channels_last, arrays[0], arrays[1], has_bias ? &arrays[2] : nullptr,
               is_backward ? query.inputs[0] : query.outputs[0], is_backward)
        .scratch.bytes();
  });
}

template <DeviceKind D>
void deconvolution_forward(Call<D>& call, const ConvolutionShape& shape, bool channels_last,
                           bool has_bias) {
  const Request request = call.request(slots::out(0));
  if (request == Request::null) return;
  in_compute_type(call.read(in(0)).type(), [&](auto zero) {
    using T = decltype(zero);
    Pool& pool = call.pool();
    void* const scratch = call.scratch();
    const Tensor data = call.read(in(0)), weight = call.read(in(1)),
                 out = call.write(slots::out(0));
    const Tensor bias = has_bias ? call.read(in(2)) : Tensor{};
    const DeconvolutionPlan<T> plan(shape, channels_last, *data.spec, *weight.spec, bias.spec,
                                    *out.spec, false);
    T* const y = plan.out.target(out, scratch);
    plan.loops.backward_data(pool, plan.data.load(pool, data, scratch),
                             plan.weight.load(pool, weight, scratch), y, plan.out.adds(request),
                             scratch);
    if (has_bias) {
      add_bias(pool, plan.bias.load(pool, bias, scratch), shape.batch, plan.filters(),
               shape.window.in_size(), y);
    }
    plan.out.store(pool, out, scratch, request);
  });
}

// Reads out_grad(0), in(0), in(1); writes the gradients of data, weight and, if it has one, bias.
template <DeviceKind D>
void deconvolution_backward(Call<D>& call, const ConvolutionShape& shape, bool channels_last,
                            bool has_bias) {
  in_compute_type(call.read(in(0)).type(), [&](auto zero) {
    using T = decltype(zero);
    Pool& pool = call.pool();
    void* const scratch = call.scratch();
    const Tensor out = call.read(out_grad(0)), data = call.read(in(0)), weight = call.read(in(1));
    const Tensor bias = has_bias ? call.write(in_grad(2)) : Tensor{};
    const DeconvolutionPlan<T> plan(shape, channels_last, *data.spec, *weight.spec, bias.spec,
                                    *out.spec, true);
    const T* const dy = plan.out.load(pool, out, scratch);
    const auto make = [&](int i, const Staged<T>& staged, const auto& compute) {
      const Request request = call.request(in_grad(i));
      if (request == Request::null) return;
      const Tensor grad = call.write(in_grad(i));
      compute(staged.target(grad, scratch), staged.adds(request));
      staged.store(pool, grad, scratch, request);
    };
    make(0, plan.data_grad, [&](T* grad, bool adds) {
      plan.loops.forward(pool, dy, plan.weight.load(pool, weight, scratch), nullptr, grad, adds,
                         scratch);
    });
    make(1, plan.weight_grad, [&](T* grad, bool adds) {
      plan.loops.backward_weight(pool, plan.data.load(pool, data, scratch), dy, grad, adds,
                                 scratch);
    });
    if (!has_bias) return;
    make(2, plan.bias, [&](T* grad, bool adds) {
      sum_per_channel(pool, dy, shape.batch, plan.filters(), shape.window.in_size(), grad, adds);
    });
  });
}

}  // namespace treadle::ops
