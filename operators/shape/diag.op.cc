// diag: a diagonal of data, or a matrix with data on one.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "treadle/operators/shape/moved.h"

namespace treadle::ops {
namespace {

struct DiagParams {
  int64_t k = 0;
  int axis1 = 0;
  int axis2 = 1;
  static constexpr auto fields = reflect(
      field("k", &DiagParams::k, "Which diagonal: above 0 to the right of the main one."),
      field("axis1", &DiagParams::axis1, "The axis of rows, for data of more than one axis."),
      field("axis2", &DiagParams::axis2, "The axis of columns, for data of more than one axis."));
};

struct Diag : Moving {
  static constexpr auto name = "diag";
  static constexpr auto doc =
      "For one axis a matrix of zeros with data on a diagonal; for more the elements on a diagonal "
      "of two of them, as a last axis.";
  using Params = DiagParams;

  static int64_t length(const Params& p, int64_t rows, int64_t columns) {
    return std::min(p.k < 0 ? rows + p.k : rows, p.k > 0 ? columns - p.k : columns);
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const auto because = [&] { return concat("data has shape ", data, " and k is ", p.k); };
    if (data.ndim() == 1) {
      const int64_t n = data[0] == 0 ? 0 : data[0] + std::abs(p.k);
      return s.set(out(0), Shape{n, n}, because);
    }
    const int rows = checked_axis(s, "axis1", p.axis1, data);
    const int columns = checked_axis(s, "axis2", p.axis2, data);
    if (rows == columns) {
      s.fail(concat("axis1 and axis2 are both axis ", rows, " of data ", data,
                    "; two different ones are expected."));
    }
    std::vector<int64_t> made;
    for (int i = 0; i < data.ndim(); ++i) {
      if (i != rows && i != columns) made.push_back(data[i]);
    }
    const bool is_known = data[rows] != 0 && data[columns] != 0;
    const int64_t n = is_known ? length(p, data[rows], data[columns]) : 0;
    if (is_known && n <= 0) {
      s.fail(concat("k is ", p.k, ", but the matrices of data ", data, " are ", data[rows], " by ",
                    data[columns], "; a diagonal that they have is expected."));
    }
    made.push_back(n);
    s.set(out(0), Shape(made), because);
  }

  // Where the elements of the diagonal lie in the array that has two axes for it.
  static Moved diagonal(const Params& p, const Shape& whole, int rows, int columns) {
    int64_t strides[Axes::max_count];
    row_major_strides(whole, strides);
    Moved moved;
    for (int i = 0; i < whole.ndim(); ++i) {
      if (i != rows && i != columns) moved.axes.add(whole[i], strides[i]);
    }
    moved.axes.add(length(p, whole[rows], whole[columns]), strides[rows] + strides[columns]);
    moved.offset = p.k < 0 ? -p.k * strides[rows] : p.k * strides[columns];
    return moved;
  }
  static Moved of_data(const Params& p, const Shape& data) {
    const int n = data.ndim();
    return diagonal(p, data, p.axis1 < 0 ? p.axis1 + n : p.axis1,
                    p.axis2 < 0 ? p.axis2 + n : p.axis2);
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const Shape& data = call.read(in(0)).shape();
    if (data.ndim() == 1) {
      return put(call, out(0), in(0), diagonal(p, call.write(out(0)).shape(), 0, 1), false);
    }
    take(call, out(0), in(0), of_data(p, data));
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Shape& data = call.write(in_grad(0)).shape();
    if (data.ndim() == 1) {
      return take(call, in_grad(0), out_grad(0), diagonal(p, call.read(out_grad(0)).shape(), 0, 1));
    }
    put(call, in_grad(0), out_grad(0), of_data(p, data), false);
  }
};
TREADLE_REGISTER_OP(Diag);

}  // namespace
}  // namespace treadle::ops
