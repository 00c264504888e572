// Factors of matrices: their products give the matrix back, also where it is large enough to be
// worked on in blocks; signs; refusals. Sweep cases cannot make positive definite matrices.
#include <cmath>
#include <random>

#include "treadle/operators/linalg/dense.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/operators/sweep.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

using Numbers = std::vector<double>;

// Their gradient is symmetric although only half of A is read: it is checked below.
TREADLE_SWEEP({.op = "_linalg_potrf",
               .inputs = {{1, 1}},
               .values = {{"A", range(0.5, 2)}},
               .has_derivative = true});
TREADLE_SWEEP({.op = "_linalg_syevd", .inputs = {{2, 1, 1}}});

Numbers random_matrix(int64_t rows, int64_t columns, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<double> numbers(-1, 1);
  Numbers made(size_t(rows * columns));
  for (double& number : made) number = numbers(generator);
  return made;
}

Numbers product(const Numbers& a, const Numbers& b, int64_t m, int64_t k, int64_t n,
                bool transpose_a = false, bool transpose_b = false) {
  Numbers made(size_t(m * n));
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t p = 0; p < k; ++p) {
        made[size_t(i * n + j)] += a[size_t(transpose_a ? p * m + i : i * k + p)] *
                                   b[size_t(transpose_b ? j * k + p : p * n + j)];
      }
    }
  }
  return made;
}

double distance(const Numbers& a, const Numbers& b) {
  double most = 0;
  for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

Numbers positive_matrix(int64_t n, unsigned seed) {
  const Numbers a = random_matrix(n, n, seed);
  Numbers made = product(a, a, n, n, n, false, true);
  for (int64_t i = 0; i < n; ++i) made[size_t(i * n + i)] += double(n) / 4;
  return made;
}

Numbers identity(int64_t n) {
  Numbers made(size_t(n * n));
  for (int64_t i = 0; i < n; ++i) made[size_t(i * n + i)] = 1;
  return made;
}

std::vector<HostArray> run(std::string_view op, const Shape& shape, const Numbers& a) {
  return OpRunner(op, {}, {shape}, DType::f64).forward({make_array(shape, a)});
}

}  // namespace

TEST_CASE("a Cholesky factor times its transpose is the matrix", "[operators][linalg]") {
  for (int64_t n : {1, 2, 5, 33, 100}) {
    INFO(n);
    const Numbers a = positive_matrix(n, 7);
    const Numbers l = numbers_of(run("_linalg_potrf", {n, n}, a)[0]);
    CHECK(distance(product(l, l, n, n, n, false, true), a) < 1e-11);
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = i + 1; j < n; ++j) REQUIRE(l[size_t(i * n + j)] == 0);
    }
    const OpRunner upper("_linalg_potrf", {{"lower", "False"}}, {{n, n}}, DType::f64);
    const Numbers u = numbers_of(upper.forward({make_array({n, n}, a)})[0]);
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < n; ++j) REQUIRE(u[size_t(i * n + j)] == l[size_t(j * n + i)]);
    }
    const Numbers inverse = numbers_of(run("_linalg_potri", {n, n}, l)[0]);
    CHECK(distance(product(a, inverse, n, n, n), identity(n)) < 1e-10);
  }
}

TEST_CASE("the gradient of a Cholesky factor is that of symmetric changes", "[operators][linalg]") {
  const bool lower = GENERATE(true, false);
  const int64_t n = 4;
  const Numbers a = positive_matrix(n, 3), head = random_matrix(n, n, 4);
  const OpRunner runner("_linalg_potrf", {{"lower", lower ? "True" : "False"}}, {{n, n}},
                        DType::f64);
  const Numbers gradient =
      numbers_of(runner.backward({make_array({n, n}, a)}, {make_array({n, n}, head)}).in_grads[0]);
  const auto value = [&](int64_t i, int64_t j, double step) {
    Numbers moved = a;
    moved[size_t(i * n + j)] += step;
    if (i != j) moved[size_t(j * n + i)] += step;
    const Numbers l = numbers_of(runner.forward({make_array({n, n}, moved)})[0]);
    double sum = 0;
    for (size_t k = 0; k < l.size(); ++k) sum += l[k] * head[k];
    return sum;
  };
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j <= i; ++j) {
      const double slope = (value(i, j, 1e-6) - value(i, j, -1e-6)) / 2e-6;
      const double both = gradient[size_t(i * n + j)] + (i == j ? 0 : gradient[size_t(j * n + i)]);
      CHECK(both == Approx(slope).margin(1e-7));
      CHECK(gradient[size_t(i * n + j)] == Approx(gradient[size_t(j * n + i)]));
    }
  }
}

