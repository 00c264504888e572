// Where the largest or the smallest element lies: what argmax and its kin share.
#pragma once

#include <optional>

#include "treadle/operators/op.h"
#include "treadle/operators/reduce/reduced_shape.h"

namespace treadle {

// `place`, as a number in its own type, = the index along the folded axis (all of data where there
// is none) of the largest element, the smallest unless `is_largest`. The first of equal ones
// counts, and NaN before all others. data must not be empty along that axis.
void arg_extreme(const Tensor& data, const Tensor& place, std::optional<int> axis, bool is_largest,
                 Request request, Pool& pool);

// States the output's shape; refuses an axis that data does not have.
void infer_arg_extreme(ShapeInference& s, std::optional<int> axis, bool keepdims);

// "" or why these arrays cannot be searched.
std::string refuse_arg_extreme(const KernelQuery& query);

namespace ops {

// argmax and argmin but for name and doc.
template <bool is_largest>
struct ArgExtreme {
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
    arg_extreme(call.read(in(0)), call.write(out(0)), p.axis, is_largest, call.request(out(0)),
                call.pool());
  }
};

}  // namespace ops
}  // namespace treadle
