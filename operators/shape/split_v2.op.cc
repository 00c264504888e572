// _split_v2: data cut along an axis at given indices, or into nearly equal parts.
#include "treadle/operators/reduce/reduced_shape.h"
#include "treadle/operators/shape/split_rows.h"

namespace treadle::ops {
namespace {

struct SplitV2 {
  static constexpr auto name = "_split_v2";
  static constexpr auto doc =
      "Data cut along one axis: from each index to the next, or into sections of nearly equal "
      "size, "
      "the longer ones first.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = all_types;

  struct Params {
    Shape indices;
    int axis = 1;
    bool squeeze_axis = false;
    int sections = 0;
    static constexpr auto fields = reflect(
        field("indices", &Params::indices, required, at_least(0),
              "Where the parts begin, the first at 0; the last ends where data does."),
        field("axis", &Params::axis, "The axis to cut; negative ones count from the last."),
        field("squeeze_axis", &Params::squeeze_axis,
              "Leave the axis out of the parts, each of which has one element of it."),
        field("sections", &Params::sections, at_least(0), "How many parts, in place of indices."));
  };

  static int count(const Params& p) { return p.sections > 0 ? p.sections : p.indices.ndim(); }
  static OpRecord::Names outputs(const Params& p) { return numbered_outputs(count(p)); }

  // Where the parts begin, and where the last one ends.
  static std::vector<int64_t> borders(const Params& p, int64_t extent) {
    std::vector<int64_t> made{0};
    if (p.sections == 0) {
      made.assign(p.indices.begin(), p.indices.end());
      made.push_back(extent);
      return made;
    }
    for (int i = 0; i < p.sections; ++i) {
      made.push_back(made.back() + extent / p.sections + (i < extent % p.sections));
    }
    return made;
  }
  static int axis_of(const Params& p, const Shape& data) {
    return p.axis < 0 ? p.axis + data.ndim() : p.axis;
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (count(p) == 0) s.fail("indices is empty and sections is 0; one of them is expected.");
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const int axis = checked_axis(s, "axis", p.axis, data);
    const std::vector<int64_t> begin = borders(p, data[axis]);
    for (int i = 0; i < count(p); ++i) {
      const int64_t extent = data[axis] == 0 ? 0 : begin[size_t(i) + 1] - begin[size_t(i)];
      if (extent < 0) {
        s.fail(concat("indices is ", p.indices, ", but axis ", axis, " of data ", data, " has ",
                      data[axis], " elements; growing indices up to that are expected."));
      }
      if (p.squeeze_axis && data[axis] != 0 && extent != 1) {
        s.fail(concat("squeeze_axis is set, but part ", i, " of data ", data, " has ", extent,
                      " elements of axis ", axis, "; 1 is expected."));
      }
      std::vector<int64_t> part(data.begin(), data.end());
      if (p.squeeze_axis) {
        part.erase(part.begin() + axis);
      } else {
        part[size_t(axis)] = extent;
      }
      if (part.empty()) part.push_back(1);
      s.set(out(i), Shape(part), [&] { return concat("data has shape ", data); });
    }
  }

  static constexpr bool is_linear = true;
  static std::vector<Slot> backward_reads(const Params& p) { return every_out_grad(count(p)); }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const Shape& data = call.read(in(0)).shape();
    split_forward(call, axis_of(p, data), borders(p, data[axis_of(p, data)]));
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Shape& data = call.write(in_grad(0)).shape();
    const int axis = axis_of(p, data);
    const std::vector<int64_t> begin = borders(p, data[axis]);
    // What lies before the first part reaches no output.
    if (begin[0] > 0 && call.request(in_grad(0)) == Request::write) {
      elementwise(call, in_grad(0), Fill{0});
    }
    split_backward(call, axis, begin);
  }
};
TREADLE_REGISTER_OP(SplitV2);

}  // namespace
}  // namespace treadle::ops
