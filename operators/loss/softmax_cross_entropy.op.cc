// softmax_cross_entropy: the summed cross entropy of softmax(data) with labels, as one number.
#include "treadle/device/pool.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/math.h"
#include "treadle/operators/softmax.h"

namespace treadle::ops {
namespace {

struct SoftmaxCrossEntropy {
  static constexpr auto name = "softmax_cross_entropy";
  static constexpr auto doc =
      "Sum over the samples of -log(softmax(data)[label]), for data (sample, class); shape (1,). "
      "A label that is no class counts 0.";
  static constexpr auto inputs = names("data", "label");

  static void infer_shape(const NoParams&, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    s.set(out(0), Shape{1}, "the loss is one number");
    if (data.empty()) return;
    if (data.ndim() != 2) s.fail(concat("data has shape ", data, "; (sample, class) is expected."));
    s.set(in(1), Shape{data[0]}, [&] { return concat("data is ", data); });
    s.set(in(0), Shape{s.shape(in(1))[0], 0}, "label has one number per sample");
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor x = call.read(in(0)), label = call.read(in(1));
    with_floating_type(x.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      const int64_t classes = x.shape()[1];
      C loss = 0;
      for (int64_t n = 0; n < x.shape()[0]; ++n) {
        const T* row = x.as<T>() + n * classes;
        const int64_t wanted = class_of(label.as<T>()[n]);
        if (wanted < 0 || wanted >= classes) continue;
        C highest = C(row[0]), sum = 0;
        for (int64_t c = 1; c < classes; ++c) highest = std::max(highest, C(row[c]));
        for (int64_t c = 0; c < classes; ++c) sum += math::exp(C(row[c]) - highest);
        loss += std::log(sum) - (C(row[wanted]) - highest);
      }
      T& y = *call.write(out(0)).template as<T>();
      y = T(call.request(out(0)) == Request::add ? C(y) + loss : loss);
    });
  }

  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor x = call.read(in(0)), label = call.read(in(1)), dx = call.write(in_grad(0));
    with_floating_type(x.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      const int64_t classes = x.shape()[1];
      const C dy = C(*call.read(out_grad(0)).template as<T>());
      const bool adds = call.request(in_grad(0)) == Request::add;
      const int64_t grain = std::max<int64_t>(1, 16384 / classes);
      call.pool().parallel_for(0, x.shape()[0], grain, [&](int64_t begin, int64_t end) {
        for (int64_t n = begin; n < end; ++n) {
          const T* row = x.as<T>() + n * classes;
          T* to = dx.as<T>() + n * classes;
          const int64_t wanted = class_of(label.as<T>()[n]);
          const bool counts = wanted >= 0 && wanted < classes;
          C highest = C(row[0]), sum = 0;
          for (int64_t c = 1; c < classes; ++c) highest = std::max(highest, C(row[c]));
          for (int64_t c = 0; c < classes; ++c) sum += math::exp(C(row[c]) - highest);
          for (int64_t c = 0; c < classes; ++c) {
            const C softmax = math::exp(C(row[c]) - highest) / sum;
            const C value = counts ? dy * (softmax - C(c == wanted)) : C(0);
            to[c] = T(adds ? C(to[c]) + value : value);
          }
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(SoftmaxCrossEntropy);

}  // namespace
}  // namespace treadle::ops
