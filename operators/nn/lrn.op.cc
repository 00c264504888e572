// LRN: local response normalisation across neighbouring channels.
#include <cmath>

#include "treadle/device/pool.h"
#include "treadle/operators/isa.h"
#include "treadle/operators/op.h"
#include "treadle/operators/softmax.h"
#include "treadle/operators/store.h"

namespace treadle::ops {
namespace {

// Pixels that are worked on side by side.
constexpr int lanes = 64;

struct Lrn {
  static constexpr auto name = "LRN";
  static constexpr auto doc =
      "data * (knorm + alpha / nsize * (sum of squares over nsize neighbouring channels)) ^ -beta.";
  static constexpr auto inputs = names("data");
  static constexpr auto outputs = names("output", "tmp_norm");
  static constexpr int num_visible = 1;

  struct Params {
    float alpha = 1e-4f;
    float beta = 0.75f;
    float knorm = 2;
    int nsize = 0;
    static constexpr auto fields =
        reflect(field("alpha", &Params::alpha, "Weight of the mean square."),
                field("beta", &Params::beta, "Exponent."),
                field("knorm", &Params::knorm, "Added to the weighted mean square."),
                field("nsize", &Params::nsize, required, at_least(1),
                      "Width of the window of channels; an odd number."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.nsize % 2 == 0) {
      s.fail(
          concat("nsize is ", p.nsize, "; an odd number is expected, for a window with a middle."));
    }
    s.unify(in(0), out(0));
    s.unify(in(0), out(1));
    const Shape data = s.shape(in(0));
    if (!data.empty() && data.ndim() != 4) {
      s.fail(concat("data has shape ", data, "; 4 axes (batch, channel, y, x) are expected."));
    }
  }

  // base ^ -beta; the usual exponent without a logarithm.
  template <class C>
  static C power(C base, float beta) {
    if (beta == 0.75f) return C(1) / (std::sqrt(base) * std::sqrt(std::sqrt(base)));
    return std::pow(base, C(-beta));
  }

  // Calls f(first element, width) for blocks of neighbouring pixels of each sample.
  template <class F>
  static void for_blocks(Pool& pool, const Shape& data, const F& f) {
    const int64_t pixels = data[2] * data[3], blocks = (pixels + lanes - 1) / lanes;
    pool.parallel_for(0, data[0] * blocks, std::max<int64_t>(1, 128 / data[1]),
                      [&](int64_t begin, int64_t end) {
                        run_for_best_isa([&] {
                          for (int64_t i = begin; i < end; ++i) {
                            const int64_t first = i % blocks * lanes;
                            f(i / blocks * data[1] * pixels + first,
                              int(std::min<int64_t>(lanes, pixels - first)));
                          }
                        });
                      });
  }

  // window[k] = sum of term(i) over the window around `channel`, for pixels side by side.
  template <class C, class F>
  static void sum_window(const Params& p, const Shape& data, int64_t channel, int width, C* window,
                         const F& term) {
    const int64_t half = p.nsize / 2, pixels = data[2] * data[3];
    std::fill_n(window, lanes, C(0));
    const int64_t last = std::min(channel + half + 1, data[1]);
    for (int64_t c = std::max<int64_t>(0, channel - half); c < last; ++c) {
      for (int k = 0; k < width; ++k) window[k] += term(c * pixels + k);
    }
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Tensor data = call.read(in(0)), out = call.write(slots::out(0));
    const Tensor norms = call.write(slots::out(1));
    const Request request = call.request(slots::out(0)), norm_request = call.request(slots::out(1));
    const Shape& shape = data.shape();
    with_floating_type(data.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      for_blocks(call.pool(), shape, [&](int64_t first, int width) {
        const T* const x = data.as<T>() + first;
        for (int64_t c = 0; c < shape[1]; ++c) {
          C norm[lanes];
          sum_window(p, shape, c, width, norm, [&](int64_t i) { return C(x[i]) * C(x[i]); });
          const int64_t row = c * shape[2] * shape[3];
          for (int k = 0; k < width; ++k) {
            norm[k] = C(p.knorm) + C(p.alpha) / C(p.nsize) * norm[k];
            const int64_t i = row + k;
            if (norm_request != Request::null)
              store(norms.as<T>()[first + i], norm[k], norm_request);
            if (request != Request::null) {
              store(out.as<T>()[first + i], C(x[i]) * power(norm[k], p.beta), request);
            }
          }
        }
      });
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), slots::out(1));

  // With n = the norm: dx = dy * n^-beta - 2 alpha beta / nsize * x * (sum over the windows that x
  // is in of dy * x * n^(-beta - 1)).
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Request request = call.request(in_grad(0));
    if (request == Request::null) return;
    const Tensor data = call.read(in(0)), heads = call.read(out_grad(0));
    const Tensor norms = call.read(slots::out(1)), grad = call.write(in_grad(0));
    const Shape& shape = data.shape();
    with_floating_type(data.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      for_blocks(call.pool(), shape, [&](int64_t first, int width) {
        const T* const x = data.as<T>() + first;
        const T* const dy = heads.as<T>() + first;
        const T* const n = norms.as<T>() + first;
        const C factor = C(2) * C(p.alpha) * C(p.beta) / C(p.nsize);
        for (int64_t c = 0; c < shape[1]; ++c) {
          C window[lanes];
          sum_window(p, shape, c, width, window, [&](int64_t i) {
            const C norm = C(n[i]);
            return C(dy[i]) * C(x[i]) * power(norm, p.beta) / norm;
          });
          const int64_t row = c * shape[2] * shape[3];
          for (int k = 0; k < width; ++k) {
            const int64_t i = row + k;
            const C value = C(dy[i]) * power(C(n[i]), p.beta) - factor * C(x[i]) * window[k];
            store(grad.as<T>()[first + i], value, request);
          }
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(Lrn);

}  // namespace
}  // namespace treadle::ops
