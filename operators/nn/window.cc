#include "treadle/operators/nn/window.h"

#include "treadle/core/error.h"

namespace treadle::ops {

ImageLayout ImageLayout::named(std::string_view name, int axes) {
  if (name.empty()) return {axes, false};
  return {int(name.size()) - 2, name.back() == 'C'};
}

Window make_window(const Shape& in, const Shape& out, ImageLayout layout, const Shape& kernel,
                   const Shape& stride, const Shape& dilate, const Shape& pad) {
  Window window;
  for (int i = 0; i < layout.axes; ++i) {
    const size_t to = size_t(3 - layout.axes + i);
    window.in[to] = in[layout.spatial(i)];
    window.out[to] = out[layout.spatial(i)];
    window.kernel[to] = kernel[i];
    window.stride[to] = extent_or(stride, i, 1);
    window.dilate[to] = extent_or(dilate, i, 1);
    window.pad[to] = extent_or(pad, i, 0);
  }
  return window;
}

void check_tuples(ShapeInference& s, const Shape& kernel,
                  std::initializer_list<NamedTuple> others) {
  if (kernel.ndim() < 1 || kernel.ndim() > 3) {
    s.fail(concat("kernel is ", kernel, ", expected 1, 2 or 3 extents: one per spatial axis of ",
                  s.name(in(0)), "."));
  }
  for (const NamedTuple& tuple : others) {
    if (tuple.value.empty() || tuple.value.ndim() == kernel.ndim()) continue;
    s.fail(concat(tuple.name, " is ", tuple.value, ", expected ", kernel.ndim(),
                  kernel.ndim() == 1 ? " extent" : " extents", " like kernel ", kernel,
                  ", or none."));
  }
}

void check_layout(ShapeInference& s, ImageLayout layout, std::string_view name, const Shape& kernel,
                  const Shape& data) {
  if (!kernel.empty() && layout.axes != kernel.ndim()) {
    s.fail(concat("layout is ", name, ", which has ", layout.axes,
                  layout.axes == 1 ? " spatial axis" : " spatial axes", ", but kernel is ", kernel,
                  "."));
  }
  if (data.empty() || data.ndim() == layout.ndim()) return;
  s.fail(concat(s.name(in(0)), " has shape ", data, ", expected ", layout.ndim(),
                " axes (batch, channel and ", layout.axes, " spatial): ",
                kernel.empty() ? concat("layout is ", name) : concat("kernel is ", kernel), "."));
}

void check_fits(ShapeInference& s, ImageLayout layout, const Shape& kernel, const Shape& data,
                int i, int64_t reach, int64_t pad) {
  const int axis = layout.spatial(i);
  if (data[axis] == 0 || reach <= data[axis] + 2 * pad) return;
  s.fail(concat("kernel ", kernel, " covers ", reach, " elements of axis ", axis, ", but ",
                s.name(in(0)), " has shape ", data, ", ", data[axis] + 2 * pad,
                " with padding; use a smaller kernel or more pad."));
}

}  // namespace treadle::ops
