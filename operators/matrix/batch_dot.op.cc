// batch_dot: products of matrices, pair by pair.
#include "treadle/graph/partial_shapes.h"
#include "treadle/operators/matrix/product.h"

namespace treadle::ops {
namespace {

struct BatchDot {
  static constexpr auto name = "batch_dot";
  static constexpr auto doc =
      "The products of the matrices on the last two axes of lhs and rhs, pair by pair along all "
      "other axes.";
  static constexpr auto inputs = names("lhs", "rhs");
  static constexpr TypeSet types = floating_types;
  using Params = ProductParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape lhs = s.shape(in(0)), rhs = s.shape(in(1));
    if (lhs.empty() || rhs.empty()) return;
    const int n = lhs.ndim();
    if (n < 3 || rhs.ndim() != n) {
      s.fail(concat("lhs has shape ", lhs, " and rhs ", rhs,
                    "; as many axes are expected in both, at least three."));
    }
    for (int i = 0; i < n - 2; ++i) {
      if (lhs[i] == rhs[i] || lhs[i] == 0 || rhs[i] == 0) continue;
      s.fail(concat("lhs has shape ", lhs, " and rhs ", rhs,
                    "; equal extents are expected on axis ", i, "."));
    }
    const int64_t inner = lhs[p.transpose_a ? n - 2 : n - 1];
    const int64_t met = rhs[p.transpose_b ? n - 1 : n - 2];
    if (inner != met && inner != 0 && met != 0) {
      s.fail(concat("lhs has shape ", lhs, " and rhs ", rhs,
                    "; a matrix of lhs, transposed as said, "
                    "has ",
                    inner, " columns and one of rhs ", met, " rows; as many are expected."));
    }
    Shape made = lhs;
    made[n - 2] = lhs[p.transpose_a ? n - 1 : n - 2];
    made[n - 1] = rhs[p.transpose_b ? n - 2 : n - 1];
    s.set(out(0), made, [&] { return concat("lhs is ", lhs, " and rhs is ", rhs); });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  static Product product(const Params& p, const Shape& lhs, const Shape& rhs) {
    const int n = lhs.ndim();
    return {.count = lhs.elements(0, n - 2),
            .left = {lhs[n - 2], lhs[n - 1], p.transpose_a},
            .right = {rhs[n - 2], rhs[n - 1], p.transpose_b}};
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    multiply(call.read(in(0)), call.read(in(1)), call.write(out(0)),
             product(p, call.read(in(0)).shape(), call.read(in(1)).shape()), call.request(out(0)),
             call.pool());
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    multiply_backward(call, product(p, call.read(in(0)).shape(), call.read(in(1)).shape()));
  }

  static void compose_gradient(const Params& p, GradientBuilder& g) {
    compose_product_gradient(name, p, g);
  }
};
TREADLE_REGISTER_OP(BatchDot);

// As in MXNet, whose partial answer waits for both of the extents that meet.
bool is_undecided(const void* params, const ShapeInference& s) {
  const auto& p = *static_cast<const ProductParams*>(params);
  const Shape &lhs = s.shape(in(0)), &rhs = s.shape(in(1));
  if (lhs.empty() || rhs.empty()) return false;
  const int n = lhs.ndim();
  return lhs[p.transpose_a ? n - 2 : n - 1] == 0 || rhs[p.transpose_b ? n - 1 : n - 2] == 0;
}
[[maybe_unused]] const bool may_be_undecided = [] {
  OpRegistry::instance().extend(BatchDot::name, [](OpRecord& record) {
    record.attributes.edit<PartialShapes>().is_undecided = is_undecided;
  });
  return true;
}();

}  // namespace
}  // namespace treadle::ops
