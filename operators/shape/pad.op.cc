// Pad: images with a border around them.
#include "treadle/device/pool.h"
#include "treadle/operators/dispatch.h"
#include "treadle/operators/elementwise.h"

namespace treadle::ops {
namespace {

enum class PadMode { constant, edge, reflect };
EnumNames describe(PadMode) { return enum_names("PadMode", "constant", "edge", "reflect"); }

struct Pad {
  static constexpr auto name = "Pad";
  static constexpr auto aliases = names("pad");
  static constexpr auto doc =
      "Images (n, c, h, w) or volumes (n, c, d, h, w) with a border: of one number, of the element "
      "at the edge, or of what lies on the other side of the edge.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = numeric_types;

  struct Params {
    PadMode mode = PadMode::constant;
    Shape pad_width;
    double constant_value = 0;
    static constexpr auto fields = reflect(
        field("mode", &Params::mode, required,
              "constant: constant_value; edge: the nearest element; reflect: mirrored at the edge, "
              "which itself is not repeated."),
        field("pad_width", &Params::pad_width, required, at_least(0),
              "Width before and after each axis, axis by axis; 0 for the first two axes."),
        field("constant_value", &Params::constant_value, "What a constant border is made of."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() != 4 && data.ndim() != 5) {
      s.fail(concat("data has shape ", data,
                    "; (sample, channel, height, width) is expected, or a depth before height."));
    }
    if (p.pad_width.ndim() != 2 * data.ndim()) {
      s.fail(concat("pad_width is ", p.pad_width, ", but data has shape ", data, "; ",
                    2 * data.ndim(), " numbers are expected, two per axis."));
    }
    Shape made = data;
    for (int i = 0; i < data.ndim(); ++i) {
      const int64_t before = p.pad_width[2 * i], after = p.pad_width[2 * i + 1];
      if (i < 2 && before + after != 0) {
        s.fail(concat("pad_width is ", p.pad_width,
                      "; 0 is expected for the axes of samples and channels."));
      }
      if (data[i] == 0) continue;
      if (p.mode == PadMode::reflect && std::max(before, after) >= data[i]) {
        s.fail(concat("pad_width is ", p.pad_width, ", but data has shape ", data,
                      "; a mirrored border is expected to be narrower than its axis."));
      }
      made[i] = data[i] + before + after;
    }
    s.set(out(0), made,
          [&] { return concat("data is ", data, " and pad_width is ", p.pad_width); });
  }

  static constexpr auto backward_reads = reads(out_grad(0));

  // For each position along an axis of the output the one in data that it shows; -1 for none.
  static std::vector<int64_t> sources(const Params& p, int64_t extent, int64_t before,
                                      int64_t made) {
    std::vector<int64_t> from;
    for (int64_t i = 0; i < made; ++i) {
      int64_t k = i - before;
      if (k < 0 || k >= extent) {
        switch (p.mode) {
          case PadMode::constant: k = -1; break;
          case PadMode::edge: k = k < 0 ? 0 : extent - 1; break;
          case PadMode::reflect: k = k < 0 ? -k : 2 * (extent - 1) - k; break;
        }
      }
      from.push_back(k);
    }
    return from;
  }

  // An image as (depth, height, width), depth 1 where it has none.
  struct Volume {
    int64_t planes = 1, extent[3] = {1, 1, 1}, made[3] = {1, 1, 1};
    std::vector<int64_t> from[3];
    int64_t before = 0;  // columns of the output before the first of data
  };
  static Volume volume(const Params& p, const Shape& data, const Shape& made) {
    Volume v;
    v.planes = data[0] * data[1];
    const int missing = 5 - data.ndim();
    v.from[0] = {0};
    for (int i = missing; i < 3; ++i) {
      const int axis = i - missing + 2;
      v.extent[i] = data[axis];
      v.made[i] = made[axis];
      v.from[i] = sources(p, data[axis], p.pad_width[2 * axis], made[axis]);
    }
    v.before = p.pad_width[2 * (data.ndim() - 1)];
    return v;
  }

