// _contrib_fft: the Fourier transform of real rows.
#include "treadle/operators/contrib/fourier.h"

namespace treadle::ops {
namespace {

struct Fft {
  static constexpr auto name = "_contrib_fft";
  static constexpr auto doc =
      "The discrete Fourier transform of each row of data (..., n), real numbers: (..., 2 * n), "
      "real "
      "and imaginary parts side by side.";
  static constexpr auto inputs = names("data");
  using Params = FourierParams;

  static void infer_shape(const Params&, ShapeInference& s) {
    const Shape data = s.shape(in(0)), made = s.shape(out(0));
    if (!data.empty()) {
      Shape doubled = data;
      doubled[data.ndim() - 1] = 2 * data.back();
      s.set(out(0), doubled, [&] { return concat("data is ", data); });
    } else if (!made.empty() && made.back() % 2 == 0) {
      Shape half = made;
      half[made.ndim() - 1] = made.back() / 2;
      s.set(in(0), half);
    }
  }
  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }
  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params&, Call<D>& call) {
    transform_real(call, in(0), out(0));
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params&, Call<D>& call) {
    transform_to_real(call, out_grad(0), in_grad(0));
  }
};
TREADLE_REGISTER_OP(Fft);

}  // namespace
}  // namespace treadle::ops
