// Determinants: what det and slogdet share.
#pragma once

#include "treadle/operators/linalg/families.h"

namespace treadle::ops {

// The determinant as sign (-1, 0 or 1) times e^log; log is -infinity for 0.
struct Determinant {
  double sign = 1, log = 0;
};

// Of the n by n matrix at `a`. Where `inverse` is not null and the matrix is not singular, its
// inverse is written there.
template <class T>
Determinant determinant(const T* a, int64_t n, T* inverse = nullptr) {
  std::vector<T> lu(a, a + n * n);
  std::vector<int64_t> swapped;
  linalg::factor_lu<T>(lu.data(), n, swapped);
  Determinant made;
  for (int64_t i = 0; i < n; ++i) {
    const double pivot = double(lu[size_t(i * n + i)]);
    if (swapped[size_t(i)] != i) made.sign = -made.sign;
    if (pivot < 0) made.sign = -made.sign;
    if (pivot == 0) made.sign = 0;
    made.log += std::log(std::abs(pivot));
  }
  if (inverse && made.sign != 0) linalg::invert_lu<T>(lu.data(), swapped, n, inverse);
  return made;
}

inline void infer_determinant_shape(ShapeInference& s, int outputs) {
  check_matrices(s, in(0), true);
  const Shape a = s.shape(in(0));
  if (a.empty()) return;
  for (int i = 0; i < outputs; ++i) {
    s.set(out(i), without_last(a, 2), [&] { return concat("A has shape ", a); });
  }
}

// da = factor(which matrix, its determinant) * transpose(a^-1), and 0 for singular matrices.
template <DeviceKind D, class Weight>
void determinant_gradient(Call<D>& call, const Weight& factor) {
  if (!call.is_wanted(in_grad(0))) return;
  const Tensor a = call.read(in(0)), made = call.write(in_grad(0));
  const Matrices m(a.shape());
  const int64_t n = m.rows;
  with_real(a.type(), [&](auto value) {
    using T = decltype(value);
    each_matrix(call.pool(), m, [&](int64_t i) {
      std::vector<T> inverse(static_cast<size_t>(n * n));
      const Determinant of_a = determinant<T>(a.as<T>() + i * m.size(), n, inverse.data());
      const T weight = of_a.sign == 0 ? T(0) : T(factor(i, of_a));
      T* const da = made.as<T>() + i * m.size();
      for (int64_t r = 0; r < n; ++r) {
        for (int64_t c = 0; c < n; ++c) da[r * n + c] = weight * inverse[size_t(c * n + r)];
      }
    });
  });
}

}  // namespace treadle::ops
