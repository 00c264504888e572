// Matrix product for the reference kernels: packed, vectorised for each instruction set, safe from
// any number of threads.
//
// OpenBLAS is not called: Debian's serial build keeps its packing buffers in a table without locks,
// and two threads that multiply at the same time get wrong numbers (version 0.3.21, tried).
#pragma once

#include <cstdint>

#include "treadle/operators/isa.h"

namespace treadle {

class Pool;

namespace blas {

// A matrix wherever it lies: element (i, j) is data[i * row + j * column].
template <class T>
struct Matrix {
  const T* data = nullptr;
  int64_t row = 0;
  int64_t column = 1;
};

// Rows one after another, `leading` elements apart.
template <class T>
Matrix<T> row_major(const T* data, int64_t leading) {
  return {data, leading, 1};
}
// The transpose of such a matrix.
template <class T>
Matrix<T> transposed(const T* data, int64_t leading) {
  return {data, 1, leading};
}

// c = a * b, or c += a * b when `adds`; a is (m, k), b (k, n) and c (m, n) with rows `leading`
// apart. An element of c is summed in order of k, so that its bits do not depend on how the rest
// is cut. T is float or double.
template <class T>
void gemm(int64_t m, int64_t n, int64_t k, Matrix<T> a, Matrix<T> b, T* c, int64_t leading,
          bool adds, Isa isa = best_isa());

// The same, cut into tiles of c that run in parallel when the product is large.
template <class T>
void gemm(Pool& pool, int64_t m, int64_t n, int64_t k, Matrix<T> a, Matrix<T> b, T* c,
          int64_t leading, bool adds);

}  // namespace blas
}  // namespace treadle
