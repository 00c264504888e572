// _contrib_DeformablePSROIPooling: PSROIPooling whose cells are moved by learnt shifts (Dai et al.,
// 2017).
#include <algorithm>

#include "treadle/operators/elementwise.h"
#include "treadle/operators/spatial/regions.h"

namespace treadle::ops {
namespace {

struct DeformablePsRoiPooling {
  static constexpr auto name = "_contrib_DeformablePSROIPooling";
  static constexpr auto doc =
      "The mean of sample_per_part^2 samples of data (image, output_dim * group_size^2, y, x) in "
      "each of pooled_size x pooled_size cells of each region, moved by trans (region, 2 * class, "
      "part_size, part_size) times trans_std and the region's size. A cell with no sample inside "
      "the image gives 0.";

  struct Params {
    float spatial_scale = 1;
    int output_dim = 0;
    int group_size = 0;
    int pooled_size = 0;
    int part_size = 0;
    int sample_per_part = 1;
    float trans_std = 0;
    bool no_trans = false;
    static constexpr auto fields = reflect(
        field("spatial_scale", &Params::spatial_scale, required, between(0, 1),
              "From the coordinates of rois to those of data."),
        field("output_dim", &Params::output_dim, required, at_least(1), "Channels of the output."),
        field("group_size", &Params::group_size, required, at_least(1),
              "Rows, and columns, of groups of channels."),
        field("pooled_size", &Params::pooled_size, required, at_least(1),
              "Rows, and columns, of cells."),
        field("part_size", &Params::part_size, at_least(0),
              "Rows, and columns, of shifts; 0: pooled_size."),
        field("sample_per_part", &Params::sample_per_part, at_least(1),
              "Rows, and columns, of samples in a cell."),
        field("trans_std", &Params::trans_std, between(0, 1), "Factor of the shifts."),
        field("no_trans", &Params::no_trans, "Whether there are no shifts."));

    int64_t parts() const { return part_size > 0 ? part_size : pooled_size; }
    int64_t cells() const { return int64_t(pooled_size) * pooled_size; }
  };

  static std::vector<std::string> inputs(const Params& p) {
    if (p.no_trans) return {"data", "rois"};
    return {"data", "rois", "trans"};
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_regions(s, 5);
    if (!s.shape(in(0)).empty()) {
      s.set(in(0), {0, int64_t(p.output_dim) * p.group_size * p.group_size, 0, 0}, [&] {
        return concat("output_dim is ", p.output_dim, " and group_size is ", p.group_size);
      });
    }
    const auto because = [&] { return concat("rois is ", s.shape(in(1))); };
    s.set(out(0), {s.shape(in(1))[0], p.output_dim, p.pooled_size, p.pooled_size}, because);
    if (p.no_trans) return;
    s.set(in(2), {s.shape(in(1))[0], 0, p.parts(), p.parts()}, because);
    const int64_t shifts = s.shape(in(2))[1];
    if (shifts > 0 && (shifts % 2 != 0 || p.output_dim % (shifts / 2) != 0)) {
      s.fail(concat("trans has ", shifts, " channels, two for each class, and output_dim is ",
                    p.output_dim, "; the number of classes must divide it."));
    }
  }
  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  // One cell of one region: where its samples lie and which numbers move it.
  template <class T>
  struct Cell {
    int64_t plane = -1;  // of data; -1: the image does not exist
    int64_t shift = 0;   // of trans along x; that along y lies parts^2 further
    T left = 0, top = 0, width = 0, height = 0, step_x = 0, step_y = 0;
  };
  // Pixels and weights of one sample.
  template <class T>
  struct Sample {
    int64_t left, right, top, bottom;
    T x, y;  // how far it is from the left and the top one
  };

  template <class T>
  struct Geometry {
    const Params& p;
    Shape data;
    int64_t classes;
    const T* rois;
    const T* trans;  // null without shifts

    Cell<T> cell(int64_t region, int64_t channel, int64_t row, int64_t column) const {
      Cell<T> made;
      const T* const roi = rois + region * 5;
      const int64_t image = index_of(roi[0]);
      if (image < 0 || image >= data[0]) return made;
      const T scale = T(p.spatial_scale), pooled = T(p.pooled_size);
      const auto span = [&](T from, T to, int64_t i, T& start, T& size, T& step) {
        start = std::round(from) * scale - T(0.5);
        size = std::max((std::round(to) + T(1)) * scale - T(0.5) - start, T(0.1));
        start += T(i) * (size / pooled);
        step = size / pooled / T(p.sample_per_part);
      };
      span(roi[1], roi[3], column, made.left, made.width, made.step_x);
      span(roi[2], roi[4], row, made.top, made.height, made.step_y);
      const auto share = [&](int64_t i, int64_t of) {
        return std::min<int64_t>(int64_t(T(i) / pooled * T(of)), of - 1);
      };
      if (trans) {
        const int64_t parts = p.parts(), a_class = channel / (p.output_dim / classes);
        made.shift = (((region * classes + a_class) * 2) * parts + share(row, parts)) * parts +
                     share(column, parts);
        made.left += trans[made.shift] * T(p.trans_std) * made.width;
        made.top += trans[made.shift + parts * parts] * T(p.trans_std) * made.height;
      }
      const int64_t group = p.group_size;
      const int64_t from =
          (channel * group + row * group / p.pooled_size) * group + column * group / p.pooled_size;
      made.plane = (image * data[1] + from) * data[2] * data[3];
      return made;
    }
    // Calls f(sample) for those inside the image.
    template <class F>
    void each_sample(const Cell<T>& cell, const F& f) const {
      if (cell.plane < 0) return;
      const T last_x = T(data[3] - 1), last_y = T(data[2] - 1);
      for (int iy = 0; iy < p.sample_per_part; ++iy) {
        for (int ix = 0; ix < p.sample_per_part; ++ix) {
          T x = cell.left + T(ix) * cell.step_x, y = cell.top + T(iy) * cell.step_y;
          const bool is_inside =
              x >= T(-0.5) && x <= last_x + T(0.5) && y >= T(-0.5) && y <= last_y + T(0.5);
          if (!is_inside) continue;
          x = std::clamp(x, T(0), last_x);
          y = std::clamp(y, T(0), last_y);
          Sample<T> made{int64_t(std::floor(x)),
                         int64_t(std::ceil(x)),
                         int64_t(std::floor(y)),
                         int64_t(std::ceil(y)),
                         0,
                         0};
          made.x = x - T(made.left);
          made.y = y - T(made.top);
          made.top = cell.plane + made.top * data[3];
          made.bottom = cell.plane + made.bottom * data[3];
          f(made);
        }
      }
    }
    int64_t count(const Cell<T>& cell) const {
      int64_t samples = 0;
      each_sample(cell, [&](const Sample<T>&) { ++samples; });
      return samples;
    }
  };

