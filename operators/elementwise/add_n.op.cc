// add_n: the sum of any number of arrays.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct AddN {
  static constexpr auto name = "add_n";
  static constexpr auto aliases = names("ElementWiseSum");
  static constexpr auto doc = "Elementwise sum of all inputs, which have one shape.";
  static constexpr auto count_param = "num_args";
  static constexpr TypeSet types = numeric_types;

  struct Params {
    int num_args = 0;
    static constexpr auto fields =
        reflect(field("num_args", &Params::num_args, required, at_least(1), "Number of inputs."));
  };

  static OpRecord::Names inputs(const Params& p) {
    OpRecord::Names made;
    for (int i = 0; i < p.num_args; ++i) made.push_back("arg" + std::to_string(i));
    return made;
  }
  static void infer_shape(const Params& p, ShapeInference& s) {
    for (int i = 0; i < p.num_args; ++i) s.unify(in(i), out(0));
  }
  // In one pass every input may be overwritten; a second one might meet what the first has written.
  static std::vector<Share> may_share(const Params& p) {
    std::vector<Share> made;
    for (int i = 0; p.num_args <= 4 && i < p.num_args; ++i) made.push_back(share(in(i), out(0)));
    return made;
  }

  struct Add3 {
    static constexpr TypeSet types = numeric_types;
    template <class T>
    TREADLE_HD T operator()(T a, T b, T c) const {
      return Add()(Add()(a, b), c);
    }
  };
  struct Add4 {
    static constexpr TypeSet types = numeric_types;
    template <class T>
    TREADLE_HD T operator()(T a, T b, T c, T d) const {
      return Add()(Add()(Add()(a, b), c), d);
    }
  };

  // From the first to the last, up to four arrays a pass: the sum so far is read and written less
  // often.
  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const int n = p.num_args;
    if (!call.is_wanted(out(0))) return;
    if (n == 1) return copy(call, out(0), in(0));
    if (n == 2) return elementwise(call, out(0), Add(), in(0), in(1));
    if (n == 3) return elementwise(call, out(0), Add3(), in(0), in(1), in(2));
    elementwise(call, out(0), Add4(), in(0), in(1), in(2), in(3));
    const Target sum(out(0), Request::write);
    int i = 4;
    for (; i + 3 <= n; i += 3)
      elementwise(call, sum, Add4(), Itself(), in(i), in(i + 1), in(i + 2));
    if (n - i == 2) elementwise(call, sum, Add3(), Itself(), in(i), in(i + 1));
    if (n - i == 1) elementwise(call, sum, Add(), Itself(), in(i));
  }
  static void compose_gradient(const Params& p, GradientBuilder& g) {
    for (int i = 0; i < p.num_args; ++i) g.set_in_grad(i, g.out_grad(0));
  }
};
TREADLE_REGISTER_OP(AddN);

}  // namespace
}  // namespace treadle::ops
