#include "treadle/operators/blas/gemm.h"

#include <cmath>
#include <thread>
#include <vector>

#include "treadle/device/pool.h"
#include "treadle/tests/support/catch.h"

namespace treadle::blas {
namespace {

template <class T>
std::vector<T> numbers(int64_t count, int seed) {
  std::vector<T> made;
  for (int64_t i = 0; i < count; ++i) made.push_back(T((i * 37 + seed * 11) % 29 - 14) / T(8));
  return made;
}

// c (+)= op(a) * op(b), one element after another in double.
template <class T>
std::vector<T> expected(int64_t m, int64_t n, int64_t k, Matrix<T> a, Matrix<T> b, std::vector<T> c,
                        int64_t leading, bool adds) {
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      double sum = adds ? double(c[size_t(i * leading + j)]) : 0;
      for (int64_t p = 0; p < k; ++p) {
        sum += double(a.data[i * a.row + p * a.column]) * double(b.data[p * b.row + j * b.column]);
      }
      c[size_t(i * leading + j)] = T(sum);
    }
  }
  return c;
}

template <class T>
void require_close(const std::vector<T>& actual, const std::vector<T>& wanted) {
  double worst = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    worst = std::max(worst, std::abs(double(actual[i]) - double(wanted[i])));
  }
  REQUIRE(worst < (sizeof(T) == 4 ? 1e-2 : 1e-10));
}

std::vector<Isa> isas() {
  std::vector<Isa> made{Isa::baseline};
  if (best_isa() >= Isa::avx2) made.push_back(Isa::avx2);
  if (best_isa() >= Isa::avx512) made.push_back(Isa::avx512);
  return made;
}

}  // namespace

TEMPLATE_TEST_CASE("a product is right for every size, order and instruction set", "[operators]",
                   float, double) {
  using T = TestType;
  struct Size {
    int64_t m, n, k;
  };
  for (const Size size :
       {Size{1, 1, 1}, {3, 5, 7}, {8, 32, 4}, {17, 33, 300}, {50, 129, 257}, {2, 3, 0}}) {
    const auto [m, n, k] = size;
    const std::vector<T> a = numbers<T>(m * k + 1, 1), b = numbers<T>(k * n + 1, 2);
    const int64_t leading = n + 3;  // what lies between the rows must stay as it is
    const std::vector<T> c = numbers<T>(m * leading, 3);
    for (bool left : {false, true}) {
      for (bool right : {false, true}) {
        for (bool adds : {false, true}) {
          const Matrix<T> x = left ? transposed(a.data(), m) : row_major(a.data(), k);
          const Matrix<T> y = right ? transposed(b.data(), k) : row_major(b.data(), n);
          const std::vector<T> wanted = expected(m, n, k, x, y, c, leading, adds);
          for (Isa isa : isas()) {
            INFO(m << " x " << n << " x " << k << ", isa " << int(isa) << ", transposed " << left
                   << right << ", adds " << adds);
            std::vector<T> made = c;
            gemm(m, n, k, x, y, made.data(), leading, adds, isa);
            require_close(made, wanted);
          }
        }
      }
    }
  }
}

TEST_CASE("a product has the same bits however it is cut", "[operators]") {
  const int64_t m = 203, n = 301, k = 517;
  const std::vector<float> a = numbers<float>(m * k, 1), b = numbers<float>(k * n, 2);
  std::vector<float> whole(size_t(m * n)), cut(size_t(m * n));
  gemm(m, n, k, row_major(a.data(), k), row_major(b.data(), n), whole.data(), n, false);
  const auto pool = make_thread_pool({.concurrency = 3});
  gemm(*pool, m, n, k, row_major(a.data(), k), row_major(b.data(), n), cut.data(), n, false);
  REQUIRE(cut == whole);
}

TEST_CASE("threads may multiply at the same time", "[operators]") {
  const int64_t n = 96;
  const std::vector<float> a = numbers<float>(n * n, 1), b = numbers<float>(n * n, 2);
  std::vector<float> wanted(size_t(n * n));
  gemm(n, n, n, row_major(a.data(), n), row_major(b.data(), n), wanted.data(), n, false);
  std::vector<int> wrong(8, 0);
  std::vector<std::thread> threads;
  for (int& count : wrong) {
    threads.emplace_back([&] {
      std::vector<float> made(size_t(n * n));
      for (int round = 0; round < 20; ++round) {
        gemm(n, n, n, row_major(a.data(), n), row_major(b.data(), n), made.data(), n, false);
        count += made != wanted;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int count : wrong) REQUIRE(count == 0);
}

}  // namespace treadle::blas
