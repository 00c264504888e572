// Cases of the operators in operators/matrix/ and linalg/. Those that need symmetric positive
// matrices are in linalg_test.cc.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "dot",
               .params = {{"transpose_a", "False"}, {"transpose_b", "False"}},
               .inputs = {{3, 4}, {4, 2}}});
TREADLE_SWEEP({.op = "batch_dot",
               .params = {{"transpose_a", "False"}, {"transpose_b", "False"}},
               .inputs = {{2, 3, 4}, {2, 4, 2}}});
TREADLE_SWEEP({.op = "dot",
               .params = {{"transpose_a", "True"}, {"transpose_b", "False"}},
               .inputs = {{4, 3}, {4, 2}}});
TREADLE_SWEEP({.op = "batch_dot",
               .params = {{"transpose_a", "True"}, {"transpose_b", "False"}},
               .inputs = {{2, 4, 3}, {2, 4, 2}}});
TREADLE_SWEEP({.op = "dot",
               .params = {{"transpose_a", "False"}, {"transpose_b", "True"}},
               .inputs = {{3, 4}, {2, 4}}});
TREADLE_SWEEP({.op = "batch_dot",
               .params = {{"transpose_a", "False"}, {"transpose_b", "True"}},
               .inputs = {{2, 3, 4}, {2, 2, 4}}});
TREADLE_SWEEP({.op = "dot",
               .params = {{"transpose_a", "True"}, {"transpose_b", "True"}},
               .inputs = {{4, 3}, {2, 4}}});
TREADLE_SWEEP({.op = "batch_dot",
               .params = {{"transpose_a", "True"}, {"transpose_b", "True"}},
               .inputs = {{2, 4, 3}, {2, 2, 4}}});
TREADLE_SWEEP({.op = "dot", .inputs = {{4}, {4}}});
TREADLE_SWEEP({.op = "dot", .inputs = {{2, 3, 4}, {4, 5}}});
TREADLE_SWEEP({.op = "dot", .inputs = {{3, 4}, {4}}});
TREADLE_SWEEP({.op = "dot", .params = {{"transpose_a", "True"}}, .inputs = {{2, 3}, {2, 4, 5}}});
TREADLE_SWEEP({.op = "dot", .inputs = {{200, 300}, {300, 100}}, .is_large = true});
TREADLE_SWEEP({.op = "khatri_rao", .params = {{"num_args", "2"}}, .inputs = {{2, 3}, {4, 3}}});
TREADLE_SWEEP({.op = "khatri_rao",
               .params = {{"num_args", "3"}},
               .inputs = {{2, 3}, {2, 3}, {3, 3}}});
TREADLE_SWEEP({.op = "_linalg_gemm2",
               .params = {{"transpose_a", "False"}, {"transpose_b", "False"}, {"alpha", "1.5"}},
               .inputs = {{2, 3, 4}, {2, 4, 5}}});
TREADLE_SWEEP({.op = "_linalg_gemm",
               .params = {{"transpose_a", "False"},
                          {"transpose_b", "False"},
                          {"alpha", "1.5"},
                          {"beta", "0.5"}},
               .inputs = {{2, 3, 4}, {2, 4, 5}, {2, 3, 5}}});
TREADLE_SWEEP({.op = "_linalg_gemm2",
               .params = {{"transpose_a", "False"}, {"transpose_b", "True"}, {"alpha", "1.5"}},
               .inputs = {{2, 3, 4}, {2, 5, 4}}});
TREADLE_SWEEP({.op = "_linalg_gemm",
               .params = {{"transpose_a", "False"},
                          {"transpose_b", "True"},
                          {"alpha", "1.5"},
                          {"beta", "0.5"}},
               .inputs = {{2, 3, 4}, {2, 5, 4}, {2, 3, 5}}});
TREADLE_SWEEP({.op = "_linalg_gemm2",
               .params = {{"transpose_a", "True"}, {"transpose_b", "False"}, {"alpha", "1.5"}},
               .inputs = {{2, 4, 3}, {2, 4, 5}}});
TREADLE_SWEEP({.op = "_linalg_gemm",
               .params = {{"transpose_a", "True"},
                          {"transpose_b", "False"},
                          {"alpha", "1.5"},
                          {"beta", "0.5"}},
               .inputs = {{2, 4, 3}, {2, 4, 5}, {2, 3, 5}}});
