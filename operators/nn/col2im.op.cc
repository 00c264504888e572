// col2im: columns of windows added up to images.
#include "treadle/operators/nn/im2col.h"

namespace treadle::ops {
namespace {

struct Col2Im {
  static constexpr auto name = "col2im";
  static constexpr auto doc =
      "Images (batch, channel, output_size) to which the elements of columns (batch, channel * "
      "kernel, places) are added where im2col would have read them.";
  static constexpr auto inputs = names("data");

  struct Params {
    Shape output_size, kernel, stride, dilate, pad;
    static constexpr auto fields = reflect(
        field("output_size", &Params::output_size, required, at_least(1),
              "Spatial extents of the images: (w,), (h, w) or (d, h, w)."),
        field("kernel", &Params::kernel, required, at_least(1), "Extents of the window."),
        field("stride", &Params::stride, at_least(1), "Steps of the window, 1 unless given."),
        field("dilate", &Params::dilate, at_least(1),
              "Distances of the window's elements, 1 unless given."),
        field("pad", &Params::pad, at_least(0), "Zeros on both sides, none unless given."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_tuples(s, p.kernel,
                 {{"output_size", p.output_size},
                  {"stride", p.stride},
                  {"dilate", p.dilate},
                  {"pad", p.pad}});
    if (p.output_size.ndim() != p.kernel.ndim()) {
      s.fail(concat("output_size is ", p.output_size, ", expected as many extents as kernel ",
                    p.kernel, "."));
    }
    const int64_t places = window_positions(p, s, p.output_size).elements();
    const int64_t taps = p.kernel.elements();
    s.set(in(0), {0, 0, places}, [&] {
      return concat("a window of kernel ", p.kernel, " has ", places, " places in output_size ",
                    p.output_size);
    });
    const Shape data = s.shape(in(0));
    if (data[1] % taps != 0) {
      s.fail(concat("data has shape ", data, "; axis 1 is expected to be a multiple of ", taps,
                    ", the elements of kernel ", p.kernel, "."));
    }
    Shape made = Shape::filled(p.kernel.ndim() + 2, 0);
    made[0] = data[0];
    made[1] = data[1] / taps;
    for (int i = 0; i < p.kernel.ndim(); ++i) made[i + 2] = p.output_size[i];
    s.set(out(0), made, [&] { return concat("data is ", data); });
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }
  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    add_columns(call, columns_of(p, call.write(out(0)).shape()), in(0), out(0));
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    read_columns(call, columns_of(p, call.read(out_grad(0)).shape()), out_grad(0), in_grad(0));
  }
};
TREADLE_REGISTER_OP(Col2Im);

}  // namespace
}  // namespace treadle::ops
