// dot: the product of two arrays over the last axis of one and the first of the other.
#include <vector>

#include "treadle/operators/matrix/product.h"

namespace treadle::ops {
namespace {

struct Dot {
  static constexpr auto name = "dot";
  static constexpr auto doc =
      "The sum of products over the last axis of lhs and the first of rhs; for matrices the matrix "
      "product, for vectors the inner product. A transposed lhs gives its first axis, a transposed "
      "rhs its last.";
  static constexpr auto inputs = names("lhs", "rhs");
  static constexpr TypeSet types = floating_types;
  using Params = ProductParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape lhs = s.shape(in(0)), rhs = s.shape(in(1));
    if (lhs.empty() || rhs.empty()) return;
    if (lhs.ndim() == 1 && rhs.ndim() == 1 && (p.transpose_a || p.transpose_b)) {
      s.fail(concat("lhs has shape ", lhs, " and rhs ", rhs,
                    "; vectors cannot be transposed, two axes are expected."));
    }
    const int left = p.transpose_a ? 0 : lhs.ndim() - 1, right = p.transpose_b ? rhs.ndim() - 1 : 0;
    if (lhs[left] != rhs[right] && lhs[left] != 0 && rhs[right] != 0) {
      s.fail(concat("lhs has shape ", lhs, " and rhs ", rhs, "; axis ", left, " of lhs and axis ",
                    right, " of rhs are expected to be equal."));
    }
    std::vector<int64_t> made;
    for (int i = 0; i < lhs.ndim(); ++i) {
      if (i != left) made.push_back(lhs[i]);
    }
    for (int i = 0; i < rhs.ndim(); ++i) {
      if (i != right) made.push_back(rhs[i]);
    }
    if (made.empty()) made.push_back(1);
    s.set(out(0), Shape(made), [&] { return concat("lhs is ", lhs, " and rhs is ", rhs); });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  // Each array as one matrix.
  static Product product(const Params& p, const Shape& lhs, const Shape& rhs) {
    const int a = p.transpose_a ? 1 : lhs.ndim() - 1, b = p.transpose_b ? rhs.ndim() - 1 : 1;
    return {.count = 1,
            .left = {lhs.elements(0, a), lhs.elements(a, lhs.ndim()), p.transpose_a},
            .right = {rhs.elements(0, b), rhs.elements(b, rhs.ndim()), p.transpose_b}};
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
TREADLE_REGISTER_OP(Dot);

}  // namespace
}  // namespace treadle::ops