TEST_CASE("an inverse times the matrix is 1, and its determinant follows", "[operators][linalg]") {
  for (int64_t n : {1, 3, 32, 65, 100}) {
    INFO(n);
    const Numbers a = random_matrix(n, n, 11);
    const Numbers inverse = numbers_of(run("_linalg_inverse", {n, n}, a)[0]);
    CHECK(distance(product(a, inverse, n, n, n), identity(n)) < 1e-9);
    const double det = run("_linalg_det", {n, n}, a)[0].get(0);
    CHECK(det * run("_linalg_det", {n, n}, inverse)[0].get(0) == Approx(1));
    const auto log = run("_linalg_slogdet", {n, n}, a);
    CHECK(log[0].get(0) * std::exp(log[1].get(0)) == Approx(det));
  }
  CHECK(run("_linalg_det", {2, 2}, {0, 2, 3, 4})[0].get(0) == Approx(-6));
  CHECK(run("_linalg_det", {2, 2}, {1, 2, 2, 4})[0].get(0) == 0);
  const auto singular = run("_linalg_slogdet", {2, 2}, {1, 2, 2, 4});
  CHECK(singular[0].get(0) == 0);
  CHECK(singular[1].get(0) == -std::numeric_limits<double>::infinity());
}

TEST_CASE("the factors of LQ give the matrix back", "[operators][linalg]") {
  for (const auto& [rows, columns] :
       {std::pair<int64_t, int64_t>{1, 1}, {1, 4}, {3, 3}, {20, 50}}) {
    const Numbers a = random_matrix(rows, columns, 5);
    const auto made = run("_linalg_gelqf", {rows, columns}, a);
    const Numbers q = numbers_of(made[0]), l = numbers_of(made[1]);
    CHECK(distance(product(l, q, rows, rows, columns), a) < 1e-12);
    CHECK(distance(product(q, q, rows, columns, rows, false, true), identity(rows)) < 1e-12);
  }
  // LAPACK's signs: an element is reflected to the other side.
  const auto signs = run("_linalg_gelqf", {1, 2}, {3, 4});
  CHECK(numbers_of(signs[1]) == Numbers{-5});
  CHECK(numbers_of(run("_linalg_gelqf", {1, 1}, {3})[1]) == Numbers{3});
}

TEST_CASE("eigenvectors turn a symmetric matrix into its eigenvalues", "[operators][linalg]") {
  for (int64_t n : {1, 2, 3, 10, 60}) {
    INFO(n);
    Numbers a = random_matrix(n, n, 9);
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < i; ++j) a[size_t(j * n + i)] = a[size_t(i * n + j)];
    }
    const auto made = run("_linalg_syevd", {n, n}, a);
    const Numbers u = numbers_of(made[0]), values = numbers_of(made[1]);
    CHECK(std::is_sorted(values.begin(), values.end()));
    CHECK(distance(product(u, u, n, n, n, false, true), identity(n)) < 1e-11);
    Numbers scaled = u;
    for (int64_t i = 0; i < n; ++i) {
      double largest = 0;
      for (int64_t j = 0; j < n; ++j) {
        const double x = u[size_t(i * n + j)];
        if (std::abs(x) > std::abs(largest)) largest = x;
        scaled[size_t(i * n + j)] = values[size_t(i)] * x;
      }
      CHECK(largest > 0);
    }
    CHECK(distance(product(u, scaled, n, n, n, true, false), a) < 1e-11);
  }
  CHECK(numbers_of(run("_linalg_syevd", {2, 2}, {0, 0, 0, 0})[1]) == Numbers{0, 0});
}

TEST_CASE("the gradient of eigenvalues is that of symmetric changes", "[operators][linalg]") {
  const int64_t n = 3;
  const Numbers a = {2, 0.3, -0.4, 0.3, -1, 0.6, -0.4, 0.6, 0.5};
  const Numbers head_u = random_matrix(n, n, 21), head_values = random_matrix(n, 1, 22);
  const OpRunner runner("_linalg_syevd", {}, {{n, n}}, DType::f64);
  const Numbers gradient =
      numbers_of(runner
                     .backward({make_array({n, n}, a)},
                               {make_array({n, n}, head_u), make_array({n}, head_values)})
                     .in_grads[0]);
  const auto value = [&](int64_t i, int64_t j, double step) {
    Numbers moved = a;
    moved[size_t(i * n + j)] += step;
    if (i != j) moved[size_t(j * n + i)] += step;
    const auto made = run("_linalg_syevd", {n, n}, moved);
    const Numbers u = numbers_of(made[0]), values = numbers_of(made[1]);
    double sum = 0;
    for (size_t k = 0; k < u.size(); ++k) sum += u[k] * head_u[k];
    for (size_t k = 0; k < values.size(); ++k) sum += values[k] * head_values[k];
    return sum;
  };
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j <= i; ++j) {
      const double slope = (value(i, j, 1e-6) - value(i, j, -1e-6)) / 2e-6;
      const double both = gradient[size_t(i * n + j)] + (i == j ? 0 : gradient[size_t(j * n + i)]);
      CHECK(both == Approx(slope).margin(1e-7));
    }
  }
}

