// SliceChannel: data cut into equal parts along an axis.
#include "treadle/operators/reduce/reduced_shape.h"
#include "treadle/operators/shape/split_rows.h"

namespace treadle::ops {
namespace {

struct SliceChannel {
  static constexpr auto name = "SliceChannel";
  static constexpr auto aliases = names("split");
  static constexpr auto doc = "Data cut into equal parts along one axis.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = all_types;

  struct Params {
    int num_outputs = 0;
    int axis = 1;
    bool squeeze_axis = false;
    static constexpr auto fields = reflect(
        field("num_outputs", &Params::num_outputs, required, between(1, 10000), "How many parts."),
        field("axis", &Params::axis, "The axis to cut; negative ones count from the last."),
        field("squeeze_axis", &Params::squeeze_axis,
              "Leave the axis out of the parts, each of which has one element of it."));
  };

  static OpRecord::Names outputs(const Params& p) { return numbered_outputs(p.num_outputs); }

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    const auto because = [&] {
      return concat("data has shape ", s.shape(in(0)), " and num_outputs is ", p.num_outputs);
    };
    if (!data.empty()) {
      const int axis = checked_axis(s, "axis", p.axis, data);
      const int64_t extent = data[axis];
      if (extent % p.num_outputs != 0) {
        s.fail(concat("data has shape ", data, ", and axis ", axis, " cannot be cut into ",
                      p.num_outputs, " equal parts; a multiple of that is expected."));
      }
      if (p.squeeze_axis && extent != 0 && extent != p.num_outputs) {
        s.fail(concat("squeeze_axis is set and data has shape ", data, "; with ", p.num_outputs,
                      " outputs axis ", axis, " is expected to have as many elements."));
      }
      std::vector<int64_t> part;
      for (int i = 0; i < data.ndim(); ++i) {
        if (i != axis) {
          part.push_back(data[i]);
        } else if (!p.squeeze_axis) {
          part.push_back(extent / p.num_outputs);
        }
      }
      // A vector cut into single numbers: parts without axes are arrays of one element.
      if (part.empty()) part.push_back(1);
      for (int i = 0; i < p.num_outputs; ++i) s.set(out(i), Shape(part), because);
    }
    for (int i = 1; i < p.num_outputs; ++i) s.unify(out(0), out(i));
    const Shape part = s.shape(out(0));
    if (part.empty() || (p.squeeze_axis && data.ndim() == 1)) return;
    const int ndim = part.ndim() + p.squeeze_axis;
    const int axis = p.axis < 0 ? p.axis + ndim : p.axis;
    if (axis < 0 || axis >= ndim) return;  // refused once data is known
    Shape whole = Shape::filled(ndim, p.num_outputs);
    for (int i = 0; i < ndim; ++i) {
      if (i != axis) {
        whole[i] = part[p.squeeze_axis && i > axis ? i - 1 : i];
      } else if (!p.squeeze_axis) {
        whole[i] = part[i] * p.num_outputs;
      }
    }
    s.set(in(0), whole, [&] { return concat("each output has shape ", part); });
  }

  static constexpr bool is_linear = true;
  static std::vector<Slot> backward_reads(const Params& p) { return every_out_grad(p.num_outputs); }

  static int axis_of(const Params& p, const Shape& data) {
    return p.axis < 0 ? p.axis + data.ndim() : p.axis;
  }
  static std::vector<int64_t> borders(const Params& p, const Shape& data) {
    std::vector<int64_t> made;
    for (int64_t i = 0; i <= p.num_outputs; ++i) {
      made.push_back(data[axis_of(p, data)] / p.num_outputs * i);
    }
    return made;
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const Shape& data = call.read(in(0)).shape();
    split_forward(call, axis_of(p, data), borders(p, data));
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Shape& data = call.write(in_grad(0)).shape();
    split_backward(call, axis_of(p, data), borders(p, data));
  }
};
TREADLE_REGISTER_OP(SliceChannel);

}  // namespace
}  // namespace treadle::ops
