// Convolution that reads each element of its window at a place of its own (Dai et al., 2017), and,
// modulated, with a weight of its own (Zhu et al., 2018).
#pragma once

#include "treadle/operators/blas/gemm.h"
#include "treadle/operators/nn/computed.h"
#include "treadle/operators/nn/convolution_loops.h"
#include "treadle/operators/spatial/bilinear.h"

namespace treadle::ops {

enum class DeformableLayout { NCDHW, NCHW, NCW };
inline EnumNames describe(DeformableLayout) {
  return enum_names("DeformableLayout", "NCDHW", "NCHW", "NCW");
}

// A point of the plain form counts from the first pixel to the end of the last one; that of the
// modulated form up to a pixel outside of the image, where it fades to 0.
template <class T>
struct PlainPoint : ClampedPoint<T> {
  bool counts = false;
  PlainPoint(T y, T x, int64_t height, int64_t width) {
    counts = y >= T(0) && y < T(height) && x >= T(0) && x < T(width);
    if (counts) static_cast<ClampedPoint<T>&>(*this) = ClampedPoint<T>(y, x, height, width);
  }
  bool holds(int) const { return true; }
};
template <class T>
struct ModulatedPoint : BilinearPoint<T> {
  bool counts = false;
  ModulatedPoint(T y, T x, int64_t height, int64_t width)
      : BilinearPoint<T>(y, x, height, width),
        counts(y > T(-1) && y < T(height) && x > T(-1) && x < T(width)) {}
  bool holds(int k) const { return this->inside[k]; }
};

// Op has Params with kernel, stride, dilate, pad, num_filter, num_group, num_deformable_group and
// no_bias. Inputs data, offset, [mask,] weight, [bias].
template <class Op, bool kModulated>
struct DeformableFamily {
  static constexpr int weight_index = kModulated ? 3 : 2;

  template <class Params>
  static std::vector<std::string> input_names(const Params& p) {
    std::vector<std::string> made{"data", "offset"};
    if (kModulated) made.push_back("mask");
    made.push_back("weight");
    if (!p.no_bias) made.push_back("bias");
    return made;
  }

  template <class Params>
  static void infer_shape(const Params& p, ShapeInference& s) {
    check_tuples(s, p.kernel, {{"stride", p.stride}, {"dilate", p.dilate}, {"pad", p.pad}});
    if (p.kernel.ndim() != 2) {
      s.fail(concat("kernel is ", p.kernel, "; a height and a width are expected."));
    }
    const Shape data = s.shape(in(0));
    check_layout(s, {}, "", p.kernel, data);
    if (p.num_filter % p.num_group != 0) {
      s.fail(concat("num_filter is ", p.num_filter, " and num_group is ", p.num_group,
                    ": the groups must share the filters evenly."));
    }
    const auto because = [&] {
      return concat("data is ", data, ", kernel is ", p.kernel, ", num_filter is ", p.num_filter,
                    ", num_group is ", p.num_group, " and num_deformable_group is ",
                    p.num_deformable_group);
    };
    if (!p.no_bias) s.set(in(weight_index + 1), {p.num_filter}, because);
    if (data.empty()) return;
    for (const auto& [name, groups] :
         {std::pair{"num_group", p.num_group}, {"num_deformable_group", p.num_deformable_group}}) {
      if (data[1] % groups == 0) continue;
      s.fail(concat("data has shape ", data, ", that is ", data[1], " channels, and ", name, " is ",
                    groups, ": the groups must share the channels evenly."));
    }
    Shape made{data[0], p.num_filter, 0, 0};
    for (int i = 0; i < 2; ++i) {
      const int64_t pad = extent_or(p.pad, i, 0);
      const int64_t reach = (p.kernel[i] - 1) * extent_or(p.dilate, i, 1) + 1;
      check_fits(s, {}, p.kernel, data, i, reach, pad);
      if (data[i + 2] > 0) {
        made[i + 2] = (data[i + 2] + 2 * pad - reach) / extent_or(p.stride, i, 1) + 1;
      }
    }
    s.set(in(weight_index), {p.num_filter, data[1] / p.num_group, p.kernel[0], p.kernel[1]},
          because);
    s.set(slots::out(0), made, because);
    const int64_t places = p.num_deformable_group * p.kernel.elements();
    s.set(in(1), {data[0], 2 * places, made[2], made[3]}, because);
    if (kModulated) s.set(in(2), {data[0], places, made[2], made[3]}, because);
  }

  struct Geometry {
    Window window;
    int64_t channels, groups, deformable_groups, filters;
    int64_t taps() const { return window.kernel_size(); }
    int64_t positions() const { return window.out_size(); }
    int64_t depth() const { return channels * taps(); }
    int64_t columns() const { return depth() * positions(); }
  };
  template <class Params>
  static Geometry geometry(const Params& p, const Shape& data, const Shape& made) {
    return {make_window(data, made, {}, p.kernel, p.stride, p.dilate, p.pad), data[1], p.num_group,
            p.num_deformable_group, p.num_filter};
  }

