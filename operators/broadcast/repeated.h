// What broadcast_to, broadcast_axis and broadcast_like have in common: one array, repeated along
// axes of extent 1 to the shape of the output, which has as many axes.
#pragma once

#include "treadle/operators/broadcast/broadcast_shape.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/reduce.h"

namespace treadle::ops {

struct Repeated {
  static constexpr TypeSet types = numeric_types;
  static constexpr bool is_linear = true;
  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
  static void repeat(Call<D>& call) {
    const Tensor data = call.read(in(0)), made = call.write(out(0));
    copy_from_view(data.type(), data.data, broadcast_axes(data.shape(), made.shape()), made.data,
                   call.request(out(0)), call.pool());
  }
  template <DeviceKind D>
  static void add_up(Call<D>& call) {
    reduce(call, in_grad(0), call.read(out_grad(0)).shape(), call.write(in_grad(0)).shape(),
           Fold::sum, Identity(), out_grad(0));
  }
};

}  // namespace treadle::ops
