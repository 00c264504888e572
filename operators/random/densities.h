// Densities of distributions at given samples: what the random_pdf operators share.
#pragma once

#include <cmath>
#include <vector>

#include "treadle/device/pool.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/elementwise/special.h"
#include "treadle/operators/random/families.h"

namespace treadle::ops {

struct DensityParams {
  bool is_log = false;
  static constexpr auto fields =
      reflect(field("is_log", &DensityParams::is_log, "Give the logarithm of the density."));
};

// What the logarithm of a density changes by with the sample and with either parameter.
struct DensitySlope {
  double sample = 0, first = 0, second = 0;
};

// Op::log_density(x, a, b) and Op::slope(x, a, b) for samples whose first axes are those of the
// parameters.
template <class Op, int num_parameters>
struct Density {
  static constexpr TypeSet types = floating_types;
  static constexpr bool overwrites = true;
  using Params = DensityParams;

  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), out(0));
    if constexpr (num_parameters == 2) s.unify(in(1), in(2));
    const Shape sample = s.shape(in(0)), each = s.shape(in(1));
    if (sample.empty() || each.empty()) return;
    // One distribution for all samples is an array of one element.
    bool fits = each.ndim() <= sample.ndim();
    for (int i = 0; fits && i < each.ndim(); ++i) {
      fits = each[i] == sample[i] || each[i] == 0 || sample[i] == 0;
    }
    if (fits) return;
    s.fail(concat("sample has shape ", sample, " and ", s.name(in(1)), " ", each,
                  "; its axes are expected to be the first ones of sample."));
  }

  static constexpr auto backward_reads = [](const Params&) {
    std::vector<Slot> made{out_grad(0), out(0)};
    for (int i = 0; i <= num_parameters; ++i) made.push_back(in(i));
    return made;
  };

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor sample = call.read(in(0)), first = call.read(in(1));
    const Tensor second = call.read(in(num_parameters)), made = call.write(out(0));
    const int64_t each = sample.elements() / std::max<int64_t>(1, first.elements());
    with_floating_type(sample.type(), [&](auto stored, auto) {
      using T = decltype(stored);
      call.pool().parallel_for(0, sample.elements(), 1024, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const double density =
              Op::log_density(double(sample.as<T>()[i]), double(first.as<T>()[i / each]),
                              double(second.as<T>()[i / each]));
          made.as<T>()[i] = T(p.is_log ? density : std::exp(density));
        }
      });
    });
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Tensor dy = call.read(out_grad(0)), y = call.read(out(0)), sample = call.read(in(0));
    const Tensor first = call.read(in(1)), second = call.read(in(num_parameters));
    const int64_t each = sample.elements() / std::max<int64_t>(1, first.elements());
    with_floating_type(sample.type(), [&](auto stored, auto) {
      using T = decltype(stored);
      const int64_t grain = std::max<int64_t>(1, 1024 / std::max<int64_t>(1, each));
      call.pool().parallel_for(0, first.elements(), grain, [&](int64_t begin, int64_t end) {
        for (int64_t k = begin; k < end; ++k) {
          const double a = double(first.as<T>()[k]), b = double(second.as<T>()[k]);
          double da = 0, db = 0;
          for (int64_t i = k * each; i < (k + 1) * each; ++i) {
            const double arrived = double(dy.as<T>()[i]) * (p.is_log ? 1 : double(y.as<T>()[i]));
            const DensitySlope slope = Op::slope(double(sample.as<T>()[i]), a, b);
            da += arrived * slope.first;
            db += arrived * slope.second;
            if (call.is_wanted(in_grad(0))) {
              call.write(in_grad(0)).template as<T>()[i] = T(arrived * slope.sample);
            }
          }
          if (call.is_wanted(in_grad(1))) call.write(in_grad(1)).template as<T>()[k] = T(da);
          if constexpr (num_parameters == 2) {
            if (call.is_wanted(in_grad(2))) call.write(in_grad(2)).template as<T>()[k] = T(db);
          }
        }
      });
    });
  }
};

// Failures x before l successes of probability p.
inline double negative_binomial_log_density(double x, double l, double p) {
  return math::log_gamma(x + l) - math::log_gamma(x + 1) - math::log_gamma(l) + l * std::log(p) +
         x * std::log(1 - p);
}
inline DensitySlope negative_binomial_slope(double x, double l, double p) {
  return {0, math::digamma(x + l) - math::digamma(l) + std::log(p), l / p - x / (1 - p)};
}

}  // namespace treadle::ops
