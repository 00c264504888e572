// _contrib_count_sketch: rows projected to fewer numbers by hashing (Gao et al., 2016).
#include "treadle/operators/elementwise.h"
#include "treadle/operators/spatial/regions.h"

namespace treadle::ops {
namespace {

struct CountSketch {
  static constexpr auto name = "_contrib_count_sketch";
  static constexpr auto doc =
      "Number h[i] of each row of the output (..., out_dim) is the sum of s[i] * data[..., i]; h "
      "and "
      "s are (1, n) for data (..., n).";
  static constexpr auto inputs = names("data", "h", "s");

  struct Params {
    int out_dim = 0;
    int processing_batch_size = 32;
    static constexpr auto fields = reflect(
        field("out_dim", &Params::out_dim, required, at_least(1), "Numbers of an output's row."),
        field("processing_batch_size", &Params::processing_batch_size, at_least(1),
              "A hint for GPUs; changes no result."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    Shape made = data;
    made[data.ndim() - 1] = p.out_dim;
    const auto because = [&] { return concat("data is ", data, " and out_dim is ", p.out_dim); };
    s.set(out(0), made, because);
    for (int i : {1, 2}) s.set(in(i), {1, data.back()}, because);
  }
  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  // Where each number of a row goes.
  template <class T>
  static std::vector<int64_t> places(const Params& p, const T* h, int64_t size) {
    std::vector<int64_t> made(static_cast<size_t>(size));
    for (int64_t i = 0; i < size; ++i) {
      made[size_t(i)] = index_of(h[i]);
      if (h[i] >= T(0) && made[size_t(i)] < p.out_dim) continue;
      throw Error(name, ": h[", i, "] is ", h[i], "; from 0 to ", p.out_dim - 1,
                  " is expected, since out_dim is ", p.out_dim, ".");
    }
    return made;
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape data = call.read(in(0)).shape();
    const int64_t size = data.back(), rows = data.elements() / size;
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const x = arrays.read(in(0));
      const std::vector<int64_t> to = places(p, arrays.read(in(1)), size);
      const T* const sign = arrays.read(in(2));
      T* const y = arrays.sums(out(0));
      for_each(call.pool(), rows, size, [&](int64_t row) {
        for (int64_t i = 0; i < size; ++i) {
          y[row * p.out_dim + to[size_t(i)]] += sign[i] * x[row * size + i];
        }
      });
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(1), in(2));

  // h and s are fixed by whoever hashes, so nothing is learnt of them.
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    for (int i : {1, 2}) elementwise(call, in_grad(i), Fill{0});
    if (!call.is_wanted(in_grad(0))) return;
    const Shape data = call.write(in_grad(0)).shape();
    const int64_t size = data.back(), rows = data.elements() / size;
    with_computed(call, call.read(out_grad(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const dy = arrays.read(out_grad(0));
      const std::vector<int64_t> from = places(p, arrays.read(in(1)), size);
      const T* const sign = arrays.read(in(2));
      const auto dx = arrays.write(in_grad(0));
      for_each(call.pool(), rows, size, [&](int64_t row) {
        for (int64_t i = 0; i < size; ++i) {
          dx.put(row * size + i, sign[i] * dy[row * p.out_dim + from[size_t(i)]]);
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(CountSketch);

}  // namespace
}  // namespace treadle::ops
