// im2col: the windows of images as columns.
#include "treadle/operators/nn/im2col.h"

namespace treadle::ops {
namespace {

struct Im2Col {
  static constexpr auto name = "im2col";
  static constexpr auto doc =
      "The elements under each place of a window that slides over images (batch, channel, "
      "spatial...), as columns (batch, channel * kernel, places).";
  static constexpr auto inputs = names("data");

  struct Params {
    Shape kernel, stride, dilate, pad;
    static constexpr auto fields = reflect(
        field("kernel", &Params::kernel, required, at_least(1),
              "Extents of the window: (w,), (h, w) or (d, h, w)."),
        field("stride", &Params::stride, at_least(1), "Steps of the window, 1 unless given."),
        field("dilate", &Params::dilate, at_least(1),
              "Distances of the window's elements, 1 unless given."),
        field("pad", &Params::pad, at_least(0), "Zeros on both sides, none unless given."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_tuples(s, p.kernel, {{"stride", p.stride}, {"dilate", p.dilate}, {"pad", p.pad}});
    const Shape data = s.shape(in(0));
    check_layout(s, {p.kernel.ndim(), false}, "", p.kernel, data);
    if (!data.is_known()) return;
    const Shape places = window_positions(p, s, Shape(data.dims().subspan(2)));
    s.set(out(0), {data[0], data[1] * p.kernel.elements(), places.elements()},
          [&] { return concat("data is ", data, " and kernel is ", p.kernel); });
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }
  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    read_columns(call, columns_of(p, call.read(in(0)).shape()), in(0), out(0));
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    add_columns(call, columns_of(p, call.write(in_grad(0)).shape()), out_grad(0), in_grad(0));
  }
};
TREADLE_REGISTER_OP(Im2Col);

}  // namespace
}  // namespace treadle::ops
