// Joining arrays along an axis: what Concat and _rnn_param_concat share.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "treadle/operators/elementwise.h"
#include "treadle/operators/rows.h"

namespace treadle::ops {

struct Joined {
  static constexpr auto count_param = "num_args";
  static constexpr TypeSet types = all_types;

  struct Params {
    int num_args = 0;
    int dim = 1;
    static constexpr auto fields =
        reflect(field("num_args", &Params::num_args, required, at_least(1), "Number of inputs."),
                field("dim", &Params::dim, "The axis; negative ones count from the last."));
  };

  static OpRecord::Names inputs(const Params& p) {
    OpRecord::Names made;
    for (int i = 0; i < p.num_args; ++i) made.push_back("arg" + std::to_string(i));
    return made;
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    Shape common;  // of everything but the axis, on which it is 0
    int axis = 0;
    const auto look = [&](Slot slot) {
      const Shape& shape = s.shape(slot);
      if (shape.empty()) return;
      if (common.empty()) {
        axis = p.dim < 0 ? p.dim + shape.ndim() : p.dim;
        if (axis < 0 || axis >= shape.ndim()) {
          s.fail(concat("dim is ", p.dim, ", but ", s.name(slot), " has shape ", shape, "; from ",
                        -shape.ndim(), " to ", shape.ndim() - 1, " is expected."));
        }
        common = Shape::filled(shape.ndim(), 0);
      }
      // Of another rank it is refused below, where it is set.
      for (int i = 0; i < std::min(common.ndim(), shape.ndim()); ++i) {
        if (i != axis && common[i] == 0) common[i] = shape[i];
      }
    };
    look(out(0));
    for (int i = 0; i < p.num_args; ++i) look(in(i));
    if (common.empty()) return;
    for (int i = 0; i < p.num_args; ++i) set_common(s, in(i), common, axis);
    set_common(s, out(0), common, axis);

    int64_t sum = 0;
    int unknown = -1, num_unknown = 0;
    for (int i = 0; i < p.num_args; ++i) {
      const int64_t extent = s.shape(in(i))[axis];
      sum += extent;
      if (extent == 0) unknown = i, ++num_unknown;
    }
    const auto because = [&] {
      return concat("the extents of the inputs on axis ", axis, " are added");
    };
    if (num_unknown == 0) {
      common[axis] = sum;
      s.set(out(0), common, because);
    } else if (num_unknown == 1 && s.shape(out(0))[axis] > sum) {
      common[axis] = s.shape(out(0))[axis] - sum;
      s.set(in(unknown), common, because);
    }
  }

  static void set_common(ShapeInference& s, Slot slot, const Shape& common, int axis) {
    s.set(slot, common,
          [&] { return concat("all arrays are equal except on axis ", axis, " (0: not known)"); });
  }

  static constexpr bool is_linear = true;
  static constexpr auto backward_reads = reads(out_grad(0));
  static constexpr auto may_share = [](const Params& p) {
    return p.num_args == 1 ? std::vector<Share>{share(in(0), out(0))} : std::vector<Share>{};
  };

  // To inference an extent of 0 is one that is not known, so arrays without elements among others
  // give no extent to the output.
  static std::string refuse(const Params& p, const KernelQuery& query) {
    const bool is_forward = int(query.inputs.size()) == p.num_args && query.outputs.size() == 1;
    if (!is_forward) return {};
    const Shape& made = query.outputs[0].shape;
    const int axis = p.dim < 0 ? p.dim + made.ndim() : p.dim;
    int64_t sum = 0;
    for (const TensorSpec& input : query.inputs) sum += input.shape[axis];
    if (sum == made[axis]) return {};
    return concat("the inputs have ", sum, " rows along axis ", axis, " and the output ",
                  made[axis],
                  ": arrays without elements cannot be joined with others; leave them out");
  }

  // Calls move(i, rows of part i within the joined array, their number and length).
  template <class Move>
  static void each_part(const Params& p, const Tensor& whole, const std::vector<Shape>& parts,
                        const Move& move) {
    const Shape& shape = whole.shape();
    const int axis = p.dim < 0 ? p.dim + shape.ndim() : p.dim;
    const int64_t inner = shape.elements(axis + 1, shape.ndim());
    char* first = whole.as<char>();
    for (int i = 0; i < p.num_args; ++i) {
      const int64_t length = parts[size_t(i)][axis] * inner;
      move(i, Rows{first, shape[axis] * inner}, shape.elements(0, axis), length);
      first += length * int64_t(size_of(whole.type()));
    }
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    if (p.num_args == 1) return copy(call, out(0), in(0));
    const Tensor whole = call.write(out(0));
    std::vector<Shape> parts;
    for (int i = 0; i < p.num_args; ++i) parts.push_back(call.read(in(i)).shape());
    each_part(p, whole, parts, [&](int i, Rows rows, int64_t count, int64_t length) {
      copy_rows(whole.type(), rows, {call.read(in(i)).data, length}, count, length,
                call.request(out(0)), call.pool());
    });
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Tensor whole = call.read(out_grad(0));
    std::vector<Shape> parts;
    for (int i = 0; i < p.num_args; ++i) parts.push_back(call.write(in_grad(i)).shape());
    each_part(p, whole, parts, [&](int i, Rows rows, int64_t count, int64_t length) {
      copy_rows(whole.type(), {call.write(in_grad(i)).data, length}, rows, count, length,
                call.request(in_grad(i)), call.pool());
    });
  }
};

}  // namespace treadle::ops
