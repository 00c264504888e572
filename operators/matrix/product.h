// Products of matrices in the floating types, with gradients: what dot and batch_dot share.
#pragma once

#include <optional>

#include "treadle/operators/elementwise.h"
#include "treadle/operators/term.h"

namespace treadle {

// Row by row in memory; transposed before it is multiplied if so said.
struct FactorShape {
  int64_t rows = 0, columns = 0;
  bool is_transposed = false;

  int64_t op_rows() const { return is_transposed ? columns : rows; }
  int64_t op_columns() const { return is_transposed ? rows : columns; }
};
// `count` products of matrices that follow each other.
struct Product {
  int64_t count = 1;
  FactorShape left, right;
};

// to = op(a) * op(b), or added; 16-bit types are multiplied and summed in float.
void multiply(const Tensor& a, const Tensor& b, const Tensor& to, const Product& product,
              Request request, Pool& pool);

namespace ops {

enum class StorageType { csr, plain, row_sparse };
inline EnumNames describe(StorageType) {
  return enum_names("StorageType", "csr", "default", "row_sparse");
}

struct ProductParams {
  bool transpose_a = false;
  bool transpose_b = false;
  std::optional<StorageType> forward_stype;
  static constexpr auto fields =
      reflect(field("transpose_a", &ProductParams::transpose_a, "Whether lhs is transposed."),
              field("transpose_b", &ProductParams::transpose_b, "Whether rhs is transposed."),
              field("forward_stype", &ProductParams::forward_stype,
                    "Accepted for compatibility: all arrays are dense."));
};

// The gradients of op(a) * op(b) for inputs 0 and 1 of the call.
template <DeviceKind D>
void multiply_backward(Call<D>& call, const Product& p) {
  const Tensor dy = call.read(out_grad(0)), a = call.read(in(0)), b = call.read(in(1));
  const FactorShape made{p.left.op_rows(), p.right.op_columns(), false};
  const auto turned = [](FactorShape f) {
    f.is_transposed = !f.is_transposed;
    return f;
  };
  if (p.left.is_transposed) {
    multiply(b, dy, call.write(in_grad(0)), {p.count, p.right, turned(made)},
             call.request(in_grad(0)), call.pool());
  } else {
    multiply(dy, b, call.write(in_grad(0)), {p.count, made, turned(p.right)},
             call.request(in_grad(0)), call.pool());
  }
  if (p.right.is_transposed) {
    multiply(dy, a, call.write(in_grad(1)), {p.count, turned(made), p.left},
             call.request(in_grad(1)), call.pool());
  } else {
    multiply(a, dy, call.write(in_grad(1)), {p.count, turned(p.left), made},
             call.request(in_grad(1)), call.pool());
  }
}

// The same made of operators; for dot that of matrices.
inline void compose_product_gradient(const char* op, const ProductParams& p, GradientBuilder& g) {
  const Term dy = head_term(g, 0), a = in_term(g, 0), b = in_term(g, 1);
  const auto product = [&](const Term& x, bool turns_x, const Term& y, bool turns_y) {
    return x.apply(
        op, y,
        {{"transpose_a", turns_x ? "True" : "False"}, {"transpose_b", turns_y ? "True" : "False"}});
  };
  set_in_grad(
      g, 0,
      p.transpose_a ? product(b, p.transpose_b, dy, true) : product(dy, false, b, !p.transpose_b));
  set_in_grad(
      g, 1,
      p.transpose_b ? product(dy, true, a, p.transpose_a) : product(a, !p.transpose_a, dy, false));
}

}  // namespace ops
}  // namespace treadle
