// What the updates of many weights by LAMB share.
#pragma once

#include "treadle/operators/optimizer/lamb.h"
#include "treadle/operators/optimizer/many.h"

namespace treadle::ops {

struct ManyLambParams {
  std::vector<double> learning_rates;
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-6f;
  std::vector<double> wds;
  float rescale_grad = 1;
  float lower_bound = -1;
  float upper_bound = -1;
  float clip_gradient = -1;
  bool bias_correction = true;
  Shape step_count;
  int num_tensors = 1;
  static constexpr auto fields = reflect(
      field("learning_rates", &ManyLambParams::learning_rates, required,
            "Learning rate of each weight."),
      field("beta1", &ManyLambParams::beta1, "Decay of the means."),
      field("beta2", &ManyLambParams::beta2, "Decay of the squares."),
      field("epsilon", &ManyLambParams::epsilon, "Keeps the divisors from 0."),
      field("wds", &ManyLambParams::wds, required, "Weight decay of each weight."),
      field("rescale_grad", &ManyLambParams::rescale_grad, "Factor of the gradients."),
      field("lower_bound", &ManyLambParams::lower_bound, "Least norm of a weight; negative: none."),
      field("upper_bound", &ManyLambParams::upper_bound,
            "Largest norm of a weight; negative: none."),
      field("clip_gradient", &ManyLambParams::clip_gradient,
            "Bound of the gradients' size; negative: none."),
      field("bias_correction", &ManyLambParams::bias_correction,
            "Make up for averages that begin at 0."),
      field("step_count", &ManyLambParams::step_count, required,
            "Number of each weight's step, from 1."),
      field("num_tensors", &ManyLambParams::num_tensors, between(1, most_arrays),
            "Number of weights."));

  int count() const { return num_tensors; }
  void check(ShapeInference& s) const {
    check_list(s, "learning_rates", learning_rates.size(), "num_tensors", num_tensors);
    check_list(s, "wds", wds.size(), "num_tensors", num_tensors);
    check_list(s, "step_count", size_t(step_count.ndim()), "num_tensors", num_tensors);
    for (int64_t step : step_count) {
      if (step < 1) s.fail(concat("step_count holds ", step, "; steps are numbered from 1."));
    }
  }
};

template <bool is_mixed>
struct ManyLambArrays : AdamArrays<is_mixed> {
  static constexpr auto shared = names();
  static int64_t shared_size(const ManyLambParams&) { return 0; }
};

// All of an operator but its name.
template <bool is_mixed>
struct ManyLamb : ManyUpdate<ManyLambParams, ManyLambArrays<is_mixed>> {
  // The direction of one weight at a time.
  static size_t scratch_bytes(const KernelQuery& query) {
    int64_t most = 0;
    for (const TensorSpec& spec : query.outputs) most = std::max(most, spec.shape.elements());
    return size_t(most) * sizeof(double);
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const ManyLambParams& p, Call<D>& call) {
    for (int i = 0; i < p.count(); ++i) {
      with_floating_type(call.read(in(2 * i)).type(), [&](auto stored, auto computed) {
        using T = decltype(stored);
        using C = std::conditional_t<is_mixed, float, decltype(computed)>;
        step<T, C>(p, call, i);
      });
    }
  }

 private:
  template <class T, class C, DeviceKind D>
  static void step(const ManyLambParams& p, Call<D>& call, int i) {
    using S = std::conditional_t<is_mixed, float, T>;
    const int first = i * ManyLamb::num_states;
    const Tensor weight = call.read(in(2 * i));
    const int64_t count = weight.elements();
    const T* const from = weight.template as<T>();
    S* copy = nullptr;
    if constexpr (is_mixed) {
      copy = call.read(aux(first + 2)).template as<float>();
    }
    // What the rule calls the new weight is the direction here.
    C* const direction = static_cast<C*>(call.scratch());
    S* const mean = call.read(aux(first)).template as<S>();
    S* const var = call.read(aux(first + 1)).template as<S>();
    const T* const gradient = call.read(in(2 * i + 1)).template as<T>();
    const LambDirection rule(p, float(p.wds[size_t(i)]), int(p.step_count[i]));
    const auto in_pieces = [&](const auto& work) {
      call.pool().parallel_for(0, count, 1 << 15, [&](int64_t begin, int64_t end) {
        run_for_best_isa([&] {
          TREADLE_INDEPENDENT
          for (int64_t k = begin; k < end; ++k) work(k);
        });
      });
    };
    const auto before = [&](int64_t k) { return copy ? C(copy[k]) : C(from[k]); };
    in_pieces([&](int64_t k) {
      C state[2] = {C(mean[k]), C(var[k])};
      direction[k] = rule(before(k), C(gradient[k]), state);
      mean[k] = S(state[0]);
      var[k] = S(state[1]);
    });
    const double rate = lamb_rate(p, p.learning_rates[size_t(i)],
                                  std::sqrt(sum_of_squares(call.pool(), from, count)),
                                  std::sqrt(sum_of_squares(call.pool(), direction, count)));
    const Request request = call.request(out(i));
    T* const to = call.write(out(i)).template as<T>();
    in_pieces([&](int64_t k) {
      const C made = before(k) - C(rate) * direction[k];
      if (copy) copy[k] = S(made);
      if (request != Request::null) store(to[k], made, request);
    });
  }
};

}  // namespace treadle::ops
