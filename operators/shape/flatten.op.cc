// Flatten: (n, a, b, …) as the matrix (n, a * b * …).
#include "treadle/operators/elementwise.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Flatten {
  static constexpr auto name = "Flatten";
  static constexpr auto aliases = names("flatten");
  static constexpr auto doc = "Data as a matrix: the first axis stays, all others become one.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = all_types;

  static void infer_shape(const NoParams&, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const auto because = [&] { return concat("data has shape ", data); };
    s.set(out(0), Shape{data[0], data.elements(1, data.ndim())}, because);
    if (s.shape(out(0)).empty()) return;
    Shape known = data;
    known[0] = s.shape(out(0))[0];
    s.set(in(0), known, "the first axis of the output is that of data");
  }

  static constexpr auto may_share = shares(share(in(0), out(0)));
  static constexpr bool is_linear = true;
  static constexpr auto backward_reads = reads(out_grad(0));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    copy(call, out(0), in(0));
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    copy(call, in_grad(0), out_grad(0));
  }
};
TREADLE_REGISTER_OP(Flatten);

}  // namespace
}  // namespace treadle::ops
