// What the update operators share: one pass over weight, gradient and states.
//
// An update's rule is a functor with
//   template <class C> C operator()(C weight, C gradient, C (&state)[N]) const;
// which changes the states and returns the new weight; C is float or double. In the forms for
// mixed precision the states are float and the last one is the weight in float, from which the
// 16-bit one is rounded.
#pragma once

#include "treadle/device/pool.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/isa.h"
#include "treadle/operators/softmax.h"
#include "treadle/operators/store.h"

namespace treadle::ops {

template <class C>
inline C bounded(C value, float bound) {
  const C limit = C(bound);
  return bound < 0 ? value : value > limit ? limit : value < -limit ? -limit : value;
}

// One array's worth of an update. S is the type of the states.
template <class T, class S, int N>
struct UpdateArrays {
  static constexpr int num_states = N;
  int64_t elements = 0;
  const T* weight = nullptr;
  const T* gradient = nullptr;
  S* states[N > 0 ? N : 1] = {};
  S* weight32 = nullptr;  // mixed precision only
  T* out = nullptr;
  Request request = Request::write;
};

template <class T, class C>
inline void set(T& to, C value) {
  to = T(value);
}

// Elements begin to end. `arrays` and `rule` are copies, which no store can be thought to change,
// so that the loop becomes vector instructions; `put(i, value)` writes the new weight.
template <bool is_mixed, class C, class Arrays, class Rule, class Put>
inline void update_range(const Arrays arrays, const Rule rule, int64_t begin, int64_t end,
                         const Put put) {
  constexpr int N = Arrays::num_states;
  TREADLE_INDEPENDENT
  for (int64_t i = begin; i < end; ++i) {
    C state[N > 0 ? N : 1] = {};
    for (int k = 0; k < N; ++k) state[k] = C(arrays.states[k][i]);
    C weight;
    if constexpr (is_mixed) {
      weight = C(arrays.weight32[i]);
    } else {
      weight = C(arrays.weight[i]);
    }
    const C made = rule(weight, C(arrays.gradient[i]), state);
    for (int k = 0; k < N; ++k) set(arrays.states[k][i], state[k]);
    if constexpr (is_mixed) set(arrays.weight32[i], made);
    put(i, made);
  }
}

// Arrays is an UpdateArrays, or has its members in types of its own.
template <bool is_mixed, class C, class Arrays, class Rule>
void run_update(Pool& pool, const Arrays& a, const Rule& rule) {
  const Request request = a.request;
  pool.parallel_for(0, a.elements, 1 << 15, [&](int64_t begin, int64_t end) {
    run_for_best_isa([&] {
      auto* const to = a.out;
      if (request == Request::write) {
        update_range<is_mixed, C>(a, rule, begin, end,
                                  [=](int64_t i, C made) { set(to[i], made); });
      } else {
        update_range<is_mixed, C>(a, rule, begin, end, [=](int64_t i, C made) {
          if (request == Request::add) store(to[i], made, request);
        });
      }
    });
  });
}

// Weight in(2i), gradient in(2i + 1), states aux(iN) … aux(iN + N - 1), result out(i), all of one
// type; i is 0 for operators that update one weight.
template <int N, class Rule, DeviceKind D>
void update(Call<D>& call, const Rule& rule, int i = 0) {
  const Tensor weight = call.read(in(2 * i));
  with_floating_type(weight.type(), [&](auto stored, auto computed) {
    using T = decltype(stored);
    UpdateArrays<T, T, N> a{.elements = weight.elements(),
                            .weight = weight.as<T>(),
                            .gradient = call.read(in(2 * i + 1)).template as<T>(),
                            .out = call.write(out(i)).template as<T>(),
                            .request = call.request(out(i))};
    for (int k = 0; k < N; ++k) a.states[k] = call.read(aux(i * N + k)).template as<T>();
    run_update<false, decltype(computed)>(call.pool(), a, rule);
  });
}

// The same with float states, and the weight in float behind them.
template <int N, class Rule, DeviceKind D>
void mixed_update(Call<D>& call, const Rule& rule, int i = 0) {
  const Tensor weight = call.read(in(2 * i));
  const int first = i * (N + 1);
  const auto run = [&](auto stored) {
    using T = decltype(stored);
    UpdateArrays<T, float, N> a{.elements = weight.elements(),
                                .weight = weight.as<T>(),
                                .gradient = call.read(in(2 * i + 1)).template as<T>(),
                                .weight32 = call.read(aux(first + N)).template as<float>(),
                                .out = call.write(out(i)).template as<T>(),
                                .request = call.request(out(i))};
    for (int k = 0; k < N; ++k) a.states[k] = call.read(aux(first + k)).template as<float>();
    run_update<true, float>(call.pool(), a, rule);
  };
  switch (weight.type()) {
    case DType::f16: return run(f16());
    case DType::bf16: return run(bf16());
    case DType::f64: return run(double());
    default: return run(float());
  }
}

// Everything has the shape of the weight.
template <int States>
struct UpdateShapes {
  static constexpr bool has_effects = true;
  static constexpr auto may_share = shares(share(in(0), out(0)));
  template <class Params>
  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), in(1));
    s.unify(in(0), out(0));
    for (int k = 0; k < States; ++k) s.unify(in(0), aux(k));
  }
};

// Of mixed precision: weight and gradient of any floating type, states in float.
template <int States>
struct MixedUpdate : UpdateShapes<States> {
  template <class Params>
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), in(1));
    t.unify(in(0), out(0));
    for (int k = 0; k < States; ++k) t.set(aux(k), DType::f32);
  }
};

}  // namespace treadle::ops
