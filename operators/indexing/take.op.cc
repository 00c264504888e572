// take: slices of an array along an axis, chosen by number.
#include <vector>

#include "treadle/operators/indexing/rows_by_index.h"
#include "treadle/operators/reduce/reduced_shape.h"

namespace treadle::ops {
namespace {

struct Take {
  static constexpr auto name = "take";
  static constexpr auto doc =
      "Slices of a along an axis, chosen by indices, whose axes take the place of that axis. "
      "indices have no gradient.";
  static constexpr auto inputs = names("a", "indices");
  static constexpr TypeSet types = all_types;

  struct Params {
    int axis = 0;
    IndexMode mode = IndexMode::clip;
    static constexpr auto fields = reflect(
        field("axis", &Params::axis, "The axis; negative ones count from the last."),
        field(
            "mode", &Params::mode,
            "What an index out of range means: clip: the nearest; wrap: counted around; raise: an "
            "error."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape a = s.shape(in(0)), indices = s.shape(in(1));
    if (a.empty()) return;
    const int axis = checked_axis(s, "axis", p.axis, a);
    if (indices.empty()) return;
    std::vector<int64_t> made(a.begin(), a.begin() + axis);
    made.insert(made.end(), indices.begin(), indices.end());
    made.insert(made.end(), a.begin() + axis + 1, a.end());
    s.set(out(0), Shape(made), [&] { return concat("a is ", a, " and indices is ", indices); });
  }
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), out(0));
    if (t.is_known(in(0)) && !t.is_known(in(1))) {
      t.fail("the type of indices is not known and does not follow from that of a; state it.");
    }
  }
  static std::string refuse(const Params& p, const KernelQuery& query) {
    // Forward reads (a, indices), backward (the arriving gradient, indices).
    const bool is_forward = query.outputs.size() == 1;
    const Shape& a = is_forward ? query.inputs[0].shape : query.outputs[0].shape;
    if (a[p.axis < 0 ? p.axis + a.ndim() : p.axis] > 0) return {};
    if (query.inputs[1].shape.elements() == 0) return {};
    return concat("a has shape ", a, " and no slice to take along axis ", p.axis);
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(1));

  static RowLayout layout(const Params& p, const Shape& a) {
    const int axis = p.axis < 0 ? p.axis + a.ndim() : p.axis;
    return {a.elements(0, axis), a[axis], a.elements(axis + 1, a.ndim())};
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor a = call.read(in(0));
    const RowLayout rows = layout(p, a.shape());
    take_rows(a.type(), a.data, rows, Indices{call.read(in(1)), rows.count, p.mode, name},
              call.write(out(0)).data, call.request(out(0)), call.pool());
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor made = call.write(in_grad(0));
    const RowLayout rows = layout(p, made.shape());
    add_rows(made.type(), call.read(out_grad(0)).data, rows,
             resolved_indices(call.read(in(1)), rows.count, p.mode, name), made.data,
             call.request(in_grad(0)), call.pool());
  }
};
TREADLE_REGISTER_OP(Take);

}  // namespace
}  // namespace treadle::ops
