// What the operators that only move elements share: an output whose elements are a view of the
// input.
#pragma once

#include "treadle/operators/elementwise.h"
#include "treadle/operators/reduce.h"
#include "treadle/operators/reduce/reduced_shape.h"
#include "treadle/operators/view.h"

namespace treadle::ops {

// Where the output's elements lie in the input.
struct Moved {
  int64_t offset = 0;
  Axes axes;
};

// One array in, one out, of any type; a gradient knows only the shapes.
struct Moving {
  static constexpr auto inputs = names("data");
  static constexpr bool is_linear = true;
  static constexpr TypeSet types = all_types;
  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
  static void take(Call<D>& call, Slot to, Slot from, const Moved& moved) {
    const Tensor source = call.read(from), target = call.write(to);
    copy_from_view(target.type(),
                   source.as<char>() + moved.offset * int64_t(size_of(source.type())), moved.axes,
                   target.data, call.request(to), call.pool());
  }
  // The other way round. `covers`: every element of the target is in the view; others become 0.
  template <DeviceKind D>
  static void put(Call<D>& call, Slot to, Slot from, const Moved& moved, bool covers) {
    if (!call.is_wanted(to)) return;
    if (!covers && call.request(to) == Request::write) elementwise(call, to, Fill{0});
    const Tensor source = call.read(from), target = call.write(to);
    copy_to_view(target.type(), source.data,
                 target.as<char>() + moved.offset * int64_t(size_of(target.type())), moved.axes,
                 call.request(to), call.pool());
  }
};

// Op::moved(p, shape of data, shape of the output) says where the elements lie; each is taken once.
template <class Op, class P>
struct Rearranged : Moving {
  template <DeviceKind D>
  static void forward(const P& p, Call<D>& call) {
    if (call.write(out(0)).elements() == 0) return;
    take(call, out(0), in(0), Op::moved(p, call.read(in(0)).shape(), call.write(out(0)).shape()));
  }
  template <DeviceKind D>
  static void backward(const P& p, Call<D>& call) {
    const Shape &data = call.write(in_grad(0)).shape(), &made = call.read(out_grad(0)).shape();
    put(call, in_grad(0), out_grad(0), Op::moved(p, data, made),
        data.elements() == made.elements());
  }
};

// Data repeated: Op::walked(p, shape of data) is the output's shape with an axis of its own for
// each repetition, Op::kept(p, shape of data) the same with 1 there.
template <class Op, class P>
struct RepeatedView : Moving {
  static constexpr TypeSet types = numeric_types;
  template <DeviceKind D>
  static void forward(const P& p, Call<D>& call) {
    const Shape& data = call.read(in(0)).shape();
    take(call, out(0), in(0), {0, broadcast_axes(Op::kept(p, data), Op::walked(p, data))});
  }
  template <DeviceKind D>
  static void backward(const P& p, Call<D>& call) {
    const Shape& data = call.write(in_grad(0)).shape();
    reduce(call, in_grad(0), Op::walked(p, data), Op::kept(p, data), Fold::sum, Identity(),
           out_grad(0));
  }
};

}  // namespace treadle::ops
