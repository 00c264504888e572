// _contrib_ModulatedDeformableConvolution: convolution with a learnt place and weight for each
// element of its window.
#include "treadle/operators/contrib/deformable.h"

namespace treadle::ops {
namespace {

struct ModulatedDeformableConvolution : DeformableFamily<ModulatedDeformableConvolution, true> {
  static constexpr auto name = "_contrib_ModulatedDeformableConvolution";
  static constexpr auto doc =
      "Convolution of data (batch, channel, y, x) whose kernel elements are read at places moved "
      "by offset (batch, 2 * num_deformable_group * kernel, y, x) and weighted by mask (batch, "
      "num_deformable_group * kernel, y, x).";

  struct Params {
    Shape kernel, stride, dilate, pad;
    int num_filter = 0;
    int num_group = 1;
    int num_deformable_group = 1;
    int64_t workspace = 1024;
    bool no_bias = false;
    int im2col_step = 64;
    std::optional<DeformableLayout> layout;
    static constexpr auto fields = reflect(
        field("kernel", &Params::kernel, required, at_least(1), "Extents of the kernel: (h, w)."),
        field("stride", &Params::stride, at_least(1), "Steps of the kernel, 1 unless given."),
        field("dilate", &Params::dilate, at_least(1),
              "Distances of the kernel's elements, 1 unless given."),
        field("pad", &Params::pad, at_least(0), "Zeros on both sides, none unless given."),
        field("num_filter", &Params::num_filter, required, at_least(1), "Channels of the output."),
        field("num_group", &Params::num_group, at_least(1),
              "Parts that channels and filters are split into."),
        field("num_deformable_group", &Params::num_deformable_group, at_least(1),
              "Parts of the channels that have offsets of their own."),
        field("workspace", &Params::workspace, at_least(0),
              "A hint for GPUs (MiB); changes no result."),
        field("no_bias", &Params::no_bias, "Leave the bias out."),
        field("im2col_step", &Params::im2col_step, at_least(1),
              "A hint for GPUs; changes no result."),
        field("layout", &Params::layout, "Order of data's axes: NCHW, whatever is given."));
  };

  static auto inputs(const Params& p) { return input_names(p); }
  static auto backward_reads(const Params& p) { return slots_read(p); }
};
TREADLE_REGISTER_OP(ModulatedDeformableConvolution);

}  // namespace
}  // namespace treadle::ops
