// L2Normalization: vectors brought to length 1.
#include <cmath>

#include "treadle/device/pool.h"
#include "treadle/operators/isa.h"
#include "treadle/operators/op.h"
#include "treadle/operators/softmax.h"
#include "treadle/operators/store.h"

namespace treadle::ops {
namespace {

enum class L2Mode { channel, instance, spatial };
EnumNames describe(L2Mode) { return enum_names("L2Mode", "channel", "instance", "spatial"); }

struct L2Normalization {
  static constexpr auto name = "L2Normalization";
  static constexpr auto doc = "Divides vectors of data by sqrt(their sum of squares + eps).";
  static constexpr auto inputs = names("data");
  static constexpr auto outputs = names("output", "norm");
  static constexpr int num_visible = 1;

  struct Params {
    float eps = 1e-10f;
    L2Mode mode = L2Mode::instance;
    static constexpr auto fields = reflect(
        field("eps", &Params::eps, at_least(0), "Added to the sum of squares."),
        field("mode", &Params::mode,
              "What a vector is: instance: a sample; channel: one position of all channels; "
              "spatial: one channel of a sample."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const int needed = p.mode == L2Mode::instance ? 2 : 3;
    if (data.ndim() < needed) {
      s.fail(concat("data has shape ", data, "; at least ", needed, " axes are expected with mode ",
                    describe(p.mode).values[size_t(p.mode)], "."));
    }
    Shape norm{data[0]};
    if (p.mode == L2Mode::spatial) norm = {data[0], data[1]};
    if (p.mode == L2Mode::channel) {
      norm = Shape::filled(data.ndim() - 1, data[0]);
      for (int i = 1; i < norm.ndim(); ++i) norm[i] = data[i + 1];
    }
    s.set(out(1), norm);
  }

  // Vectors lie on the middle axis; the norms have the outer and inner ones.
  static ClassLayout layout(const Params& p, const Shape& data) {
    const int last = data.ndim();
    switch (p.mode) {
      case L2Mode::channel: return {data[0], data[1], data.elements(2, last)};
      case L2Mode::instance: return {data[0], data.elements(1, last), 1};
      case L2Mode::spatial: break;
    }
    return {data[0] * data[1], data.elements(2, last), 1};
  }

  // Calls f(vector, first element) for each vector in parallel.
  template <class F>
  static void for_vectors(Pool& pool, const ClassLayout& n, const F& f) {
    pool.parallel_for(0, n.outer * n.inner, std::max<int64_t>(1, 16384 / n.classes),
                      [&](int64_t begin, int64_t end) {
                        run_for_best_isa([&] {
                          for (int64_t i = begin; i < end; ++i) {
                            f(i, i / n.inner * n.classes * n.inner + i % n.inner);
                          }
                        });
                      });
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Tensor data = call.read(in(0)), out = call.write(slots::out(0));
    const Tensor norms = call.write(slots::out(1));
    const Request request = call.request(slots::out(0)), norm_request = call.request(slots::out(1));
    const ClassLayout n = layout(p, data.shape());
    with_floating_type(data.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      for_vectors(call.pool(), n, [&](int64_t vector, int64_t first) {
        const T* const x = data.as<T>() + first;
        double squares = 0;
        for (int64_t c = 0; c < n.classes; ++c)
          squares += double(C(x[c * n.inner])) * double(C(x[c * n.inner]));
        const C norm = C(std::sqrt(squares + double(p.eps)));
        if (norm_request != Request::null) store(norms.as<T>()[vector], norm, norm_request);
        if (request == Request::null) return;
        T* const y = out.as<T>() + first;
        for (int64_t c = 0; c < n.classes; ++c)
          store(y[c * n.inner], C(x[c * n.inner]) / norm, request);
      });
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), slots::out(0), slots::out(1));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Request request = call.request(in_grad(0));
    if (request == Request::null) return;
    const Tensor heads = call.read(out_grad(0)), made = call.read(slots::out(0));
    const Tensor norms = call.read(slots::out(1)), grad = call.write(in_grad(0));
    const ClassLayout n = layout(p, grad.shape());
    with_floating_type(grad.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      for_vectors(call.pool(), n, [&](int64_t vector, int64_t first) {
        const T* const dy = heads.as<T>() + first;
        const T* const y = made.as<T>() + first;
        T* const dx = grad.as<T>() + first;
        double along = 0;
        for (int64_t c = 0; c < n.classes; ++c)
          along += double(C(dy[c * n.inner])) * double(C(y[c * n.inner]));
        const C norm = C(norms.as<T>()[vector]);
        for (int64_t c = 0; c < n.classes; ++c) {
          store(dx[c * n.inner], (C(dy[c * n.inner]) - C(y[c * n.inner]) * C(along)) / norm,
                request);
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(L2Normalization);

}  // namespace
}  // namespace treadle::ops
