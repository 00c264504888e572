// _histogram: how many elements fall into each bin.
#include <algorithm>
#include <vector>

#include "treadle/operators/dispatch.h"
#include "treadle/operators/elementwise.h"

namespace treadle::ops {
namespace {

struct Histogram {
  static constexpr auto name = "_histogram";
  static constexpr auto doc =
      "How many elements of data fall into each bin, and the borders of the bins. A border belongs "
      "to "
      "the bin above it, the last one to the last bin; what lies outside, and NaN, is not counted.";
  static constexpr auto outputs = names("output0", "output1");
  static constexpr TypeSet types = numeric_types;
  static constexpr bool overwrites = true;

  struct Params {
    std::optional<int64_t> bin_cnt;
    std::optional<std::vector<double>> range;
    static constexpr auto fields =
        reflect(field("bin_cnt", &Params::bin_cnt, at_least(1),
                      "Number of bins of equal width; None: the input bins has the borders."),
                field("range", &Params::range, "The lowest and the highest border, with bin_cnt."));
  };

  static OpRecord::Names inputs(const Params& p) {
    if (p.bin_cnt) return {"data"};
    return {"data", "bins"};
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.bin_cnt.has_value() != p.range.has_value()) {
      s.fail("one of bin_cnt and range is given; both are expected, or neither.");
    }
    if (p.bin_cnt) {
      if (p.range->size() != 2 || !((*p.range)[0] < (*p.range)[1])) {
        s.fail("range is expected to be two numbers, the lower one first.");
      }
      s.set(out(0), Shape{*p.bin_cnt}, "bin_cnt says so");
      return s.set(out(1), Shape{*p.bin_cnt + 1}, "bin_cnt says so");
    }
    const Shape bins = s.shape(in(1));
    if (bins.empty()) return;
    if (bins.ndim() != 1 || bins[0] == 1) {
      s.fail(concat("bins has shape ", bins, "; one axis with at least 2 borders is expected."));
    }
    const auto because = [&] { return concat("bins has shape ", bins); };
    s.set(out(0), Shape{bins[0] == 0 ? 0 : bins[0] - 1}, because);
    s.set(out(1), bins, because);
  }
  static void infer_type(const Params& p, TypeInference& t) {
    t.set(out(0), DType::i64);
    t.unify(in(0), out(1));
    if (!p.bin_cnt) t.unify(in(0), in(1));
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const Tensor data = call.read(in(0));
    with_type(data.type(), [&](auto value) {
      using T = decltype(value);
      std::vector<T> borders;
      if (p.bin_cnt) {
        const double low = (*p.range)[0], high = (*p.range)[1], n = double(*p.bin_cnt);
        for (int64_t i = 0; i <= *p.bin_cnt; ++i) {
          borders.push_back(T((high * double(i) + (n - double(i)) * low) / n));
        }
      } else {
        const Tensor bins = call.read(in(1));
        borders.assign(bins.as<T>(), bins.as<T>() + bins.elements());
      }
      if (call.is_wanted(out(1))) {
        std::copy(borders.begin(), borders.end(), call.write(out(1)).template as<T>());
      }
      if (!call.is_wanted(out(0))) return;
      int64_t* const counts = call.write(out(0)).template as<int64_t>();
      const int64_t bins = int64_t(borders.size()) - 1;
      std::fill_n(counts, bins, int64_t(0));
      for (int64_t i = 0; i < data.elements(); ++i) {
        const T x = data.as<T>()[i];
        if (!(x >= borders.front() && x <= borders.back())) continue;
        const auto above = std::upper_bound(borders.begin(), borders.end(), x);
        ++counts[std::min<int64_t>(above - borders.begin(), bins) - 1];
      }
    });
  }
};
TREADLE_REGISTER_OP(Histogram);

}  // namespace
}  // namespace treadle::ops