TEST_CASE("triangular systems of any form are solved, in blocks too", "[operators][linalg]") {
  for (int64_t n : {3, 70}) {
    Numbers a = random_matrix(n, n, 31);
    for (double& x : a) x /= double(n);
    for (int64_t i = 0; i < n; ++i) a[size_t(i * n + i)] = 2;
    for (int form = 0; form < 8; ++form) {
      const linalg::Triangle triangle{(form & 1) != 0, (form & 2) != 0, (form & 4) != 0};
      const int64_t rows = triangle.is_on_right ? 5 : n, columns = triangle.is_on_right ? n : 5;
      const Numbers b = random_matrix(rows, columns, 32);
      Numbers x = b, back(b.size());
      linalg::solve_triangle<double>(a.data(), triangle, x.data(), rows, columns);
      linalg::multiply_triangle<double>(a.data(), triangle, x.data(), rows, columns, 1.0,
                                        back.data());
      INFO("n " << n << ", form " << form);
      CHECK(distance(back, b) < 1e-12);
    }
  }
}

TEST_CASE("matrices without factors are refused", "[operators][linalg]") {
  const auto refused = [](std::string_view op, const Shape& shape, const Numbers& a,
                          const char* words) {
    require_error_matches([&] { run(op, shape, a); }, {std::string(op), words});
  };
  refused("_linalg_potrf", {2, 2}, {1, 2, 2, 1}, "matrix 0 of A (2, 2) is not positive definite");
  refused("_linalg_potrf", {1, 1}, {std::nan("")}, "is not positive definite");
  refused("_linalg_inverse", {2, 2}, {1, 2, 2, 4}, "matrix 0 of A (2, 2) is singular");
  refused("_linalg_syevd", {1, 1}, {std::nan("")}, "finite numbers are expected");
  refused("_linalg_syevd", {1, 1}, {HUGE_VAL}, "finite numbers are expected");
  const auto shapes = [](std::string_view op, const ParamText& params,
                         const std::vector<Shape>& inputs, const char* words) {
    require_error_matches([&] { OpRunner(op, params, inputs, DType::f64); },
                          {std::string(op), words});
  };
  for (const char* op :
       {"_linalg_potrf", "_linalg_potri", "_linalg_inverse", "_linalg_det", "_linalg_slogdet",
        "_linalg_syevd", "_linalg_sumlogdiag", "_linalg_extractdiag", "_linalg_extracttrian"}) {
    shapes(op, {}, {{2, 3}}, "square matrices are expected");
    shapes(op, {}, {{3}}, "at least two axes are expected");
  }
  shapes("_linalg_gelqf", {}, {{3, 2}}, "at least as many columns as rows");
  shapes("_linalg_extractdiag", {{"offset", "3"}}, {{3, 3}}, "a number between -2 and 2");
  shapes("_linalg_extracttrian", {{"offset", "-3"}}, {{3, 3}}, "a number between -2 and 2");
  shapes("_linalg_maketrian", {}, {{4}}, "no triangle has 4 elements");
  shapes("_linalg_gemm2", {}, {{2, 3}, {2, 3}}, "op(A) has 3 columns and op(B) 2 rows");
  shapes("_linalg_gemm2", {}, {{2, 3}, {3}}, "as many axes are expected in both");
  shapes("_linalg_gemm2", {{"axis", "1"}}, {{2, 3}, {3, 2}}, "without the last axis is expected");
  shapes("_linalg_gemm", {}, {{2, 2, 3}, {3, 3, 4}, {2, 2, 4}},
         "equal extents are expected on axis 0");
  shapes("_linalg_gemm", {}, {{2, 3}, {3, 4}, {4, 2}}, "it must equal C, which is (4, 2)");
  shapes("_linalg_trsm", {}, {{3, 3}, {2, 3}}, "A stands on the left");
  shapes("_linalg_trmm", {{"rightside", "True"}}, {{3, 3}, {3, 2}}, "A stands on the right");
  shapes("dot", {}, {{2, 3}, {4, 3}}, "axis 1 of lhs and axis 0 of rhs");
  shapes("dot", {{"transpose_a", "True"}}, {{3}, {3}}, "vectors cannot be transposed");
  shapes("batch_dot", {}, {{2, 3}, {3, 2}}, "at least three");
  shapes("batch_dot", {}, {{2, 2, 3}, {3, 3, 2}}, "equal extents are expected on axis 0");
  shapes("batch_dot", {}, {{2, 2, 3}, {2, 2, 3}}, "has 3 columns and one of rhs 2 rows");
  shapes("khatri_rao", {{"num_args", "2"}}, {{2, 3}, {2, 4}}, "as many columns");
  shapes("khatri_rao", {{"num_args", "1"}}, {{2}}, "(row, column) is expected");
}

}  // namespace treadle::testing
