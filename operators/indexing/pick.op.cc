// pick: one element along an axis, chosen by number.
#include <vector>

#include "treadle/operators/indexing/pick_elements.h"
#include "treadle/operators/reduce/reduced_shape.h"

namespace treadle::ops {
namespace {

enum class PickMode { clip, wrap };
EnumNames describe(PickMode) { return enum_names("PickMode", "clip", "wrap"); }

struct Pick {
  static constexpr auto name = "pick";
  static constexpr auto aliases = names("choose_element_0index");
  static constexpr auto doc =
      "The elements of data that index names along an axis; index has the other axes of data and "
      "no "
      "gradient.";
  static constexpr auto inputs = names("data", "index");
  static constexpr TypeSet types = all_types;

  struct Params {
    std::optional<int> axis = -1;
    bool keepdims = false;
    PickMode mode = PickMode::clip;
    static constexpr auto fields = reflect(
        field("axis", &Params::axis, "The axis; negative ones count from the last."),
        field("keepdims", &Params::keepdims, "Keep the axis in the output, with extent 1."),
        field("mode", &Params::mode,
              "What an index out of range means: clip: the nearest; wrap: counted around."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (!p.axis) s.fail("axis is None; the number of an axis is expected.");
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const int axis = checked_axis(s, "axis", *p.axis, data);
    const Shape kept = kept_shape(Shape{axis}, false, data);
    std::vector<int64_t> rest(kept.begin(), kept.end());
    rest.erase(rest.begin() + axis);
    if (rest.empty()) rest.push_back(1);
    const auto because = [&] { return concat("data has shape ", data, " and axis is ", axis); };
    s.set(out(0), p.keepdims ? kept : Shape(rest), because);
    const bool index_keeps = s.shape(in(1)).ndim() == data.ndim();
    s.set(in(1), index_keeps ? kept : Shape(rest), because);
  }
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), out(0));
    if (!t.is_known(in(1))) t.set(in(1), t.type(in(0)));
  }
  static std::string refuse(const Params& p, const KernelQuery& query) {
    return query.outputs.size() == 1 ? refuse_pick(query, *p.axis) : std::string();
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(1));

  static RowLayout layout(const Params& p, const Shape& data) {
    const int axis = *p.axis < 0 ? *p.axis + data.ndim() : *p.axis;
    return {data.elements(0, axis), data[axis], data.elements(axis + 1, data.ndim())};
  }
  static IndexMode mode(const Params& p) {
    return p.mode == PickMode::clip ? IndexMode::clip : IndexMode::wrap;
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor data = call.read(in(0));
    const RowLayout rows = layout(p, data.shape());
    pick_elements(data, rows, Indices{call.read(in(1)), rows.count, mode(p), name},
                  call.write(out(0)), call.request(out(0)), call.pool());
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    if (!call.is_wanted(in_grad(0))) return;
    if (call.request(in_grad(0)) == Request::write) elementwise(call, in_grad(0), Fill{0});
    const Tensor made = call.write(in_grad(0));
    const RowLayout rows = layout(p, made.shape());
    place_elements(call.read(out_grad(0)), rows,
                   Indices{call.read(in(1)), rows.count, mode(p), name}, made,
                   call.request(in_grad(0)), call.pool());
  }
};
TREADLE_REGISTER_OP(Pick);

}  // namespace
}  // namespace treadle::ops
