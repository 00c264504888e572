#include "treadle/operators/matrix/product.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "treadle/device/pool.h"
#include "treadle/operators/blas/gemm.h"
#include "treadle/operators/cast.h"
#include "treadle/operators/softmax.h"

namespace treadle {
namespace {

template <class T>
blas::Matrix<T> matrix(const T* data, const FactorShape& f) {
  return f.is_transposed ? blas::transposed(data, f.columns) : blas::row_major(data, f.columns);
}

template <class T>
void multiply_as(const T* a, const T* b, T* to, const Product& p, bool adds, Pool& pool) {
  const int64_t m = p.left.op_rows(), k = p.left.op_columns(), n = p.right.op_columns();
  if (p.count == 1) {
    return blas::gemm<T>(pool, m, n, k, matrix(a, p.left), matrix(b, p.right), to, n, adds);
  }
  const int64_t grain = std::max<int64_t>(1, (1 << 16) / std::max<int64_t>(1, m * n * k));
  pool.parallel_for(0, p.count, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      blas::gemm<T>(m, n, k, matrix(a + i * m * k, p.left), matrix(b + i * k * n, p.right),
                    to + i * m * n, n, adds);
    }
  });
}

std::vector<float> widened(const Tensor& from, Pool& pool) {
  std::vector<float> made(size_t(from.elements()));
  const TensorSpec spec{Shape{from.elements()}, DType::f32};
  cast_array(from, {made.data(), &spec}, Request::write, pool);
  return made;
}

}  // namespace

void multiply(const Tensor& a, const Tensor& b, const Tensor& to, const Product& product,
              Request request, Pool& pool) {
  if (request == Request::null) return;
  const bool adds = request == Request::add;
  with_floating_type(to.type(), [&](auto stored, auto computed) {
    using T = decltype(stored);
    using C = decltype(computed);
    if constexpr (std::is_same_v<T, C>) {
      multiply_as<T>(a.as<T>(), b.as<T>(), to.as<T>(), product, adds, pool);
    } else {
      const std::vector<float> left = widened(a, pool), right = widened(b, pool);
      std::vector<float> made(size_t(to.elements()));
      multiply_as<float>(left.data(), right.data(), made.data(), product, false, pool);
      T* const out = to.as<T>();
      for (size_t i = 0; i < made.size(); ++i) out[i] = T(adds ? float(out[i]) + made[i] : made[i]);
    }
  });
}

}  // namespace treadle
