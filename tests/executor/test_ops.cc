#include "test_ops.h"

#include "treadle/operators/arithmetic.h"
#include "treadle/operators/elementwise.h"

namespace treadle::testing {

std::function<void(float)>& test_call() {
  static std::function<void(float)> call;
  return call;
}

}  // namespace treadle::testing

namespace treadle::ops {
namespace {

struct Identity {
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return x;
  }
};

struct TestCall {
  static constexpr auto name = "_test_call";
  static constexpr auto doc = "Passes data on, after calling what the test has set.";
  static constexpr auto inputs = names("data");
  static void infer_shape(const NoParams&, ShapeInference& s) { s.unify(in(0), out(0)); }
  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    if (testing::test_call()) testing::test_call()(call.read(in(0)).template as<float>()[0]);
    elementwise(call, out(0), Identity{}, in(0));
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    if (testing::test_call()) testing::test_call()(call.read(out_grad(0)).template as<float>()[0]);
    elementwise(call, in_grad(0), Identity{}, out_grad(0));
  }
};
TREADLE_REGISTER_OP(TestCall);

// Updates a state and has no gradient.
struct TestCount {
  static constexpr auto name = "_test_count";
  static constexpr auto doc = "data + state, after adding 1 to the state.";
  static constexpr auto inputs = names("data");
  static constexpr auto auxiliaries = names("state");
  static constexpr bool has_effects = true;
  static void infer_shape(const NoParams&, ShapeInference& s) {
    s.unify(in(0), out(0));
    s.unify(in(0), aux(0));
  }
  struct PlusOne {
    template <class T>
    TREADLE_HD T operator()(T x) const {
      return x + T(1);
    }
  };
  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, aux(0), PlusOne{}, aux(0));
    elementwise(call, out(0), Add(), in(0), aux(0));
  }
};
TREADLE_REGISTER_OP(TestCount);

}  // namespace
}  // namespace treadle::ops
