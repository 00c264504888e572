// A window that slides over the one to three spatial axes of an image: what convolution and pooling
// share.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "treadle/core/shape.h"
#include "treadle/core/value_type.h"
#include "treadle/graph/inference.h"

namespace treadle::ops {

// The order of an image's axes, from MXNet's name for it: "NCHW", "NHWC".
struct ImageLayout {
  int axes = 2;  // spatial ones
  bool channels_last = false;

  // The layout of that name; with an empty name channels first and `axes` spatial axes.
  static ImageLayout named(std::string_view name, int axes);

  int ndim() const { return axes + 2; }
  int channel() const { return channels_last ? axes + 1 : 1; }
  int spatial(int i) const { return channels_last ? i + 1 : i + 2; }
};

// The name of an optional layout parameter's value; empty for None.
template <class E>
std::string name_of(const std::optional<E>& layout) {
  return layout ? describe(E{}).values[size_t(*layout)] : std::string();
}

// The window with its image, as three axes: depth, height, width; the leading ones have extent 1
// where there are fewer.
struct Window {
  using Extents = std::array<int64_t, 3>;
  Extents in = {1, 1, 1};
  Extents out = {1, 1, 1};
  Extents kernel = {1, 1, 1};
  Extents stride = {1, 1, 1};
  Extents dilate = {1, 1, 1};
  Extents pad = {0, 0, 0};  // before the first element

  int64_t in_size() const { return in[0] * in[1] * in[2]; }
  int64_t out_size() const { return out[0] * out[1] * out[2]; }
  int64_t kernel_size() const { return kernel[0] * kernel[1] * kernel[2]; }
  // From the first to the last element that the kernel touches on an axis.
  int64_t reach(int axis) const { return (kernel[axis] - 1) * dilate[axis] + 1; }
  // Padding that the last window needs after the last element; negative where it ends before.
  int64_t pad_after(int axis) const {
    return (out[axis] - 1) * stride[axis] + reach(axis) - in[axis] - pad[axis];
  }
};

// From tuples of one extent per spatial axis; an empty one means 1 (pad: 0) everywhere.
Window make_window(const Shape& in, const Shape& out, ImageLayout layout, const Shape& kernel,
                   const Shape& stride, const Shape& dilate, const Shape& pad);

// Refuses kernels of other than 1 to 3 extents, and other tuples that are neither empty nor as
// long.
struct NamedTuple {
  std::string_view name;
  const Shape& value;
};
void check_tuples(ShapeInference& s, const Shape& kernel, std::initializer_list<NamedTuple> others);
// Refuses a layout with another number of spatial axes than the kernel, and data of other rank.
void check_layout(ShapeInference& s, ImageLayout layout, std::string_view name, const Shape& kernel,
                  const Shape& data);
// Refuses a kernel that covers more than the padded data on spatial axis `i`.
void check_fits(ShapeInference& s, ImageLayout layout, const Shape& kernel, const Shape& data,
                int i, int64_t reach, int64_t pad);

// tuple[i], or `otherwise` when the tuple is empty.
inline int64_t extent_or(const Shape& tuple, int i, int64_t otherwise) {
  return tuple.empty() ? otherwise : tuple[i];
}

// Values of hint parameters that say how a GPU library chooses; they change no result.
enum class CudnnTune : uint8_t { off, limited_workspace, fastest };
inline EnumNames describe(CudnnTune) {
  return enum_names("CudnnTune", "off", "limited_workspace", "fastest");
}

}  // namespace treadle::ops
