// _contrib_AdaptiveAvgPooling2D: images averaged down (or repeated up) to a given size.
#include "treadle/operators/nn/computed.h"

namespace treadle::ops {
namespace {

struct AdaptiveAvgPooling {
  static constexpr auto name = "_contrib_AdaptiveAvgPooling2D";
  static constexpr auto doc =
      "Images (batch, channel, y, x) averaged over a grid of output_size cells that cover them.";
  static constexpr auto inputs = names("data");

  struct Params {
    Shape output_size;
    static constexpr auto fields =
        reflect(field("output_size", &Params::output_size, at_least(1),
                      "Height and width of the output; one number for both; none: 1."));

    int64_t extent(int i) const {
      if (output_size.empty()) return 1;
      return output_size[output_size.ndim() == 1 ? 0 : i];
    }
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.output_size.ndim() > 2) {
      s.fail(concat("output_size is ", p.output_size, "; at most two numbers are expected."));
    }
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() != 4) {
      s.fail(concat("data has shape ", data, "; 4 axes (batch, channel, y, x) are expected."));
    }
    s.set(out(0), {data[0], data[1], p.extent(0), p.extent(1)},
          [&] { return concat("data is ", data, " and output_size is ", p.output_size); });
    const Shape made = s.shape(out(0));
    s.set(in(0), {made[0], made[1], 0, 0});
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }
  static constexpr auto backward_reads = reads(out_grad(0));

  // Calls f(cell, pixel, count) for each cell of a plane and each pixel under it.
  template <class F>
  static void for_cells(const Shape& image, const Shape& cells, const F& f) {
    const auto first = [](int64_t i, int64_t size, int64_t count) { return i * size / count; };
    const auto last = [](int64_t i, int64_t size, int64_t count) {
      return ((i + 1) * size + count - 1) / count;
    };
    for (int64_t cell = 0; cell < cells[2] * cells[3]; ++cell) {
      const int64_t row = cell / cells[3], column = cell % cells[3];
      const int64_t top = first(row, image[2], cells[2]), bottom = last(row, image[2], cells[2]);
      const int64_t left = first(column, image[3], cells[3]);
      const int64_t right = last(column, image[3], cells[3]);
      for (int64_t y = top; y < bottom; ++y) {
        for (int64_t x = left; x < right; ++x) {
          f(cell, y * image[3] + x, (bottom - top) * (right - left));
        }
      }
    }
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape image = call.read(in(0)).shape(), cells = call.write(out(0)).shape();
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const x = arrays.read(in(0));
      const auto to = arrays.write(out(0));
      const int64_t pixels = image[2] * image[3], count = cells[2] * cells[3];
      for_each(call.pool(), image[0] * image[1], pixels + count, [&](int64_t plane) {
        // The pixels of a cell come one after another.
        int64_t open = 0;
        T sum = 0;
        for_cells(image, cells, [&](int64_t cell, int64_t pixel, int64_t size) {
          if (cell != open) to.put(plane * count + open, sum), open = cell, sum = 0;
          sum += x[plane * pixels + pixel] / T(size);
        });
        to.put(plane * count + open, sum);
      });
    });
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params&, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    const Shape image = call.write(in_grad(0)).shape(), cells = call.read(out_grad(0)).shape();
    with_computed(call, call.read(out_grad(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const dy = arrays.read(out_grad(0));
      T* const dx = arrays.sums(in_grad(0));
      const int64_t pixels = image[2] * image[3], count = cells[2] * cells[3];
      for_each(call.pool(), image[0] * image[1], pixels + count, [&](int64_t plane) {
        for_cells(image, cells, [&](int64_t cell, int64_t pixel, int64_t size) {
          dx[plane * pixels + pixel] += dy[plane * count + cell] / T(size);
        });
      });
    });
  }
};
TREADLE_REGISTER_OP(AdaptiveAvgPooling);

}  // namespace
}  // namespace treadle::ops
