// _sample_multinomial: numbers of classes, drawn by their probabilities.
#include <algorithm>
#include <cmath>
#include <vector>

#include "treadle/operators/dispatch.h"
#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct SampleMultinomial {
  static constexpr auto name = "_sample_multinomial";
  static constexpr auto aliases = names("sample_multinomial");
  static constexpr auto doc =
      "Numbers of classes, drawn by the probabilities on the last axis of data, which sum to 1; "
      "with "
      "get_prob also the logarithms of the probabilities of what was drawn, whose gradient reaches "
      "data.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = numeric_types;
  static constexpr bool has_effects = true;
  static constexpr bool overwrites = true;

  struct Params {
    Shape shape;
    bool get_prob = false;
    DType dtype = DType::i32;
    static constexpr auto fields =
        reflect(field("shape", &Params::shape, at_least(1),
                      "How many numbers for each distribution; empty: one."),
                field("get_prob", &Params::get_prob, "Give logarithms of probabilities, too."),
                field("dtype", &Params::dtype, "The type of the numbers."));
  };

  static OpRecord::Names outputs(const Params& p) {
    if (p.get_prob) return {"output0", "output1"};
    return {"output"};
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    std::vector<int64_t> made(data.begin(), data.end() - 1);
    made.insert(made.end(), p.shape.begin(), p.shape.end());
    if (made.empty()) made.push_back(1);
    for (int i = 0; i <= int(p.get_prob); ++i) {
      s.set(out(i), Shape(made), [&] { return concat("data has shape ", data); });
    }
  }
  static void infer_type(const Params& p, TypeInference& t) {
    t.set(out(0), p.dtype);
    if (p.get_prob) t.unify(in(0), out(1));
  }
  static std::string refuse(const Params&, const KernelQuery& query) {
    if (query.inputs.size() != 1) return {};  // backward, after a forward that was not refused
    const TensorSpec& data = query.inputs[0];
    if (data.shape.back() == 0)
      return concat("data of shape ", data.shape, " has no class to draw");
    if (!is_floating(data.type))
      return concat("data is ", data.type, "; probabilities are expected");
    const int64_t classes = data.shape.back(), most = most_numbers(query.outputs[0].type);
    if (classes <= most) return {};
    return concat("there are ", classes, " classes; ", query.outputs[0].type, " numbers ", most,
                  " of them at most, choose another dtype");
  }

  // How many whole numbers from 0 on a type holds, none left out.
  static int64_t most_numbers(DType type) {
    switch (type) {
      case DType::boolean: return 2;
      case DType::i8: return 128;
      case DType::u8:
      case DType::bf16: return 256;
      case DType::f16: return 2048;
      case DType::f32: return int64_t(1) << 24;
      case DType::i32: return int64_t(1) << 31;
      default: return int64_t(1) << 53;
    }
  }

  // Drawn by comparing with the running sum; the last class with a probability takes what rounding
  // leaves.
  template <class T>
  static int64_t draw(const T* probabilities, int64_t classes, double number) {
    double sum = 0;
    int64_t last = 0;
    for (int64_t c = 0; c < classes; ++c) {
      const double probability = double(probabilities[c]);
      if (!(probability > 0)) continue;
      sum += probability;
      last = c;
      if (number < sum) return c;
    }
    return last;
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const Tensor data = call.read(in(0)), made = call.write(out(0));
    const int64_t classes = data.shape().back();
    const int64_t total = made.elements();
    const int64_t each = total / std::max<int64_t>(1, data.elements() / classes);
    with_floating_type(data.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      call.pool().parallel_for(0, total, 256, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          Draws draws(call.random(), i);
          const T* const row = data.as<T>() + i / each * classes;
          const int64_t c = draw(row, classes, draws.uniform());
          if (call.is_wanted(out(0))) {
            with_type(made.type(), [&](auto number) {
              using N = decltype(number);
              made.as<N>()[i] = N(c);
            });
          }
          if (p.get_prob && call.is_wanted(out(1))) {
            call.write(out(1)).template as<T>()[i] = T(std::log(C(row[c])));
          }
        }
      });
    });
  }

  static std::vector<Slot> backward_reads(const Params& p) {
    if (!p.get_prob) return {};
    return {out_grad(1), in(0), out(0)};
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    elementwise(call, in_grad(0), Fill{0});
    if (!p.get_prob) return;
    const Tensor arrived = call.read(out_grad(1)), data = call.read(in(0));
    const Tensor drawn = call.read(out(0)), made = call.write(in_grad(0));
    const int64_t classes = data.shape().back();
    const int64_t each = drawn.elements() / std::max<int64_t>(1, data.elements() / classes);
    with_floating_type(data.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      for (int64_t i = 0; i < drawn.elements(); ++i) {
        int64_t c = 0;
        with_type(drawn.type(),
                  [&](auto number) { c = int64_t(double(drawn.as<decltype(number)>()[i])); });
        if (c < 0 || c >= classes) continue;  // what the type of the numbers could not hold
        T& sum = made.as<T>()[i / each * classes + c];
        sum = T(C(sum) + C(arrived.as<T>()[i]) / C(data.as<T>()[i / each * classes + c]));
      }
    });
  }
};
TREADLE_REGISTER_OP(SampleMultinomial);

}  // namespace
}  // namespace treadle::ops
