// What the updates of many weights by AdamW share.
#pragma once

#include "treadle/operators/optimizer/adamw.h"
#include "treadle/operators/optimizer/many.h"

namespace treadle::ops {

struct ManyAdamwParams {
  std::vector<double> lrs;
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
  std::vector<double> wds;
  std::vector<double> etas;
  float clip_gradient = -1;
  int num_weights = 1;
  static constexpr auto fields = reflect(
      field("lrs", &ManyAdamwParams::lrs, required, "Learning rate of each weight."),
      field("beta1", &ManyAdamwParams::beta1, "Decay of the means."),
      field("beta2", &ManyAdamwParams::beta2, "Decay of the squares."),
      field("epsilon", &ManyAdamwParams::epsilon, "Keeps the divisors from 0."),
      field("wds", &ManyAdamwParams::wds, required, "Weight decay of each weight."),
      field("etas", &ManyAdamwParams::etas, required, "Factor of each weight's whole step."),
      field("clip_gradient", &ManyAdamwParams::clip_gradient,
            "Bound of the gradients' size; negative: none."),
      field("num_weights", &ManyAdamwParams::num_weights, between(1, most_arrays),
            "Number of weights."));

  int count() const { return num_weights; }
  void check(ShapeInference& s) const {
    check_list(s, "lrs", lrs.size(), "num_weights", num_weights);
    check_list(s, "wds", wds.size(), "num_weights", num_weights);
    check_list(s, "etas", etas.size(), "num_weights", num_weights);
  }
};

template <bool is_mixed>
struct ManyAdamwArrays : AdamArrays<is_mixed> {
  static constexpr auto shared = names("rescale_grad");
  static int64_t shared_size(const ManyAdamwParams&) { return 1; }
};

// All of an operator but its name.
template <bool is_mixed>
struct ManyAdamw : ManyUpdate<ManyAdamwParams, ManyAdamwArrays<is_mixed>> {
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const ManyAdamwParams& p, Call<D>& call) {
    const float rescale = float(number_at(call.read(in(2 * p.count())), 0));
    ManyAdamw::update_all(p, call, [&](int i) {
      const size_t k = size_t(i);
      return AdamwRule{float(p.lrs[k]), float(p.etas[k]), float(p.wds[k]), p.beta1,
                       p.beta2,         p.epsilon,        rescale,         p.clip_gradient};
    });
  }
};

}  // namespace treadle::ops
