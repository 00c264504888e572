// norm: the L1 or L2 norm along axes.
#include "treadle/device/pool.h"
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/number_at.h"
#include "treadle/operators/reduce/families.h"
#include "treadle/operators/softmax.h"
#include "treadle/operators/store.h"

namespace treadle::ops {
namespace {

struct Norm {
  static constexpr auto name = "norm";
  static constexpr auto doc =
      "The sum of absolute values (ord 1) or the root of the sum of squares (ord 2) of data along "
      "the given axes.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = numeric_types;

  struct Params {
    int ord = 2;
    std::optional<Shape> axis;
    std::optional<DType> out_dtype;
    bool keepdims = false;
    static constexpr auto fields = reflect(
        field("ord", &Params::ord, between(1, 2), "1: sum of absolute values; 2: root of squares."),
        field("axis", &Params::axis,
              "The axes to fold, all where none is given; negative ones count from the last."),
        field("out_dtype", &Params::out_dtype, "Type of the output; None: that of data."),
        field("keepdims", &Params::keepdims, "Keep folded axes, with extent 1."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    infer_reduced_shape(s, p.axis, p.keepdims, false);
  }
  static void infer_type(const Params& p, TypeInference& t) {
    p.out_dtype ? t.set(out(0), *p.out_dtype) : t.unify(in(0), out(0));
  }

  struct Absolute {
    static constexpr TypeSet types = numeric_types;
    template <class T>
    TREADLE_HD T operator()(T x) const {
      return x < T(0) ? Negate()(x) : x;
    }
  };
  struct Square {
    static constexpr TypeSet types = numeric_types;
    template <class T>
    TREADLE_HD T operator()(T x) const {
      return Multiply()(x, x);
    }
  };
  struct AbsoluteGradient {
    static constexpr TypeSet types = numeric_types;
    template <class T>
    TREADLE_HD T operator()(T dy, T x) const {
      return x > T(0) ? dy : x < T(0) ? Negate()(dy) : T(0);
    }
  };
  struct RootGradient {
    static constexpr TypeSet types = numeric_types;
    template <class T>
    TREADLE_HD T operator()(T dy, T y, T x) const {
      return Divide()(Multiply()(dy, x), y);
    }
  };

  static constexpr auto backward_reads = reads(out_grad(0), out(0), in(0));
  static std::string refuse(const Params&, const KernelQuery& query) {
    const bool is_backward = query.inputs.size() > 1;
    if (!is_backward || query.inputs[0].type == query.outputs[0].type) return {};
    if (is_floating(query.outputs[0].type)) return {};
    return concat("with out_dtype ", query.inputs[0].type, " for data of type ",
                  query.outputs[0].type, " there is no gradient");
  }

  // Where out_dtype is not the type of data; `axes` repeat the output to data's shape.
  template <DeviceKind D>
  static void backward_of_other_type(const Params& p, Call<D>& call, const Axes& axes) {
    const Tensor heads = call.read(out_grad(0)), made = call.read(out(0)), data = call.read(in(0));
    const Tensor to = call.write(in_grad(0));
    if (!call.is_wanted(in_grad(0))) return;
    with_floating_type(to.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      call.pool().parallel_for(0, to.elements(), 1024, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const int64_t at = axes.offset(i);
          const double dy = number_at(heads, at), x = number_at(data, i);
          store(to.as<T>()[i],
                C(p.ord == 1 ? AbsoluteGradient()(dy, x)
                             : RootGradient()(dy, number_at(made, at), x)),
                call.request(in_grad(0)));
        }
      });
    });
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const Shape& data = call.read(in(0)).shape();
    const Shape kept = kept_shape(p.axis, false, data);
    if (p.ord == 1) return reduce(call, out(0), data, kept, Fold::sum, Absolute(), in(0));
    reduce(call, out(0), data, kept, {Fold::sum, 1, true}, Square(), in(0));
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Shape& data = call.read(in(0)).shape();
    const Axes axes = broadcast_axes(kept_shape(p.axis, false, data), data);
    if (call.read(out_grad(0)).type() != call.read(in(0)).type()) {
      return backward_of_other_type(p, call, axes);
    }
    const Viewed dy(out_grad(0), axes), y(out(0), axes);
    if (p.ord == 1) return elementwise(call, in_grad(0), AbsoluteGradient(), dy, in(0));
    elementwise(call, in_grad(0), RootGradient(), dy, y, in(0));
  }
};
TREADLE_REGISTER_OP(Norm);

}  // namespace
}  // namespace treadle::ops
