#include "treadle/operators/reduce/reduced_shape.h"

#include <vector>

namespace treadle {
namespace {

std::vector<bool> folded_axes(const std::optional<Shape>& axis, bool exclude, int ndim) {
  if (!axis || axis->empty()) return std::vector<bool>(size_t(ndim), true);
  std::vector<bool> folded(size_t(ndim), exclude);
  for (int64_t given : *axis) folded[size_t(given < 0 ? given + ndim : given)] = !exclude;
  return folded;
}

}  // namespace

Shape kept_shape(const std::optional<Shape>& axis, bool exclude, const Shape& data) {
  const std::vector<bool> folded = folded_axes(axis, exclude, data.ndim());
  Shape made = data;
  for (int i = 0; i < data.ndim(); ++i) {
    if (folded[size_t(i)]) made[i] = 1;
  }
  return made;
}

int checked_axis(const ShapeInference& s, std::string_view parameter, int64_t axis,
                 const Shape& shape) {
  const int64_t made = axis < 0 ? axis + shape.ndim() : axis;
  if (made < 0 || made >= shape.ndim()) {
    s.fail(concat(parameter, " is ", axis, ", but ", s.name(in(0)), " has shape ", shape, "; from ",
                  -shape.ndim(), " to ", shape.ndim() - 1, " is expected."));
  }
  return int(made);
}

void infer_reduced_shape(ShapeInference& s, const std::optional<Shape>& axis, bool keepdims,
                         bool exclude, Slot output) {
  const Shape data = s.shape(in(0));
  if (data.empty()) return;
  if (axis) {
    std::vector<bool> seen(size_t(data.ndim()));
    for (int64_t given : *axis) {
      const size_t i = size_t(checked_axis(s, "axis", given, data));
      if (seen[i]) {
        s.fail(concat("axis is ", *axis, "; axis ", i, " of data ", data,
                      " is there twice, once is expected."));
      }
      seen[i] = true;
    }
  }
  const std::vector<bool> folded = folded_axes(axis, exclude, data.ndim());
  std::vector<int64_t> made;
  for (int i = 0; i < data.ndim(); ++i) {
    if (!folded[size_t(i)]) {
      made.push_back(data[i]);
    } else if (keepdims) {
      made.push_back(1);
    }
  }
  if (made.empty()) made.push_back(1);
  s.set(output, Shape(made), [&] { return concat("data has shape ", data); });
}

}  // namespace treadle