  // Calls visit(index in the plane of data or -1, index in the plane of the output).
  template <class Visit>
  static void each_element(const Volume& v, const Visit& visit) {
    int64_t i = 0;
    for (int64_t z : v.from[0]) {
      for (int64_t y : v.from[1]) {
        const bool is_outside = z < 0 || y < 0;
        const int64_t row = (z * v.extent[1] + y) * v.extent[2];
        for (int64_t x : v.from[2]) visit(is_outside || x < 0 ? -1 : row + x, i++);
      }
    }
  }

  // One plane, with what a row shows of data copied as a whole.
  template <class T>
  static void pad_rows(const Volume& v, const T* from, T* to, T constant) {
    const int64_t width = v.extent[2], before = v.before, after = v.made[2] - before - width;
    for (int64_t z : v.from[0]) {
      for (int64_t y : v.from[1]) {
        if (z < 0 || y < 0) {
          to = std::fill_n(to, v.made[2], constant);
          continue;
        }
        const T* const row = from + (z * v.extent[1] + y) * width;
        const auto border = [&](int64_t first, int64_t count) {
          for (int64_t i = first; i < first + count; ++i) {
            const int64_t x = v.from[2][size_t(i)];
            *to++ = x < 0 ? constant : row[x];
          }
        };
        border(0, before);
        to = std::copy_n(row, width, to);
        border(before + width, after);
      }
    }
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor data = call.read(in(0)), made = call.write(out(0));
    const Volume v = volume(p, data.shape(), made.shape());
    const int64_t from_size = v.extent[0] * v.extent[1] * v.extent[2];
    const int64_t to_size = v.made[0] * v.made[1] * v.made[2];
    const bool adds = call.request(out(0)) == Request::add;
    with_type(data.type(), [&](auto value) {
      using T = decltype(value);
      const T constant = T(p.constant_value);
      const int64_t grain = std::max<int64_t>(1, (1 << 14) / to_size);
      call.pool().parallel_for(0, v.planes, grain, [&](int64_t begin, int64_t end) {
        for (int64_t n = begin; n < end; ++n) {
          const T* const from = data.as<T>() + n * from_size;
          T* const to = made.as<T>() + n * to_size;
          if (!adds) {
            pad_rows(v, from, to, constant);
          } else {
            each_element(
                v, [&](int64_t k, int64_t i) { to[i] = T(to[i] + (k < 0 ? constant : from[k])); });
          }
        }
      });
    });
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor arrived = call.read(out_grad(0)), made = call.write(in_grad(0));
    const Volume v = volume(p, made.shape(), arrived.shape());
    const int64_t to_size = v.extent[0] * v.extent[1] * v.extent[2];
    const int64_t from_size = v.made[0] * v.made[1] * v.made[2];
    const bool adds = call.request(in_grad(0)) == Request::add;
    with_type(made.type(), [&](auto value) {
      using T = decltype(value);
      const int64_t grain = std::max<int64_t>(1, (1 << 14) / from_size);
      call.pool().parallel_for(0, v.planes, grain, [&](int64_t begin, int64_t end) {
        std::vector<double> sums(static_cast<size_t>(to_size));
        for (int64_t n = begin; n < end; ++n) {
          const T* const from = arrived.as<T>() + n * from_size;
          T* const to = made.as<T>() + n * to_size;
          for (int64_t i = 0; i < to_size; ++i) sums[size_t(i)] = adds ? double(to[i]) : 0;
          each_element(v, [&](int64_t k, int64_t i) {
            if (k >= 0) sums[size_t(k)] += double(from[i]);
          });
          for (int64_t i = 0; i < to_size; ++i) to[i] = T(sums[size_t(i)]);
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(Pad);

}  // namespace
}  // namespace treadle::ops
