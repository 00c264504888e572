// _contrib_allclose: whether two arrays are equal within tolerances.
#include <atomic>
#include <cmath>

#include "treadle/operators/elementwise.h"
#include "treadle/operators/softmax.h"
#include "treadle/operators/store.h"

namespace treadle::ops {
namespace {

struct AllClose {
  static constexpr auto name = "_contrib_allclose";
  static constexpr auto doc =
      "1 where |a - b| <= atol + rtol * |b| for all elements, else 0: (1,), in uint8.";
  static constexpr auto inputs = names("a", "b");
  static constexpr TypeSet types = floating_types | TypeSet{DType::u8};

  struct Params {
    float rtol = 1e-5f;
    float atol = 1e-8f;
    bool equal_nan = true;
    static constexpr auto fields =
        reflect(field("rtol", &Params::rtol, "Tolerance relative to b."),
                field("atol", &Params::atol, "Absolute tolerance."),
                field("equal_nan", &Params::equal_nan, "Whether two NaNs count as equal."));
  };

  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), in(1));
    s.set(out(0), {1}, "it is one number");
  }
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), in(1));
    t.set(out(0), DType::u8);
  }
  static std::string refuse(const Params&, const KernelQuery& query) {
    if (floating_types.contains(query.inputs[0].type)) return {};
    return concat("element type ", query.inputs[0].type, " is not supported; it takes ",
                  to_string(floating_types));
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    std::atomic<bool> all = true;
    with_floating_type(call.read(in(0)).type(), [&](auto stored, auto computed) {
      using C = decltype(computed);
      const auto* const a = call.read(in(0)).template as<decltype(stored)>();
      const auto* const b = call.read(in(1)).template as<decltype(stored)>();
      call.pool().parallel_for(0, call.read(in(0)).elements(), 1 << 15,
                               [&](int64_t begin, int64_t end) {
                                 for (int64_t i = begin; i < end; ++i) {
                                   if (!is_close(p, C(a[i]), C(b[i]))) all = false;
                                 }
                               });
    });
    store(*call.write(out(0)).template as<uint8_t>(), uint8_t(all), call.request(out(0)));
  }

 private:
  template <class C>
  static bool is_close(const Params& p, C a, C b) {
    if (std::isnan(a) || std::isnan(b)) return p.equal_nan && std::isnan(a) && std::isnan(b);
    return a == b || std::abs(a - b) <= C(p.atol) + C(p.rtol) * std::abs(b);
  }
};
TREADLE_REGISTER_OP(AllClose);

}  // namespace
}  // namespace treadle::ops
