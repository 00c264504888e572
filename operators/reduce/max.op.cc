// max: the largest element along axes.
#include "treadle/operators/reduce/families.h"

namespace treadle::ops {
namespace {

struct Max : Reduced {
  static constexpr auto name = "max";
  static constexpr auto aliases = names("max_axis");
  static constexpr auto doc =
      "The largest element of data along the given axes, NaN where one is. Each of several equal "
      "ones "
      "gets the whole gradient.";

  struct Gradient {
    static constexpr TypeSet types = numeric_types;
    template <class T>
    TREADLE_HD T operator()(T dy, T y, T x) const {
      return x == y ? dy : T(0);
    }
  };

  static constexpr auto backward_reads = reads(out_grad(0), out(0), in(0));

  static std::string refuse(const Params&, const KernelQuery& query) { return refuse_empty(query); }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    fold(p, call, Fold::max, Identity());
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Shape& data = call.read(in(0)).shape();
    elementwise(call, in_grad(0), Gradient(), repeated(p, out_grad(0), data),
                repeated(p, out(0), data), in(0));
  }
};
TREADLE_REGISTER_OP(Max);

}  // namespace
}  // namespace treadle::ops
