// What the updates of many weights by gradient descent share.
#pragma once

#include "treadle/operators/optimizer/many.h"
#include "treadle/operators/optimizer/sgd_rules.h"

namespace treadle::ops {

// Rates and decays are parameters.
struct ManySgdParams {
  std::vector<double> lrs, wds;
  float rescale_grad = 1;
  float clip_gradient = -1;
  int num_weights = 1;
  static constexpr auto fields =
      reflect(field("lrs", &ManySgdParams::lrs, required, "Learning rate of each weight."),
              field("wds", &ManySgdParams::wds, required, "Weight decay of each weight."),
              field("rescale_grad", &ManySgdParams::rescale_grad, "Factor of the gradients."),
              field("clip_gradient", &ManySgdParams::clip_gradient,
                    "Bound of the gradients' size; negative: none."),
              field("num_weights", &ManySgdParams::num_weights, between(1, most_arrays),
                    "Number of weights."));

  int count() const { return num_weights; }
  void check(ShapeInference& s) const {
    check_list(s, "lrs", lrs.size(), "num_weights", num_weights);
    check_list(s, "wds", wds.size(), "num_weights", num_weights);
  }
};
struct ManySgdMomParams {
  std::vector<double> lrs, wds;
  float momentum = 0;
  float rescale_grad = 1;
  float clip_gradient = -1;
  int num_weights = 1;
  static constexpr auto fields =
      reflect(field("lrs", &ManySgdMomParams::lrs, required, "Learning rate of each weight."),
              field("wds", &ManySgdMomParams::wds, required, "Weight decay of each weight."),
              field("momentum", &ManySgdMomParams::momentum, "How much of the last step is kept."),
              field("rescale_grad", &ManySgdMomParams::rescale_grad, "Factor of the gradients."),
              field("clip_gradient", &ManySgdMomParams::clip_gradient,
                    "Bound of the gradients' size; negative: none."),
              field("num_weights", &ManySgdMomParams::num_weights, between(1, most_arrays),
                    "Number of weights."));

  int count() const { return num_weights; }
  void check(ShapeInference& s) const {
    check_list(s, "lrs", lrs.size(), "num_weights", num_weights);
    check_list(s, "wds", wds.size(), "num_weights", num_weights);
  }
};

// They are the last two inputs.
struct PreloadedSgdParams {
  float rescale_grad = 1;
  float clip_gradient = -1;
  int num_weights = 1;
  static constexpr auto fields =
      reflect(field("rescale_grad", &PreloadedSgdParams::rescale_grad, "Factor of the gradients."),
              field("clip_gradient", &PreloadedSgdParams::clip_gradient,
                    "Bound of the gradients' size; negative: none."),
              field("num_weights", &PreloadedSgdParams::num_weights, between(1, most_arrays),
                    "Number of weights."));

  int count() const { return num_weights; }
};
struct PreloadedSgdMomParams {
  float momentum = 0;
  float rescale_grad = 1;
  float clip_gradient = -1;
  int num_weights = 1;
  static constexpr auto fields = reflect(
      field("momentum", &PreloadedSgdMomParams::momentum, "How much of the last step is kept."),
      field("rescale_grad", &PreloadedSgdMomParams::rescale_grad, "Factor of the gradients."),
      field("clip_gradient", &PreloadedSgdMomParams::clip_gradient,
            "Bound of the gradients' size; negative: none."),
      field("num_weights", &PreloadedSgdMomParams::num_weights, between(1, most_arrays),
            "Number of weights."));

  int count() const { return num_weights; }
};

template <bool has_momentum, bool is_mixed, bool is_preloaded>
struct ManySgdArrays {
  static constexpr auto states = [] {
    if constexpr (has_momentum && is_mixed) return names("mom", "weight32");
    if constexpr (has_momentum && !is_mixed) return names("mom");
    if constexpr (!has_momentum && is_mixed) return names("weight32");
    if constexpr (!has_momentum && !is_mixed) return names();
  }();
  static constexpr auto shared = [] {
    if constexpr (is_preloaded) return names("lrs", "wds");
    if constexpr (!is_preloaded) return names();
  }();
  template <class P>
  static int64_t shared_size(const P& p) {
    return p.count();
  }
  static constexpr bool mixed = is_mixed;
};

// All of an operator but its name.
template <class P, bool is_mixed>
    struct ManySgd : ManyUpdate < P,
    ManySgdArrays < requires(P p) {
  p.momentum;
}, is_mixed,
    !requires(P p) { p.lrs; } >>{
        template <DeviceKind D> requires(D == DeviceKind::cpu) static void forward(
            const P& p, Call<D>& call){ManySgd::update_all(p, call, [&](int i) {
          float lr, wd;
          if constexpr (requires { p.lrs; }) {
            lr = float(p.lrs[size_t(i)]);
            wd = float(p.wds[size_t(i)]);
          } else {
            lr = float(number_at(call.read(in(2 * p.count())), i));
            wd = float(number_at(call.read(in(2 * p.count() + 1)), i));
          }
          if constexpr (requires { p.momentum; }) {
            return SgdMomRule{lr, p.momentum, wd, p.rescale_grad, p.clip_gradient};
          } else {
            return SgdRule{lr, wd, p.rescale_grad, p.clip_gradient};
          }
        });
}  // namespace treadle::ops
}
;

}  // namespace treadle::ops
