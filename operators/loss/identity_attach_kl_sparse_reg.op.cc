// IdentityAttachKLSparseReg: data itself, with a gradient that pulls each unit's mean to a target.
#include "treadle/device/pool.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/softmax.h"
#include "treadle/operators/store.h"

namespace treadle::ops {
namespace {

struct IdentityAttachKlSparseReg {
  static constexpr auto name = "IdentityAttachKLSparseReg";
  static constexpr auto doc =
      "Passes data (sample, unit), which lie between 0 and 1, on. Adds to the gradient that of the "
      "divergence between sparseness_target and the moving mean of each unit.";
  static constexpr auto inputs = names("data");
  static constexpr auto auxiliaries = names("moving_avg");

  struct Params {
    float sparseness_target = 0.1f;
    float penalty = 0.001f;
    float momentum = 0.9f;
    static constexpr auto fields =
        reflect(field("sparseness_target", &Params::sparseness_target, between(0, 1),
                      "The mean that units should have."),
                field("penalty", &Params::penalty, "Weight of the divergence."),
                field("momentum", &Params::momentum, between(0, 1),
                      "Share of the old value in the moving mean's update."));
  };

  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() != 2) {
      s.fail(concat("data has shape ", data, "; (sample, unit) is expected."));
    }
    s.set(aux(0), {data[1]}, [&] { return concat("data is ", data); });
  }

  static constexpr auto may_share = shares(share(in(0), out(0)));
  static constexpr auto backward_reads = reads(out_grad(0), out(0), aux(0));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params&, Call<D>& call) {
    copy(call, out(0), in(0));
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Tensor data = call.read(out(0)), heads = call.read(out_grad(0)),
                 means = call.read(aux(0));
    const Tensor grad = call.write(in_grad(0));
    const Request request = call.request(in_grad(0));
    const int64_t samples = data.shape()[0], units = data.shape()[1];
    with_floating_type(data.type(), [&](auto stored, auto computed) {
      using T = decltype(stored);
      using C = decltype(computed);
      const int64_t grain = std::max<int64_t>(1, 16384 / samples);
      call.pool().parallel_for(0, units, grain, [&](int64_t begin, int64_t end) {
        for (int64_t u = begin; u < end; ++u) {
          C sum = 0;
          for (int64_t n = 0; n < samples; ++n) sum += C(data.as<T>()[n * units + u]);
          const C old = C(means.as<T>()[u]), kept = C(p.momentum);
          const C mean = kept * old + (C(1) - kept) * (sum / C(samples));
          means.as<T>()[u] = T(mean);
          if (request == Request::null) continue;
          const C target = C(p.sparseness_target);
          const C pull = C(p.penalty) * (-target / mean + (C(1) - target) / (C(1) - mean));
          for (int64_t i = u; i < samples * units; i += units) {
            store(grad.as<T>()[i], C(heads.as<T>()[i]) + pull, request);
          }
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(IdentityAttachKlSparseReg);

}  // namespace
}  // namespace treadle::ops
