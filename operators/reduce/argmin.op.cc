// argmin: where the smallest element lies.
#include "treadle/operators/elementwise.h"
#include "treadle/operators/reduce/arg_extreme.h"

namespace treadle::ops {
namespace {

struct ArgMin {
  static constexpr auto name = "argmin";
  static constexpr auto doc =
      "The index along an axis of the smallest element of data, the first of equal ones, as a "
      "number of "
      "the type of data.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = numeric_types;
  static constexpr bool zero_gradient = true;

  struct Params {
    std::optional<int> axis;
    bool keepdims = false;
    static constexpr auto fields =
        reflect(field("axis", &Params::axis,
                      "The axis; negative ones count from the last. None: data counts as one row."),
                field("keepdims", &Params::keepdims, "Keep the axis, with extent 1."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    infer_arg_extreme(s, p.axis, p.keepdims);
  }
  static std::string refuse(const Params&, const KernelQuery& query) {
    return refuse_arg_extreme(query);
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    arg_extreme(call.read(in(0)), call.write(out(0)), p.axis, false, call.request(out(0)),
                call.pool());
  }
};
TREADLE_REGISTER_OP(ArgMin);

}  // namespace
}  // namespace treadle::ops