  // One image's offsets, or their gradients: of a tap and a position, along y, then along x.
  static int64_t offset_index(const Geometry& g, int64_t group, int64_t tap, int64_t position) {
    return ((group * g.taps() + tap) * 2) * g.positions() + position;
  }
  static int64_t mask_index(const Geometry& g, int64_t group, int64_t tap, int64_t position) {
    return (group * g.taps() + tap) * g.positions() + position;
  }

  template <class T>
  using Point = std::conditional_t<kModulated, ModulatedPoint<T>, PlainPoint<T>>;

  template <class T>
  static Point<T> point(const Geometry& g, const T* offset, int64_t group, int64_t tap,
                        int64_t position) {
    const Window& w = g.window;
    const int64_t at = offset_index(g, group, tap, position);
    const int64_t row =
        position / w.out[2] * w.stride[1] - w.pad[1] + tap / w.kernel[2] * w.dilate[1];
    const int64_t column =
        position % w.out[2] * w.stride[2] - w.pad[2] + tap % w.kernel[2] * w.dilate[2];
    return Point<T>(T(row) + offset[at], T(column) + offset[at + g.positions()], w.in[1], w.in[2]);
  }

  // columns (channels * taps, positions) of one image.
  template <class T>
  static void read_columns(Pool& pool, const Geometry& g, const T* image, const T* offset,
                           const T* mask, T* columns) {
    const int64_t per_group = g.channels / g.deformable_groups;
    for_each(pool, g.channels * g.taps(), g.positions() * 16, [&](int64_t row) {
      const int64_t channel = row / g.taps(), tap = row % g.taps(), group = channel / per_group;
      const T* const plane = image + channel * g.window.in_size();
      for (int64_t i = 0; i < g.positions(); ++i) {
        const Point<T> at = point(g, offset, group, tap, i);
        T value = at.counts ? at.value([&](int64_t k) { return plane[k]; }) : T(0);
        if (mask) value *= mask[mask_index(g, group, tap, i)];
        columns[row * g.positions() + i] = value;
      }
    });
  }

  // Loops' own scratch first: columns and their gradients; then copies in other types.
  static size_t own_scratch(const Geometry& g, size_t size) {
    return (size_t(2 * g.columns()) * size + 63) / 64 * 64;
  }
  static size_t scratch_bytes(const KernelQuery& query) {
    using Params = typename Op::Params;
    const auto& p = *static_cast<const Params*>(query.params);
    const bool is_backward = query.outputs.size() > 1;
    const Shape& data = is_backward ? query.outputs[0].shape : query.inputs[0].shape;
    const Shape& made = is_backward ? query.inputs[0].shape : query.outputs[0].shape;
    const size_t size = query.inputs[0].type == DType::f64 ? sizeof(double) : sizeof(float);
    return own_scratch(geometry(p, data, made), size) + computed_scratch(query);
  }

