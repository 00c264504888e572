// Cholesky factors of either half: what _linalg_potrf and _linalg_potri share. They compute with
// lower factors; upper ones are their transposes.
#pragma once

#include "treadle/operators/linalg/families.h"

namespace treadle::ops {

template <class T>
void transpose_in_place(T* a, int64_t n) {
  for (int64_t r = 0; r < n; ++r) {
    for (int64_t c = 0; c < r; ++c) std::swap(a[r * n + c], a[c * n + r]);
  }
}

struct FactorParams {
  bool lower = true;
  static constexpr auto fields = reflect(
      field("lower", &FactorParams::lower, "Whether the factor is lower or upper triangular."));

  // `to` = a, turned so that the half that is read is the lower one.
  template <class T>
  void copy_lower(const T* a, int64_t n, T* to) const {
    std::copy_n(a, n * n, to);
    if (!lower) transpose_in_place(to, n);
  }
  // The same without a copy where there is nothing to turn; else it lies in `turned`.
  template <class T>
  const T* as_lower(const T* a, int64_t n, std::vector<T>& turned) const {
    if (lower) return a;
    turned.resize(size_t(n * n));
    copy_lower(a, n, turned.data());
    return turned.data();
  }
};

}  // namespace treadle::ops