TREADLE_SWEEP({.op = "_linalg_gemm2",
               .params = {{"transpose_a", "True"}, {"transpose_b", "True"}, {"alpha", "1.5"}},
               .inputs = {{2, 4, 3}, {2, 5, 4}}});
TREADLE_SWEEP({.op = "_linalg_gemm",
               .params = {{"transpose_a", "True"},
                          {"transpose_b", "True"},
                          {"alpha", "1.5"},
                          {"beta", "0.5"}},
               .inputs = {{2, 4, 3}, {2, 5, 4}, {2, 3, 5}}});
TREADLE_SWEEP({.op = "_linalg_gemm2", .params = {{"axis", "0"}}, .inputs = {{3, 2, 4}, {4, 2, 5}}});
TREADLE_SWEEP({.op = "_linalg_gemm",
               .params = {{"axis", "-3"}},
               .inputs = {{3, 2, 4}, {4, 2, 5}, {3, 2, 5}}});
TREADLE_SWEEP({.op = "_linalg_trmm",
               .params = {{"transpose", "False"},
                          {"rightside", "False"},
                          {"lower", "False"},
                          {"alpha", "1.5"}},
               .inputs = {{2, 3, 3}, {2, 3, 4}}});
TREADLE_SWEEP({.op = "_linalg_trsm",
               .params = {{"transpose", "False"},
                          {"rightside", "False"},
                          {"lower", "False"},
                          {"alpha", "1.5"}},
               .inputs = {{2, 3, 3}, {2, 3, 4}},
               .values = {{"A", range(1, 2)}}});
TREADLE_SWEEP({.op = "_linalg_trmm",
               .params = {{"transpose", "False"},
                          {"rightside", "False"},
                          {"lower", "True"},
                          {"alpha", "1.5"}},
               .inputs = {{2, 3, 3}, {2, 3, 4}}});
TREADLE_SWEEP({.op = "_linalg_trsm",
               .params = {{"transpose", "False"},
                          {"rightside", "False"},
                          {"lower", "True"},
                          {"alpha", "1.5"}},
               .inputs = {{2, 3, 3}, {2, 3, 4}},
               .values = {{"A", range(1, 2)}}});
TREADLE_SWEEP({.op = "_linalg_trmm",
               .params = {{"transpose", "False"},
                          {"rightside", "True"},
                          {"lower", "False"},
                          {"alpha", "1.5"}},
               .inputs = {{2, 3, 3}, {2, 4, 3}}});
TREADLE_SWEEP({.op = "_linalg_trsm",
               .params = {{"transpose", "False"},
                          {"rightside", "True"},
                          {"lower", "False"},
                          {"alpha", "1.5"}},
               .inputs = {{2, 3, 3}, {2, 4, 3}},
               .values = {{"A", range(1, 2)}}});
TREADLE_SWEEP(
    {.op = "_linalg_trmm",
     .params = {{"transpose", "False"}, {"rightside", "True"}, {"lower", "True"}, {"alpha", "1.5"}},
     .inputs = {{2, 3, 3}, {2, 4, 3}}});
TREADLE_SWEEP(
    {.op = "_linalg_trsm",
     .params = {{"transpose", "False"}, {"rightside", "True"}, {"lower", "True"}, {"alpha", "1.5"}},
     .inputs = {{2, 3, 3}, {2, 4, 3}},
     .values = {{"A", range(1, 2)}}});
TREADLE_SWEEP({.op = "_linalg_trmm",
               .params = {{"transpose", "True"},
                          {"rightside", "False"},
                          {"lower", "False"},
                          {"alpha", "1.5"}},
               .inputs = {{2, 3, 3}, {2, 3, 4}}});
TREADLE_SWEEP({.op = "_linalg_trsm",
               .params = {{"transpose", "True"},
                          {"rightside", "False"},
                          {"lower", "False"},
                          {"alpha", "1.5"}},
               .inputs = {{2, 3, 3}, {2, 3, 4}},
               .values = {{"A", range(1, 2)}}});
TREADLE_SWEEP(
    {.op = "_linalg_trmm",
     .params = {{"transpose", "True"}, {"rightside", "False"}, {"lower", "True"}, {"alpha", "1.5"}},
     .inputs = {{2, 3, 3}, {2, 3, 4}}});
