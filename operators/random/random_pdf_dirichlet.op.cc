// _random_pdf_dirichlet: the density of the Dirichlet distribution at given samples.
#include "treadle/operators/random/densities.h"

namespace treadle::ops {
namespace {

struct PdfDirichlet {
  static constexpr auto name = "_random_pdf_dirichlet";
  static constexpr auto aliases = names("random_pdf_dirichlet");
  static constexpr auto doc =
      "The density at each sample, a vector on the last axis, of the Dirichlet distribution with "
      "the "
      "vectors alpha. All other axes of alpha are the first ones of sample.";
  static constexpr auto inputs = names("sample", "alpha");
  static constexpr TypeSet types = floating_types;
  static constexpr bool overwrites = true;
  using Params = DensityParams;

  static void infer_shape(const Params&, ShapeInference& s) {
    const Shape sample = s.shape(in(0)), alpha = s.shape(in(1));
    if (sample.empty() || alpha.empty()) return;
    bool fits = alpha.ndim() <= sample.ndim() && alpha.back() == sample.back();
    for (int i = 0; fits && i < alpha.ndim() - 1; ++i) fits = alpha[i] == sample[i];
    if (!fits || sample.ndim() < 2) {
      s.fail(concat("sample has shape ", sample, " and alpha ", alpha,
                    "; equal last axes are expected, and all others of alpha as the first ones of "
                    "sample."));
    }
    s.set(out(0), Shape(sample.dims().first(size_t(sample.ndim() - 1))),
          [&] { return concat("sample has shape ", sample); });
  }

  static constexpr auto backward_reads = reads(out_grad(0), out(0), in(0), in(1));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor sample = call.read(in(0)), alpha = call.read(in(1)), made = call.write(out(0));
    const int64_t k = sample.shape().back();
    const int64_t each = sample.elements() / alpha.elements();
    with_floating_type(sample.type(), [&](auto stored, auto) {
      using T = decltype(stored);
      for (int64_t i = 0; i < made.elements(); ++i) {
        const T* const x = sample.as<T>() + i * k;
        const T* const a = alpha.as<T>() + i / each * k;
        double sum = 0, density = 0;
        for (int64_t j = 0; j < k; ++j) {
          sum += double(a[j]);
          density += (double(a[j]) - 1) * std::log(double(x[j])) - math::log_gamma(double(a[j]));
        }
        density += math::log_gamma(sum);
        made.as<T>()[i] = T(p.is_log ? density : std::exp(density));
      }
    });
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    const Tensor dy = call.read(out_grad(0)), y = call.read(out(0));
    const Tensor sample = call.read(in(0)), alpha = call.read(in(1));
    const int64_t k = sample.shape().back();
    const int64_t each = sample.elements() / alpha.elements();
    std::vector<double> dalpha(size_t(alpha.elements()));
    with_floating_type(sample.type(), [&](auto stored, auto) {
      using T = decltype(stored);
      for (int64_t i = 0; i < y.elements(); ++i) {
        const T* const x = sample.as<T>() + i * k;
        const T* const a = alpha.as<T>() + i / each * k;
        const double arrived = double(dy.as<T>()[i]) * (p.is_log ? 1 : double(y.as<T>()[i]));
        double sum = 0;
        for (int64_t j = 0; j < k; ++j) sum += double(a[j]);
        const double common = math::digamma(sum);
        for (int64_t j = 0; j < k; ++j) {
          dalpha[size_t(i / each * k + j)] +=
              arrived * (std::log(double(x[j])) + common - math::digamma(double(a[j])));
          if (call.is_wanted(in_grad(0))) {
            call.write(in_grad(0)).template as<T>()[i * k + j] =
                T(arrived * (double(a[j]) - 1) / double(x[j]));
          }
        }
      }
      if (!call.is_wanted(in_grad(1))) return;
      T* const to = call.write(in_grad(1)).template as<T>();
      for (size_t i = 0; i < dalpha.size(); ++i) to[i] = T(dalpha[i]);
    });
  }
};
TREADLE_REGISTER_OP(PdfDirichlet);

}  // namespace
}  // namespace treadle::ops
