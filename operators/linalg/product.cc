#include "treadle/operators/linalg/product.h"

namespace treadle::ops {

void infer_product_shape(ShapeInference& s, int axis, bool transpose_a, bool transpose_b,
                         bool has_addend) {
  const Shape a = s.shape(in(0)), b = s.shape(in(1));
  if (a.empty() || b.empty()) {
    if (has_addend) s.unify(in(2), out(0));
    return;
  }
  const int ndim = a.ndim(), last = ndim - 1;
  if (ndim < 2 || b.ndim() != ndim) {
    s.fail(concat("A has shape ", a, " and B ", b,
                  "; as many axes are expected in both, at least two."));
  }
  const int row = axis < 0 ? axis + ndim : axis;
  if (row < 0 || row >= last) {
    s.fail(concat("axis is ", axis, ", but A has shape ", a, "; from ", -ndim, " to ", ndim - 2,
                  " without the last axis is expected."));
  }
  for (int i = 0; i < last; ++i) {
    if (i == row || a[i] == b[i] || a[i] == 0 || b[i] == 0) continue;
    s.fail(
        concat("A has shape ", a, " and B ", b, "; equal extents are expected on axis ", i, "."));
  }
  const int64_t inner_a = transpose_a ? a[row] : a[last];
  const int64_t inner_b = transpose_b ? b[last] : b[row];
  if (inner_a != inner_b && inner_a != 0 && inner_b != 0) {
    s.fail(concat("op(A) has ", inner_a, " columns and op(B) ", inner_b, " rows, for A ", a,
                  " and B ", b, "; as many are expected."));
  }
  Shape made = a;
  made[row] = transpose_a ? a[last] : a[row];
  made[last] = transpose_b ? b[row] : b[last];
  s.set(out(0), made, [&] { return concat("A is ", a, " and B is ", b); });
  if (has_addend) s.unify(in(2), out(0));
}

}  // namespace treadle::ops