TREADLE_SWEEP(
    {.op = "_linalg_trsm",
     .params = {{"transpose", "True"}, {"rightside", "False"}, {"lower", "True"}, {"alpha", "1.5"}},
     .inputs = {{2, 3, 3}, {2, 3, 4}},
     .values = {{"A", range(1, 2)}}});
TREADLE_SWEEP(
    {.op = "_linalg_trmm",
     .params = {{"transpose", "True"}, {"rightside", "True"}, {"lower", "False"}, {"alpha", "1.5"}},
     .inputs = {{2, 3, 3}, {2, 4, 3}}});
TREADLE_SWEEP(
    {.op = "_linalg_trsm",
     .params = {{"transpose", "True"}, {"rightside", "True"}, {"lower", "False"}, {"alpha", "1.5"}},
     .inputs = {{2, 3, 3}, {2, 4, 3}},
     .values = {{"A", range(1, 2)}}});
TREADLE_SWEEP(
    {.op = "_linalg_trmm",
     .params = {{"transpose", "True"}, {"rightside", "True"}, {"lower", "True"}, {"alpha", "1.5"}},
     .inputs = {{2, 3, 3}, {2, 4, 3}}});
TREADLE_SWEEP(
    {.op = "_linalg_trsm",
     .params = {{"transpose", "True"}, {"rightside", "True"}, {"lower", "True"}, {"alpha", "1.5"}},
     .inputs = {{2, 3, 3}, {2, 4, 3}},
     .values = {{"A", range(1, 2)}}});
TREADLE_SWEEP({.op = "_linalg_trsm",
               .inputs = {{70, 70}, {70, 90}},
               .values = {{"A", range(1, 1.01)}},
               .is_large = true});
TREADLE_SWEEP({.op = "_linalg_sumlogdiag",
               .inputs = {{2, 3, 3}},
               .values = {{"A", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_linalg_sumlogdiag", .inputs = {{3, 3}}, .values = {{"A", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_linalg_syrk", .params = {{"alpha", "0.5"}}, .inputs = {{2, 3, 4}}});
TREADLE_SWEEP({.op = "_linalg_syrk", .params = {{"transpose", "True"}}, .inputs = {{3, 4}}});
TREADLE_SWEEP({.op = "_linalg_potri",
               .params = {{"lower", "False"}},
               .inputs = {{2, 3, 3}},
               .values = {{"A", range(0.8, 1.5)}}});
TREADLE_SWEEP({.op = "_linalg_potri", .inputs = {{2, 3, 3}}, .values = {{"A", range(0.8, 1.5)}}});
TREADLE_SWEEP({.op = "_linalg_inverse", .inputs = {{2, 3, 3}}, .values = {{"A", range(0.2, 2)}}});
TREADLE_SWEEP({.op = "_linalg_det", .inputs = {{2, 3, 3}}});
TREADLE_SWEEP({.op = "_linalg_det", .inputs = {{3, 3}}});
TREADLE_SWEEP({.op = "_linalg_slogdet", .inputs = {{2, 2, 2}}});
TREADLE_SWEEP({.op = "_linalg_gelqf", .inputs = {{2, 2, 4}}});
TREADLE_SWEEP({.op = "_linalg_gelqf", .inputs = {{3, 3}}});
TREADLE_SWEEP({.op = "_linalg_extractdiag", .params = {{"offset", "1"}}, .inputs = {{2, 3, 3}}});
TREADLE_SWEEP({.op = "_linalg_extracttrian", .inputs = {{2, 3, 3}}});
TREADLE_SWEEP({.op = "_linalg_extracttrian", .params = {{"lower", "False"}}, .inputs = {{3, 3}}});
TREADLE_SWEEP({.op = "_linalg_extracttrian", .params = {{"offset", "-1"}}, .inputs = {{4, 4}}});
TREADLE_SWEEP({.op = "_linalg_extracttrian", .params = {{"offset", "1"}}, .inputs = {{4, 4}}});
TREADLE_SWEEP({.op = "_linalg_makediag", .params = {{"offset", "-1"}}, .inputs = {{2, 3}}});
TREADLE_SWEEP({.op = "_linalg_maketrian", .inputs = {{2, 6}}});
TREADLE_SWEEP({.op = "_linalg_maketrian", .params = {{"lower", "False"}}, .inputs = {{3}}});
TREADLE_SWEEP({.op = "_linalg_maketrian", .params = {{"offset", "2"}}, .inputs = {{3}}});

}  // namespace
}  // namespace treadle::testing
