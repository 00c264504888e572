// gather_nd: slices of an array, named by indices of several axes.
#include <vector>

#include "treadle/operators/indexing/multi_index.h"

namespace treadle::ops {
namespace {

struct GatherNd {
  static constexpr auto name = "gather_nd";
  static constexpr auto doc =
      "The slices data[indices[0, ...], indices[1, ...], ...]: each of the first axes of data is "
      "indexed by one row of indices, which have no gradient.";
  static constexpr auto inputs = names("data", "indices");
  static constexpr TypeSet types = all_types;

  static void infer_shape(const NoParams&, ShapeInference& s) {
    const Shape data = s.shape(in(0)), indices = s.shape(in(1));
    if (data.empty() || indices.empty() || indices[0] == 0) return;
    if (indices[0] > data.ndim()) {
      s.fail(concat("indices has shape ", indices, " and names ", indices[0],
                    " axes, but data has shape ", data, "."));
    }
    std::vector<int64_t> made(indices.begin() + 1, indices.end());
    made.insert(made.end(), data.begin() + indices[0], data.end());
    if (made.empty()) made.push_back(1);
    s.set(out(0), Shape(made),
          [&] { return concat("data is ", data, " and indices is ", indices); });
  }
  static void infer_type(const NoParams&, TypeInference& t) {
    t.unify(in(0), out(0));
    if (!t.is_known(in(1))) t.set(in(1), t.type(in(0)));
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(1));

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor data = call.read(in(0)), indices = call.read(in(1));
    take_rows(data.type(), data.data, slices_of(data.shape(), int(indices.shape()[0])),
              slice_numbers(indices, data.shape(), name), call.write(out(0)).data,
              call.request(out(0)), call.pool());
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor indices = call.read(in(1)), made = call.write(in_grad(0));
    add_rows(made.type(), call.read(out_grad(0)).data,
             slices_of(made.shape(), int(indices.shape()[0])),
             slice_numbers(indices, made.shape(), name), made.data, call.request(in_grad(0)),
             call.pool());
  }
};
TREADLE_REGISTER_OP(GatherNd);

}  // namespace
}  // namespace treadle::ops