  template <DeviceKind D, class Params>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(slots::out(0))) return;
    const Shape data = call.read(in(0)).shape(), made = call.write(slots::out(0)).shape();
    const Geometry g = geometry(p, data, made);
    in_compute_type(call.read(in(0)).type(), [&](auto zero) {
      using T = decltype(zero);
      Computed<T, D> arrays(call, static_cast<char*>(call.scratch()) + own_scratch(g, sizeof(T)));
      T* const columns = static_cast<T*>(call.scratch());
      const T* const x = arrays.read(in(0));
      const T* const offset = arrays.read(in(1));
      const T* const mask = kModulated ? arrays.read(in(2)) : nullptr;
      const T* const weight = arrays.read(in(weight_index));
      const T* const bias = p.no_bias ? nullptr : arrays.read(in(weight_index + 1));
      const auto to = arrays.write(slots::out(0));
      const int64_t filters = g.filters / g.groups, depth = g.depth() / g.groups, n = g.positions();
      for (int64_t image = 0; image < data[0]; ++image) {
        read_columns(call.pool(), g, x + image * g.channels * g.window.in_size(),
                     offset + image * 2 * g.deformable_groups * g.taps() * n,
                     mask ? mask + image * g.deformable_groups * g.taps() * n : nullptr, columns);
        T* const y = to.data + image * g.filters * n;
        for (int64_t k = 0; k < g.groups; ++k) {
          blas::gemm(
              call.pool(), filters, n, depth, blas::row_major(weight + k * filters * depth, depth),
              blas::row_major<T>(columns + k * depth * n, n), y + k * filters * n, n, to.adds);
        }
        for (int64_t i = 0; bias && i < g.filters * n; ++i) y[i] += bias[i / n];
      }
      arrays.finish();
    });
  }

  template <class Params>
  static std::vector<Slot> slots_read(const Params&) {
    std::vector<Slot> made{out_grad(0)};
    for (int i = 0; i <= weight_index; ++i) made.push_back(in(i));
    return made;
  }

  // From the gradients of one image's columns to those of its pixels, offsets and masks; null where
  // not wanted.
  template <class T>
  static void spread(Pool& pool, const Geometry& g, const T* heads, const T* image, const T* offset,
                     const T* mask, T* image_grad, T* offset_grad, T* mask_grad) {
    const int64_t per_group = g.channels / g.deformable_groups, n = g.positions();
    if (image_grad) {
      for_each(pool, g.channels, g.taps() * n * 16, [&](int64_t channel) {
        const int64_t group = channel / per_group;
        T* const plane = image_grad + channel * g.window.in_size();
        for (int64_t index = 0; index < g.taps() * n; ++index) {
          const int64_t tap = index / n, i = index % n;
          const Point<T> at = point(g, offset, group, tap, i);
          if (!at.counts) continue;
          T head = heads[channel * g.taps() * n + index];
          if (mask) head *= mask[mask_index(g, group, tap, i)];
          for (int k = 0; k < 4; ++k) {
            if (at.holds(k)) plane[at.index[k]] += at.weight[k] * head;
          }
        }
      });
    }
    if (!offset_grad && !mask_grad) return;
    for_each(pool, g.deformable_groups * g.taps(), n * per_group * 16, [&](int64_t row) {
      const int64_t group = row / g.taps(), tap = row % g.taps();
      for (int64_t i = 0; i < n; ++i) {
        const Point<T> at = point(g, offset, group, tap, i);
        if (!at.counts) continue;
        const T factor = mask ? mask[mask_index(g, group, tap, i)] : T(1);
        T sums[3] = {};
        for (int64_t c = group * per_group; c < (group + 1) * per_group; ++c) {
          const auto pixel = [&](int64_t k) { return image[c * g.window.in_size() + k]; };
          const T head = heads[(c * g.taps() + tap) * n + i];
          T along_y = 0, along_x = 0;
          at.slopes(pixel, along_y, along_x);
          sums[0] += head * along_y * factor;
          sums[1] += head * along_x * factor;
          sums[2] += head * at.value(pixel);
        }
        if (offset_grad) {
          offset_grad[offset_index(g, group, tap, i)] += sums[0];
          offset_grad[offset_index(g, group, tap, i) + n] += sums[1];
        }
        if (mask_grad) mask_grad[mask_index(g, group, tap, i)] += sums[2];
      }
    });
  }

  template <DeviceKind D, class Params>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Shape data = call.read(in(0)).shape(), made = call.read(out_grad(0)).shape();
    const Geometry g = geometry(p, data, made);
    in_compute_type(call.read(in(0)).type(), [&](auto zero) {
      using T = decltype(zero);
      Computed<T, D> arrays(call, static_cast<char*>(call.scratch()) + own_scratch(g, sizeof(T)));
      T* const columns = static_cast<T*>(call.scratch());
      T* const heads = columns + g.columns();
      const T* const dy = arrays.read(out_grad(0));
      const T* const x = arrays.read(in(0));
      const T* const offset = arrays.read(in(1));
      const T* const mask = kModulated ? arrays.read(in(2)) : nullptr;
      const T* const weight = arrays.read(in(weight_index));
      T* const data_grad = arrays.sums(in_grad(0));
      T* const offset_grad = arrays.sums(in_grad(1));
      T* const mask_grad = kModulated ? arrays.sums(in_grad(2)) : nullptr;
      T* const weight_grad = arrays.sums(in_grad(weight_index));
      T* const bias_grad = p.no_bias ? nullptr : arrays.sums(in_grad(weight_index + 1));
      const int64_t filters = g.filters / g.groups, depth = g.depth() / g.groups, n = g.positions();
      const auto at = [](auto* from, int64_t index) { return from ? from + index : from; };
      for (int64_t image = 0; image < data[0]; ++image) {
        const int64_t pixels = image * g.channels * g.window.in_size();
        const int64_t places = image * g.deformable_groups * g.taps() * n;
        const T* const head = dy + image * g.filters * n;
        for (int64_t k = 0; k < g.groups; ++k) {
          blas::gemm(call.pool(), depth, n, filters,
                     blas::transposed(weight + k * filters * depth, depth),
                     blas::row_major(head + k * filters * n, n), heads + k * depth * n, n, false);
        }
        spread<T>(call.pool(), g, heads, x + pixels, offset + 2 * places, at(mask, places),
                  at(data_grad, pixels), at(offset_grad, 2 * places), at(mask_grad, places));
        if (!weight_grad) continue;
        read_columns(call.pool(), g, x + pixels, offset + 2 * places, at(mask, places), columns);
        for (int64_t k = 0; k < g.groups; ++k) {
          blas::gemm(call.pool(), filters, depth, n, blas::row_major(head + k * filters * n, n),
                     blas::transposed<T>(columns + k * depth * n, n),
                     weight_grad + k * filters * depth, depth, true);
        }
      }
      if (bias_grad) sum_per_channel(call.pool(), dy, data[0], g.filters, n, bias_grad, true);
      arrays.finish();
    });
  }
};

}  // namespace treadle::ops
