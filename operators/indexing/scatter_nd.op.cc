// scatter_nd: slices put into zeros, named by indices of several axes.
#include <vector>

#include "treadle/operators/indexing/multi_index.h"

namespace treadle::ops {
namespace {

struct ScatterNd {
  static constexpr auto name = "scatter_nd";
  static constexpr auto doc =
      "Zeros of the given shape with the slices of data where indices, (axis, ...), name them; of "
      "several for one place the last counts. indices have no gradient.";
  static constexpr auto inputs = names("data", "indices");
  static constexpr TypeSet types = all_types;
  static constexpr bool overwrites = true;

  struct Params {
    Shape shape;
    static constexpr auto fields =
        reflect(field("shape", &Params::shape, required, at_least(1), "The shape of the output."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.set(out(0), p.shape, "shape says so");
    const Shape indices = s.shape(in(1));
    if (indices.empty() || indices[0] == 0) return;
    const int depth = int(indices[0]);
    if (depth > p.shape.ndim()) {
      s.fail(concat("indices has shape ", indices, " and names ", depth, " axes, but shape is ",
                    p.shape, "."));
    }
    std::vector<int64_t> wanted(indices.begin() + 1, indices.end());
    wanted.insert(wanted.end(), p.shape.begin() + depth, p.shape.end());
    if (wanted.empty()) wanted.push_back(1);
    s.set(in(0), Shape(wanted),
          [&] { return concat("indices is ", indices, " and shape is ", p.shape); });
  }
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), out(0));
    if (!t.is_known(in(1))) t.set(in(1), t.type(in(0)));
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(1));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    elementwise(call, out(0), Fill{0});
    const Tensor indices = call.read(in(1)), made = call.write(out(0));
    put_slices(call.read(in(0)), slice_numbers(indices, p.shape, name),
               slices_of(p.shape, int(indices.shape()[0])), made);
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor indices = call.read(in(1)), made = call.write(in_grad(0));
    take_rows(made.type(), call.read(out_grad(0)).data, slices_of(p.shape, int(indices.shape()[0])),
              slice_numbers(indices, p.shape, name), made.data, call.request(in_grad(0)),
              call.pool());
  }
};
TREADLE_REGISTER_OP(ScatterNd);

}  // namespace
}  // namespace treadle::ops