  template <class T, DeviceKind D, class Arrays>
  static Geometry<T> geometry(const Params& p, const Call<D>& call, Arrays& arrays) {
    const int64_t classes = p.no_trans ? 1 : call.read(in(2)).shape()[1] / 2;
    return {p, call.read(in(0)).shape(), classes, arrays.read(in(1)),
            p.no_trans ? nullptr : arrays.read(in(2))};
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const int64_t regions = call.read(in(1)).shape()[0];
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const auto g = geometry<T>(p, call, arrays);
      const T* const x = arrays.read(in(0));
      const auto to = arrays.write(out(0));
      for_each(call.pool(), regions * p.output_dim, p.cells() * 64, [&](int64_t index) {
        for (int64_t i = 0; i < p.cells(); ++i) {
          const auto cell = g.cell(index / p.output_dim, index % p.output_dim, i / p.pooled_size,
                                   i % p.pooled_size);
          T sum = 0;
          int64_t count = 0;
          g.each_sample(cell, [&](const Sample<T>& s) {
            const T above = x[s.top + s.left] * (T(1) - s.x) + x[s.top + s.right] * s.x;
            const T below = x[s.bottom + s.left] * (T(1) - s.x) + x[s.bottom + s.right] * s.x;
            sum += above * (T(1) - s.y) + below * s.y;
            ++count;
          });
          to.put(index * p.cells() + i, count > 0 ? sum / T(count) : T(0));
        }
      });
    });
  }

  static std::vector<Slot> backward_reads(const Params& p) {
    std::vector<Slot> made{out_grad(0), in(0), in(1)};
    if (!p.no_trans) made.push_back(in(2));
    return made;
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    const int64_t regions = call.read(in(1)).shape()[0];
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const auto g = geometry<T>(p, call, arrays);
      const T* const dy = arrays.read(out_grad(0));
      const T* const x = arrays.read(in(0));
      T* const dx = arrays.sums(in_grad(0));
      T* const dtrans = p.no_trans ? nullptr : arrays.sums(in_grad(2));
      // Regions overlap and the channels of a class share their shifts, so each thread has classes
      // of its own, or channels where there are none.
      const int64_t groups = p.no_trans ? p.output_dim : g.classes;
      const int64_t channels = p.output_dim / groups;
      for_each(call.pool(), groups, regions * channels * p.cells() * 64, [&](int64_t group) {
        for (int64_t k = 0; k < regions * channels * p.cells(); ++k) {
          const int64_t i = k % p.cells(), region = k / p.cells() / channels;
          const int64_t channel = group * channels + k / p.cells() % channels;
          const auto cell = g.cell(region, channel, i / p.pooled_size, i % p.pooled_size);
          const int64_t count = g.count(cell);
          if (count == 0) continue;
          const T head = dy[(region * p.output_dim + channel) * p.cells() + i] / T(count);
          g.each_sample(cell, [&](const Sample<T>& s) {
            if (dx) {
              dx[s.top + s.left] += (T(1) - s.x) * (T(1) - s.y) * head;
              dx[s.top + s.right] += s.x * (T(1) - s.y) * head;
              dx[s.bottom + s.left] += (T(1) - s.x) * s.y * head;
              dx[s.bottom + s.right] += s.x * s.y * head;
            }
            if (!dtrans) return;
            const T along_x = (x[s.bottom + s.right] - x[s.bottom + s.left]) * s.y +
                              (x[s.top + s.right] - x[s.top + s.left]) * (T(1) - s.y);
            const T along_y = (x[s.bottom + s.right] - x[s.top + s.right]) * s.x +
                              (x[s.bottom + s.left] - x[s.top + s.left]) * (T(1) - s.x);
            dtrans[cell.shift] += along_x * T(p.trans_std) * head * cell.width;
            dtrans[cell.shift + p.parts() * p.parts()] +=
                along_y * T(p.trans_std) * head * cell.height;
          });
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(DeformablePsRoiPooling);

}  // namespace
}  // namespace treadle::ops
