// _scatter_set_nd: an array with slices replaced, named by indices of several axes.
#include <vector>

#include "treadle/operators/indexing/multi_index.h"

namespace treadle::ops {
namespace {

struct ScatterSetNd {
  static constexpr auto name = "_scatter_set_nd";
  static constexpr auto doc =
      "lhs with the slices of rhs where indices, (axis, ...), name them; of several for one place "
      "the last counts.";
  static constexpr auto inputs = names("lhs", "rhs", "indices");
  static constexpr TypeSet types = all_types;
  static constexpr bool overwrites = true;
  static constexpr auto may_share = shares(share(in(0), out(0)));

  struct Params {
    Shape shape;
    static constexpr auto fields =
        reflect(field("shape", &Params::shape, required, at_least(1), "The shape of lhs."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.set(out(0), p.shape, "shape says so");
    s.set(in(0), p.shape, "shape says so");
    const Shape indices = s.shape(in(2));
    if (indices.empty() || indices[0] == 0) return;
    const int depth = int(indices[0]);
    if (depth > p.shape.ndim()) {
      s.fail(concat("indices has shape ", indices, " and names ", depth, " axes, but shape is ",
                    p.shape, "."));
    }
    std::vector<int64_t> wanted(indices.begin() + 1, indices.end());
    wanted.insert(wanted.end(), p.shape.begin() + depth, p.shape.end());
    if (wanted.empty()) wanted.push_back(1);
    s.set(in(1), Shape(wanted),
          [&] { return concat("indices is ", indices, " and shape is ", p.shape); });
  }
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), out(0));
    t.unify(in(0), in(1));
    if (!t.is_known(in(2))) t.set(in(2), t.type(in(0)));
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor indices = call.read(in(2)), made = call.write(out(0));
    const std::vector<int64_t> slices = slice_numbers(indices, p.shape, name);
    copy(call, out(0), in(0));
    put_slices(call.read(in(1)), slices, slices_of(p.shape, int(indices.shape()[0])), made);
  }
};
TREADLE_REGISTER_OP(ScatterSetNd);

}  // namespace
}  // namespace treadle::ops
