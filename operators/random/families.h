// What the operators of this folder have in common: outputs filled with random numbers.
#pragma once

#include <optional>
#include <string>

#include "treadle/device/pool.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/random/distributions.h"
#include "treadle/operators/softmax.h"

namespace treadle::ops {

// Element i of `made` = distribution_of(i)(its own random numbers), or is added.
template <class DistributionOf>
void fill_random(const Tensor& made, RandomKey key, Request request, Pool& pool,
                 const DistributionOf& distribution_of) {
  if (request == Request::null) return;
  with_floating_type(made.type(), [&](auto stored, auto computed) {
    using T = decltype(stored);
    using C = decltype(computed);
    T* const to = made.as<T>();
    pool.parallel_for(0, made.elements(), 1024, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        Draws draws(key, i);
        const C number = C(distribution_of(i)(draws));
        to[i] = T(request == Request::add ? C(to[i]) + number : number);
      }
    });
  });
}

inline constexpr std::string_view random_ctx_doc =
    "The device, for calls on arrays; an executor computes it where it is bound.";
inline constexpr std::string_view random_dtype_doc = "The type of the output; None: float32.";
inline constexpr std::string_view random_shape_doc =
    "The shape of the output; empty: what follows from its use.";

// Op::distribution(p): numbers of one distribution, in a new array.
template <class Op, class P>
struct RandomArray {
  static constexpr std::array<std::string_view, 0> inputs = {};
  static constexpr bool has_effects = true;
  using Params = P;
  static void infer_shape(const P& p, ShapeInference& s) {
    s.set(out(0), p.shape, "shape says so");
  }
  static void infer_type(const P& p, TypeInference& t) {
    t.set(out(0), p.dtype.value_or(DType::f32));
  }
  static std::string refuse(const P& p, const KernelQuery&) {
    if (!p.dtype || is_floating(*p.dtype)) return {};
    return concat("dtype is ", *p.dtype, "; random numbers are of a floating type");
  }
  template <DeviceKind D>
  static void forward(const P& p, Call<D>& call) {
    const auto distribution = Op::distribution(p);
    fill_random(call.write(out(0)), call.random(), call.request(out(0)), call.pool(),
                [&](int64_t) { return distribution; });
  }
};

// The same in the shape and type of data.
template <class Op, class P>
struct RandomLike {
  static constexpr auto inputs = names("data");
  static constexpr bool has_effects = true;
  using Params = P;
  static void infer_shape(const P&, ShapeInference& s) { s.unify(in(0), out(0)); }
  template <DeviceKind D>
  static void forward(const P& p, Call<D>& call) {
    const auto distribution = Op::distribution(p);
    fill_random(call.write(out(0)), call.random(), call.request(out(0)), call.pool(),
                [&](int64_t) { return distribution; });
  }
};

struct SampleParams {
  Shape shape;
  std::optional<DType> dtype;
  static constexpr auto fields =
      reflect(field("shape", &SampleParams::shape, at_least(1),
                    "How many numbers of each distribution; empty: one."),
              field("dtype", &SampleParams::dtype,
                    "The type of the output; None: that of the parameters."));
};

// Op::distribution(a, b): numbers of many distributions, whose parameters are the inputs; their
// axes come first, those of `shape` follow.
template <class Op, int num_parameters>
struct RandomRows {
  static constexpr bool has_effects = true;
  static constexpr bool zero_gradient = true;
  using Params = SampleParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    if constexpr (num_parameters == 2) s.unify(in(0), in(1));
    const Shape each = s.shape(in(0));
    if (each.empty()) return;
    std::vector<int64_t> made(each.begin(), each.end());
    made.insert(made.end(), p.shape.begin(), p.shape.end());
    s.set(out(0), Shape(made), [&] { return concat("the parameters have shape ", each); });
  }
  static void infer_type(const Params& p, TypeInference& t) {
    if constexpr (num_parameters == 2) t.unify(in(0), in(1));
    p.dtype ? t.set(out(0), *p.dtype) : t.unify(in(0), out(0));
  }

  static double parameter(const Tensor& tensor, int64_t i) {
    double value = 0;
    with_floating_type(tensor.type(), [&](auto stored, auto) {
      value = double(tensor.as<decltype(stored)>()[i]);
    });
    return value;
  }

  template <DeviceKind D>
  static void forward(const Params&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor made = call.write(out(0)), first = call.read(in(0));
    const Tensor second = call.read(in(num_parameters - 1));
    const int64_t count = made.elements() / std::max<int64_t>(1, first.elements());
    fill_random(made, call.random(), call.request(out(0)), call.pool(), [&](int64_t i) {
      return Op::distribution(parameter(first, i / count), parameter(second, i / count));
    });
  }
};

}  // namespace treadle::ops
