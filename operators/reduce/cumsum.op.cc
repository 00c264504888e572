// _np_cumsum: sums of the elements up to each.
#include <algorithm>
#include <optional>

#include "treadle/operators/dispatch.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/reduce/reduced_shape.h"
#include "treadle/operators/store.h"

namespace treadle::ops {
namespace {

struct CumSum {
  static constexpr auto name = "_np_cumsum";
  static constexpr auto aliases = names("cumsum");
  static constexpr auto doc =
      "The sum of the elements up to each along an axis, or of all elements in order, as one row.";
  static constexpr auto inputs = names("a");
  static constexpr TypeSet types = all_types;

  struct Params {
    std::optional<int> axis;
    std::optional<DType> dtype;
    static constexpr auto fields = reflect(
        field("axis", &Params::axis,
              "The axis; negative ones count from the last, None: all elements are one row."),
        field("dtype", &Params::dtype,
              "Type of the output; None: that of a, int64 where that is bool."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape a = s.shape(in(0));
    if (p.axis) {
      if (!a.empty()) checked_axis(s, "axis", *p.axis, a);
      return s.unify(in(0), out(0));
    }
    if (s.is_known(in(0)))
      s.set(out(0), {a.elements()}, [&] { return concat("a has ", a.elements(), " elements"); });
  }
  static void infer_type(const Params& p, TypeInference& t) {
    if (p.dtype) return t.set(out(0), *p.dtype);
    if (t.type(in(0)) == DType::boolean) return t.set(out(0), DType::i64);
    t.unify(in(0), out(0));
  }
  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor a = call.read(in(0));
    accumulate(call.pool(), a, call.write(out(0)), a.shape(), p, call.request(out(0)), false);
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor made = call.write(in_grad(0));
    accumulate(call.pool(), call.read(out_grad(0)), made, made.shape(), p, call.request(in_grad(0)),
               true);
  }

 private:
  // Sums along the axis of `shape`, from its end with `from_end`, in double or 64 bits.
  static void accumulate(Pool& pool, const Tensor& from, const Tensor& to, const Shape& shape,
                         const Params& p, Request request, bool from_end) {
    int64_t outer = 1, count = shape.elements(), inner = 1;
    if (p.axis) {
      const int axis = *p.axis < 0 ? *p.axis + shape.ndim() : *p.axis;
      outer = shape.elements(0, axis);
      count = shape[axis];
      inner = shape.elements(axis + 1, shape.ndim());
    }
    // Neighbours are summed together: their rows lie next to each other in memory.
    constexpr int64_t width = 64;
    const int64_t blocks = (inner + width - 1) / width;
    const int64_t grain = std::max<int64_t>(1, (1 << 14) / std::max<int64_t>(1, count * width));
    with_type(from.type(), [&](auto read) {
      with_type(to.type(), [&](auto written) {
        using In = decltype(read);
        using Out = decltype(written);
        // 16-bit types are made of float alone.
        using Held = std::conditional_t<std::is_arithmetic_v<Out>, Out, float>;
        using Sum = std::conditional_t<std::is_integral_v<In>, int64_t, double>;
        const In* const source = from.as<In>();
        Out* const target = to.as<Out>();
        pool.parallel_for(0, outer * blocks, grain, [&](int64_t begin, int64_t end) {
          for (int64_t block = begin; block < end; ++block) {
            const int64_t first = block % blocks * width, last = std::min(inner, first + width);
            const int64_t start = block / blocks * count * inner;
            Sum sums[width] = {};
            for (int64_t k = 0; k < count; ++k) {
              const int64_t row = start + (from_end ? count - 1 - k : k) * inner;
              for (int64_t i = first; i < last; ++i) {
                sums[i - first] += Sum(source[row + i]);
                store(target[row + i], Held(sums[i - first]), request);
              }
            }
          }
        });
      });
    });
  }
};
TREADLE_REGISTER_OP(CumSum);

}  // namespace
}  // namespace treadle::ops
