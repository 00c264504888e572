// _contrib_ifft: the inverse Fourier transform to real rows.
#include "treadle/operators/contrib/fourier.h"

namespace treadle::ops {
namespace {

struct Ifft {
  static constexpr auto name = "_contrib_ifft";
  static constexpr auto doc =
      "The real parts (..., n) of the inverse Fourier transform of each row of data (..., 2 * n), "
      "real and imaginary parts side by side; not divided by n.";
  static constexpr auto inputs = names("data");
  using Params = FourierParams;

  static void infer_shape(const Params&, ShapeInference& s) {
    const Shape data = s.shape(in(0)), made = s.shape(out(0));
    if (!data.empty()) {
      if (data.back() % 2 != 0) {
        s.fail(concat("data has shape ", data,
                      "; the last axis is expected to be even: real and "
                      "imaginary parts."));
      }
      Shape half = data;
      half[data.ndim() - 1] = data.back() / 2;
      s.set(out(0), half, [&] { return concat("data is ", data); });
    } else if (!made.empty()) {
      Shape doubled = made;
      doubled[made.ndim() - 1] = 2 * made.back();
      s.set(in(0), doubled);
    }
  }
  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }
  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params&, Call<D>& call) {
    transform_to_real(call, in(0), out(0));
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params&, Call<D>& call) {
    transform_real(call, out_grad(0), in_grad(0));
  }
};
TREADLE_REGISTER_OP(Ifft);

}  // namespace
}  // namespace treadle::ops
