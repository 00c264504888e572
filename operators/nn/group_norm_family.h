// What GroupNorm and InstanceNorm have in common: kernels over (batch, groups, size). Derive with
// `static GroupNormShape geometry(const Params&, const Shape& data)`.
#pragma once

#include "treadle/operators/nn/normalization.h"
#include "treadle/operators/op.h"
#include "treadle/operators/softmax.h"

namespace treadle::ops {

template <class Op>
struct GroupNormFamily {
  static constexpr auto inputs = names("data", "gamma", "beta");

  static size_t scratch_bytes(const KernelQuery& query) {
    if (query.outputs.size() < 3 || query.inputs.size() < 5) return 0;  // forward
    return 2 * sizeof(double) * size_t(query.inputs[3].shape.elements());
  }

  template <DeviceKind D, class Params>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Tensor x = call.read(in(0));
    with_floating_type(x.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      const auto to = [&](int i) {
        return Written<T>{call.write(out(i)).template as<T>(), call.request(out(i))};
      };
      group_norm_forward<T, decltype(computed)>(
          call.pool(), Op::geometry(p, x.shape()), x.as<T>(), call.read(in(1)).template as<T>(),
          call.read(in(2)).template as<T>(), to(0), to(1), to(2));
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1), out(1), out(2));

  template <DeviceKind D, class Params>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Tensor x = call.read(in(0));
    with_floating_type(x.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      const auto from = [&](Slot slot) { return call.read(slot).template as<const T>(); };
      const auto to = [&](int i) {
        return Written<T>{call.write(in_grad(i)).template as<T>(), call.request(in_grad(i))};
      };
      group_norm_backward<T, C>(call.pool(), Op::geometry(p, x.shape()), from(out_grad(0)),
                                from(in(0)), from(in(1)), from(out(1)), from(out(2)), to(0), to(1),
                                to(2), static_cast<C*>(call.scratch()));
    });
  }
};

}  // namespace treadle::ops
