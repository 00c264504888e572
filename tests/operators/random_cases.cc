// Cases of the operators in operators/random/ that draw numbers, and of densities.
#include "treadle/tests/operators/sweep.h"

namespace treadle::testing {
namespace {

TREADLE_SWEEP({.op = "_random_exponential", .params = {{"lam", "2"}, {"shape", "(3, 50)"}}});
TREADLE_SWEEP({.op = "_random_exponential_like", .params = {{"lam", "2"}}, .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "_random_gamma",
               .params = {{"alpha", "0.7"}, {"beta", "2"}, {"shape", "(3, 50)"}}});
TREADLE_SWEEP({.op = "_random_gamma_like",
               .params = {{"alpha", "0.7"}, {"beta", "2"}},
               .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "_random_generalized_negative_binomial",
               .params = {{"mu", "3"}, {"alpha", "0.5"}, {"shape", "(3, 50)"}}});
TREADLE_SWEEP({.op = "_random_generalized_negative_binomial_like",
               .params = {{"mu", "3"}, {"alpha", "0.5"}},
               .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "_random_negative_binomial",
               .params = {{"k", "4"}, {"p", "0.4"}, {"shape", "(3, 50)"}}});
TREADLE_SWEEP({.op = "_random_negative_binomial_like",
               .params = {{"k", "4"}, {"p", "0.4"}},
               .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "_random_normal",
               .params = {{"loc", "1"}, {"scale", "2"}, {"shape", "(3, 50)"}}});
TREADLE_SWEEP({.op = "_random_normal_like",
               .params = {{"loc", "1"}, {"scale", "2"}},
               .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "_random_poisson", .params = {{"lam", "3"}, {"shape", "(3, 50)"}}});
TREADLE_SWEEP({.op = "_random_poisson_like", .params = {{"lam", "3"}}, .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "_random_uniform",
               .params = {{"low", "-1"}, {"high", "3"}, {"shape", "(3, 50)"}}});
TREADLE_SWEEP({.op = "_random_uniform_like",
               .params = {{"low", "-1"}, {"high", "3"}},
               .inputs = {{3, 5}}});
TREADLE_SWEEP({.op = "_random_normal", .params = {{"shape", "(50000,)"}}, .is_large = true});
TREADLE_SWEEP({.op = "_random_poisson",
               .params = {{"shape", "(20000,)"}, {"lam", "30"}},
               .is_large = true});
TREADLE_SWEEP({.op = "_sample_exponential",
               .params = {{"shape", "(4,)"}},
               .inputs = {{3}},
               .values = {{"lam", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_sample_gamma",
               .params = {{"shape", "(4,)"}},
               .inputs = {{3}},
               .values = {{"alpha", range(0.5, 3)}, {"beta", range(0.5, 2)}},
               .tolerance = 1e-4});
TREADLE_SWEEP({.op = "_sample_generalized_negative_binomial",
               .params = {{"shape", "(4,)"}},
               .inputs = {{3}},
               .values = {{"mu", range(1, 5)}, {"alpha", range(0.2, 1)}}});
TREADLE_SWEEP({.op = "_sample_negative_binomial",
               .params = {{"shape", "(4,)"}},
               .inputs = {{3}},
               .values = {{"k", range(1, 5)}, {"p", range(0.3, 0.9)}}});
TREADLE_SWEEP({.op = "_sample_normal",
               .params = {{"shape", "(4,)"}},
               .inputs = {{3}},
               .values = {{"mu", range(-1, 1)}, {"sigma", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_sample_poisson",
               .params = {{"shape", "(4,)"}},
               .inputs = {{3}},
               .values = {{"lam", range(1, 5)}}});
TREADLE_SWEEP({.op = "_sample_uniform",
               .params = {{"shape", "(4,)"}},
               .inputs = {{3}},
               .values = {{"low", range(-2, -1)}, {"high", range(1, 2)}}});
TREADLE_SWEEP({.op = "_random_randint",
               .params = {{"low", "-5"}, {"high", "7"}, {"shape", "(40,)"}}});
TREADLE_SWEEP({.op = "_sample_unique_zipfian",
               .params = {{"range_max", "40"}, {"shape", "(3, 20)"}}});
TREADLE_SWEEP({.op = "_shuffle", .inputs = {{7, 2}}});
TREADLE_SWEEP({.op = "_sample_multinomial",
               .params = {{"shape", "(3,)"}, {"get_prob", "True"}},
               .inputs = {{2, 4}},
               .values = {{"data", range(0.2, 0.4)}}});
TREADLE_SWEEP({.op = "_sample_multinomial",
               .inputs = {{4}},
               .values = {{"data", range(0.2, 0.4)}}});
TREADLE_SWEEP({.op = "_random_pdf_uniform",
               .inputs = {{3, 4}, {3}, {3}},
               .values = {{"low", range(-2, -1)}, {"high", range(1, 2)}}});
TREADLE_SWEEP({.op = "_random_pdf_uniform",
               .params = {{"is_log", "True"}},
               .inputs = {{3}, {3}, {3}},
               .values = {{"low", range(-2, -1)}, {"high", range(1, 2)}}});
TREADLE_SWEEP({.op = "_random_pdf_normal",
               .inputs = {{3, 4}, {3}, {3}},
               .values = {{"mu", range(-1, 1)}, {"sigma", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_random_pdf_normal",
               .params = {{"is_log", "True"}},
               .inputs = {{3}, {3}, {3}},
               .values = {{"mu", range(-1, 1)}, {"sigma", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_random_pdf_gamma",
               .inputs = {{3, 4}, {3}, {3}},
               .values = {
                   {"sample", range(0.5, 2)}, {"alpha", range(0.5, 3)}, {"beta", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_random_pdf_gamma",
               .params = {{"is_log", "True"}},
               .inputs = {{3}, {3}, {3}},
               .values = {
                   {"sample", range(0.5, 2)}, {"alpha", range(0.5, 3)}, {"beta", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_random_pdf_exponential",
               .inputs = {{3, 4}, {3}},
               .values = {{"sample", range(0.5, 2)}, {"lam", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_random_pdf_exponential",
               .params = {{"is_log", "True"}},
               .inputs = {{3}, {3}},
               .values = {{"sample", range(0.5, 2)}, {"lam", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_random_pdf_poisson",
               .inputs = {{3, 4}, {3}},
               .values = {{"sample", whole(0, 6)}, {"lam", range(1, 5)}}});
TREADLE_SWEEP({.op = "_random_pdf_poisson",
               .params = {{"is_log", "True"}},
               .inputs = {{3}, {3}},
               .values = {{"sample", whole(0, 6)}, {"lam", range(1, 5)}}});
TREADLE_SWEEP({.op = "_random_pdf_negative_binomial",
               .inputs = {{3, 4}, {3}, {3}},
               .values = {{"sample", whole(0, 6)}, {"k", range(1, 5)}, {"p", range(0.3, 0.8)}}});
TREADLE_SWEEP({.op = "_random_pdf_negative_binomial",
               .params = {{"is_log", "True"}},
               .inputs = {{3}, {3}, {3}},
               .values = {{"sample", whole(0, 6)}, {"k", range(1, 5)}, {"p", range(0.3, 0.8)}}});
TREADLE_SWEEP({.op = "_random_pdf_generalized_negative_binomial",
               .inputs = {{3, 4}, {3}, {3}},
               .values = {{"sample", whole(0, 6)}, {"mu", range(1, 5)}, {"alpha", range(0.2, 1)}}});
TREADLE_SWEEP({.op = "_random_pdf_generalized_negative_binomial",
               .params = {{"is_log", "True"}},
               .inputs = {{3}, {3}, {3}},
               .values = {{"sample", whole(0, 6)}, {"mu", range(1, 5)}, {"alpha", range(0.2, 1)}}});
TREADLE_SWEEP({.op = "_random_pdf_dirichlet",
               .inputs = {{2, 3, 4}, {2, 4}},
               .values = {{"sample", range(0.1, 0.5)}, {"alpha", range(0.5, 2)}}});
TREADLE_SWEEP({.op = "_random_pdf_dirichlet",
               .params = {{"is_log", "True"}},
               .inputs = {{2, 3, 4}, {2, 4}},
               .values = {{"sample", range(0.1, 0.5)}, {"alpha", range(0.5, 2)}}});

}  // namespace
}  // namespace treadle::testing
