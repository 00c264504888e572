// Windows of images as columns, and back: what im2col and col2im share. Images are (batch, channel,
// spatial…), columns (batch, channel * kernel, positions).
#pragma once

#include "treadle/operators/nn/computed.h"
#include "treadle/operators/nn/window.h"

namespace treadle::ops {

struct ColumnsShape {
  int64_t batch = 0, channels = 0;
  Window window;

  int64_t column_size() const { return window.kernel_size() * window.out_size(); }
};

// Calls f(pixel, number) for each number of the columns of one channel and the pixel it shows;
// those that lie in the padding are left out, but f(-1, number) is called for them.
template <class F>
void for_each_shown(const Window& w, const F& f) {
  int64_t number = 0;
  for (int64_t k = 0; k < w.kernel_size(); ++k) {
    const int64_t tap[3] = {k / (w.kernel[1] * w.kernel[2]), k / w.kernel[2] % w.kernel[1],
                            k % w.kernel[2]};
    for (int64_t o = 0; o < w.out_size(); ++o, ++number) {
      const int64_t at[3] = {o / (w.out[1] * w.out[2]), o / w.out[2] % w.out[1], o % w.out[2]};
      int64_t pixel = 0;
      bool inside = true;
      for (size_t i = 0; i < 3; ++i) {
        const int64_t place = at[i] * w.stride[i] - w.pad[i] + tap[i] * w.dilate[i];
        inside = inside && place >= 0 && place < w.in[i];
        pixel = pixel * w.in[i] + place;
      }
      f(inside ? pixel : int64_t(-1), number);
    }
  }
}

template <DeviceKind D>
void read_columns(Call<D>& call, const ColumnsShape& s, Slot image_slot, Slot columns_slot) {
  if (!call.is_wanted(columns_slot)) return;
  with_computed(call, call.read(image_slot).type(), [&](auto& arrays, auto zero) {
    using T = decltype(zero);
    const T* const image = arrays.read(image_slot);
    const auto to = arrays.write(columns_slot);
    for_each(call.pool(), s.batch * s.channels, s.column_size() * 8, [&](int64_t plane) {
      const T* const from = image + plane * s.window.in_size();
      for_each_shown(s.window, [&](int64_t pixel, int64_t number) {
        to.put(plane * s.column_size() + number, pixel < 0 ? T(0) : from[pixel]);
      });
    });
  });
}

// Numbers that show the same pixel are added.
template <DeviceKind D>
void add_columns(Call<D>& call, const ColumnsShape& s, Slot columns_slot, Slot image_slot) {
  if (!call.is_wanted(image_slot)) return;
  with_computed(call, call.read(columns_slot).type(), [&](auto& arrays, auto zero) {
    using T = decltype(zero);
    const T* const columns = arrays.read(columns_slot);
    T* const image = arrays.sums(image_slot);
    for_each(call.pool(), s.batch * s.channels, s.column_size() * 8, [&](int64_t plane) {
      T* const to = image + plane * s.window.in_size();
      for_each_shown(s.window, [&](int64_t pixel, int64_t number) {
        if (pixel >= 0) to[pixel] += columns[plane * s.column_size() + number];
      });
    });
  });
}

// Positions of a window on each spatial axis of an image of these extents (0: not known).
template <class Params>
Shape window_positions(const Params& p, ShapeInference& s, const Shape& extents) {
  Shape made = extents;
  for (int i = 0; i < p.kernel.ndim(); ++i) {
    if (extents[i] == 0) continue;
    const int64_t pad = extent_or(p.pad, i, 0);
    const int64_t reach = (p.kernel[i] - 1) * extent_or(p.dilate, i, 1) + 1;
    const int64_t room = extents[i] + 2 * pad - reach;
    if (room < 0) {
      s.fail(concat("kernel ", p.kernel, " covers ", reach, " elements of spatial axis ", i,
                    ", but the image has ", extents[i] + 2 * pad,
                    " with padding; use a smaller kernel or more pad."));
    }
    made[i] = room / extent_or(p.stride, i, 1) + 1;
  }
  return made;
}

// Of images of that shape.
template <class Params>
ColumnsShape columns_of(const Params& p, const Shape& image) {
  const ImageLayout layout{p.kernel.ndim(), false};
  Shape places = image;
  for (int i = 0; i < layout.axes; ++i) {
    const int64_t reach = (p.kernel[i] - 1) * extent_or(p.dilate, i, 1) + 1;
    const int64_t room = image[i + 2] + 2 * extent_or(p.pad, i, 0) - reach;
    places[i + 2] = room / extent_or(p.stride, i, 1) + 1;
  }
  return {image[0], image[1],
          make_window(image, places, layout, p.kernel, p.stride, p.dilate, p.pad)};
}

}  // namespace treadle::ops
