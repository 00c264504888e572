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

  // Vectors that are worked on side by side, and partial sums of a long one: a fixed number, so
  // that the order of additions is.
  static constexpr int lanes = 16;

  // For `width` vectors that begin `step` apart, whose elements lie `pitch` apart: sums part(i)
  // over the elements i of each, and calls put(i, finish(vector, sum)) for them.
  template <class Part, class Finish, class Put>
  static void do_block(int64_t vector, int64_t first, int64_t classes, int64_t pitch, int64_t step,
                       int width, const Part& part, const Finish& finish, const Put& put) {
    double sums[lanes] = {};
    decltype(finish(vector, 0.0)) made[lanes];
    const int64_t end = first + classes * pitch;
    for (int64_t i = first; i < end; i += pitch) {
      for (int k = 0; k < width; ++k) sums[k] += part(i + k * step);
    }
    for (int k = 0; k < width; ++k) made[k] = finish(vector + k, sums[k]);
    for (int64_t i = first; i < end; i += pitch) {
      TREADLE_INDEPENDENT
      for (int k = 0; k < width; ++k) put(i + k * step, made[k]);
    }
  }
  // The same for one vector of neighbours.
  template <class Part, class Finish, class Put>
  static void do_long(int64_t vector, int64_t first, int64_t classes, const Part& part,
                      const Finish& finish, const Put& put) {
    double sums[lanes] = {};
    const int64_t whole = first + classes / lanes * lanes, end = first + classes;
    for (int64_t i = first; i < whole; i += lanes) {
      for (int k = 0; k < lanes; ++k) sums[k] += part(i + k);
    }
    for (int64_t i = whole; i < end; ++i) sums[i - whole] += part(i);
    double sum = 0;
    for (int k = 0; k < lanes; ++k) sum += sums[k];
    const auto made = finish(vector, sum);
    TREADLE_INDEPENDENT
    for (int64_t i = first; i < end; ++i) put(i, made);
  }

  // Vectors of no more neighbours than this are worked on side by side: alone they would be too
  // short for vector instructions.
  static constexpr int64_t few_classes = 64;

  // All vectors, in parallel.
  template <class Part, class Finish, class Put>
  static void for_vectors(Pool& pool, const ClassLayout& n, const Part& part, const Finish& finish,
                          const Put& put) {
    const int64_t grain = std::max<int64_t>(1, 16384 / std::max<int64_t>(1, n.classes));
    if (n.inner == 1 && n.classes > few_classes) {
      return pool.parallel_for(0, n.outer, grain, [&](int64_t begin, int64_t end) {
        run_for_best_isa([&] {
          for (int64_t v = begin; v < end; ++v) {
            do_long(v, v * n.classes, n.classes, part, finish, put);
          }
        });
      });
    }
    // Rows of vectors side by side: of neighbours one apart, else all there are.
    const bool are_rows = n.inner == 1;
    const int64_t rows = are_rows ? 1 : n.outer, columns = are_rows ? n.outer : n.inner;
    const int64_t blocks = (columns + lanes - 1) / lanes;
    pool.parallel_for(
        0, rows * blocks, std::max<int64_t>(1, grain / lanes), [&](int64_t begin, int64_t end) {
          run_for_best_isa([&] {
            for (int64_t b = begin; b < end; ++b) {
              const int64_t row = b / blocks, column = b % blocks * lanes;
              const int64_t vector = row * columns + column;
              const int width = int(std::min<int64_t>(lanes, columns - column));
              const auto block = [&](int64_t first, int64_t pitch, int64_t step) {
                // A width that is known makes whole vectors.
                if (width == lanes) {
                  return do_block(vector, first, n.classes, pitch, step, lanes, part, finish, put);
                }
                do_block(vector, first, n.classes, pitch, step, width, part, finish, put);
              };
              if (are_rows) {
                block(column * n.classes, 1, n.classes);
              } else {
                block(row * n.classes * n.inner + column, n.inner, 1);
              }
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
      const T* const x = data.as<T>();
      T* const y = out.as<T>();
      const auto square = [=](int64_t i) { return double(C(x[i])) * double(C(x[i])); };
      const auto norm = [&](int64_t vector, double squares) {
        const C length = C(std::sqrt(squares + double(p.eps)));
        if (norm_request != Request::null) store(norms.as<T>()[vector], length, norm_request);
        return length;
      };
      Pool& pool = call.pool();
      if (request == Request::write) {
        for_vectors(pool, n, square, norm,
                    [=](int64_t i, C length) { y[i] = T(C(x[i]) / length); });
      } else if (request == Request::add) {
        for_vectors(pool, n, square, norm,
                    [=](int64_t i, C length) { y[i] = T(C(y[i]) + C(x[i]) / length); });
      } else {
        for_vectors(pool, n, square, norm, [](int64_t, C) {});
      }
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
      struct Scale {
        C along, norm;
      };
      const T* const dy = heads.as<T>();
      const T* const y = made.as<T>();
      T* const dx = grad.as<T>();
      const auto product = [=](int64_t i) { return double(C(dy[i])) * double(C(y[i])); };
      const auto scale = [&](int64_t vector, double along) {
        return Scale{C(along), C(norms.as<T>()[vector])};
      };
      const auto value = [=](int64_t i, const Scale& s) {
        return (C(dy[i]) - C(y[i]) * s.along) / s.norm;
      };
      if (request == Request::write) {
        for_vectors(call.pool(), n, product, scale,
                    [=](int64_t i, const Scale& s) { dx[i] = T(value(i, s)); });
      } else {
        for_vectors(call.pool(), n, product, scale,
                    [=](int64_t i, const Scale& s) { dx[i] = T(C(dx[i]) + value(i, s)); });
      }
    });
  }
};
TREADLE_REGISTER_OP(L2Normalization);

}  // namespace
}  // namespace treadle::ops
