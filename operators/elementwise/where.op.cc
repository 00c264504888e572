// where: elements of x where the condition is not 0, of y elsewhere.
#include <algorithm>

#include "treadle/device/pool.h"
#include "treadle/graph/partial_shapes.h"
#include "treadle/operators/copy_run.h"
#include "treadle/operators/dispatch.h"
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/isa.h"

namespace treadle::ops {
namespace {

struct Where {
  static constexpr auto name = "where";
  static constexpr auto doc =
      "Elements of x where condition is not 0, of y elsewhere. The condition has their shape, or "
      "is one number per element of their first axis.";
  static constexpr auto inputs = names("condition", "x", "y");
  static constexpr TypeSet types = all_types;

  static void infer_shape(const NoParams&, ShapeInference& s) {
    s.unify(in(1), in(2));
    s.unify(in(1), out(0));
    const Shape condition = s.shape(in(0)), x = s.shape(in(1));
    if (condition.empty() || x.empty()) return;
    if (condition.ndim() == x.ndim()) {
      s.unify(in(0), in(1));
      return s.unify(in(1), out(0));
    }
    if (condition.ndim() != 1) {
      s.fail(concat("condition has shape ", condition, " and x has ", x,
                    "; the condition is expected "
                    "to have that shape, or one axis as long as the first of x."));
    }
    s.set(in(0), Shape{x[0]}, [&] { return concat("x has shape ", x); });
  }
  static void infer_type(const NoParams&, TypeInference& t) {
    t.unify(in(1), in(2));
    t.unify(in(1), out(0));
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0));

  // Calls visit(whether the condition holds, first, count) for runs of elements.
  template <DeviceKind D, class Visit>
  static void each_run(Call<D>& call, const Tensor& made, const Visit& visit) {
    const Tensor condition = call.read(in(0));
    const int64_t run = made.elements() / condition.elements();
    const int64_t grain = std::max<int64_t>(1, (1 << 14) / run);
    with_type(condition.type(), [&](auto value) {
      using C = decltype(value);
      const C* const holds = condition.as<C>();
      call.pool().parallel_for(0, condition.elements(), grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) visit(holds[i] != C(0), i * run, run);
      });
    });
  }

  // made = x or y, element by element: the condition is brought to the width of the elements first,
  // a tile at a time, so that both loops become vector instructions.
  template <DeviceKind D, class U>
  static void select(Call<D>& call, const U* x, const U* y, const Tensor& made) {
    constexpr int64_t tile = 1024;
    const Tensor condition = call.read(in(0));
    with_type(condition.type(), [&](auto value) {
      using C = decltype(value);
      const C* const holds = condition.as<C>();
      U* const to = made.as<U>();
      call.pool().parallel_for(0, made.elements(), 1 << 15, [&](int64_t begin, int64_t end) {
        run_for_best_isa([&] {
          U mask[tile];
          for (int64_t i = begin; i < end; i += tile) {
            const int64_t count = std::min(tile, end - i);
            for (int64_t k = 0; k < count; ++k) mask[k] = holds[i + k] != C(0) ? U(~U(0)) : U(0);
            TREADLE_INDEPENDENT
            for (int64_t k = 0; k < count; ++k) {
              to[i + k] = U((x[i + k] & mask[k]) | (y[i + k] & ~mask[k]));
            }
          }
        });
      });
    });
  }

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    const Request request = call.request(out(0));
    if (request == Request::null) return;
    const Tensor made = call.write(out(0));
    const size_t size = size_of(made.type());
    const char *x = call.read(in(1)).template as<char>(), *y = call.read(in(2)).template as<char>();
    if (request == Request::write) {
      return with_size(size, [&](auto unit) {
        using U = decltype(unit);
        const U *from_x = reinterpret_cast<const U*>(x), *from_y = reinterpret_cast<const U*>(y);
        if (call.read(in(0)).elements() == made.elements()) {
          return select(call, from_x, from_y, made);
        }
        each_run(call, made, [&](bool holds, int64_t first, int64_t count) {
          copy_run(made.as<U>() + first, (holds ? from_x : from_y) + first,
                   size_t(count) * sizeof(U));
        });
      });
    }
    with_type(made.type(), [&](auto value) {
      using T = decltype(value);
      const T *from_x = reinterpret_cast<const T*>(x), *from_y = reinterpret_cast<const T*>(y);
      each_run(call, made, [&](bool holds, int64_t first, int64_t count) {
        const T* const from = holds ? from_x : from_y;
        for (int64_t i = first; i < first + count; ++i) {
          made.as<T>()[i] = T(made.as<T>()[i] + from[i]);
        }
      });
    });
  }

  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    elementwise(call, in_grad(0), Fill{0});
    for (int i = 1; i <= 2; ++i) {
      const Request request = call.request(in_grad(i));
      if (request == Request::null) continue;
      const Tensor made = call.write(in_grad(i));
      with_type(made.type(), [&](auto value) {
        using T = decltype(value);
        const T* const from = call.read(out_grad(0)).template as<T>();
        T* const to = made.as<T>();
        each_run(call, made, [&](bool holds, int64_t first, int64_t count) {
          const bool passes = holds == (i == 1);
          for (int64_t k = first; k < first + count; ++k) {
            const T old = request == Request::add ? to[k] : T(0);
            to[k] = passes ? T(old + from[k]) : old;
          }
        });
      });
    }
  }

  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    const Term dy = head_term(g, 0), zero = dy.apply("zeros_like");
    const auto chosen = [&](const Term& x, const Term& y) {
      return g.apply("where", {g.in(0), x.entry(), y.entry()});
    };
    g.set_in_grad(1, chosen(dy, zero));
    g.set_in_grad(2, chosen(zero, dy));
  }
};
TREADLE_REGISTER_OP(Where);

// As in MXNet, whose partial answer waits for the condition.
bool is_undecided(const void*, const ShapeInference& s) {
  return !s.shape(in(0)).empty() && !s.is_known(in(0));
}
[[maybe_unused]] const bool may_be_undecided = [] {
  OpRegistry::instance().extend(Where::name, [](OpRecord& record) {
    record.attributes.edit<PartialShapes>().is_undecided = is_undecided;
  });
  return true;
}();

}  // namespace
}  // namespace treadle::ops
