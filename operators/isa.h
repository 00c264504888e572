// Instruction sets: loops are compiled for each of them and chosen at run time, so that one binary
// runs everywhere.
#pragma once

#include <cstdint>
#include <utility>

namespace treadle {

enum class Isa : uint8_t { baseline, avx2, avx512 };
inline constexpr int num_isas = 3;

// The best one of this processor, asked once.
Isa best_isa();

}  // namespace treadle

// A function that is compiled for one instruction set, with everything it calls inlined: a callee
// left outside would run the baseline's code.
#if defined(__x86_64__) && !defined(__CUDACC__)
#if defined(__clang__)
#define TREADLE_AVX512 "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"
#else
#define TREADLE_AVX512 "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,prefer-vector-width=512"
#endif
#define TREADLE_TARGET_BASELINE __attribute__((flatten))
#define TREADLE_TARGET_AVX2 __attribute__((flatten, target("avx2,fma,f16c")))
#define TREADLE_TARGET_AVX512 __attribute__((flatten, target(TREADLE_AVX512)))
#else
#define TREADLE_TARGET_BASELINE
#define TREADLE_TARGET_AVX2
#define TREADLE_TARGET_AVX512
#endif

// Before a loop whose iterations are independent although its arrays may be the same memory (an
// output that overwrites an input element by element).
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed"  // a call of the C library may stand in the way
#define TREADLE_INDEPENDENT _Pragma("clang loop vectorize(assume_safety) interleave(enable)")
#elif defined(__GNUC__) && !defined(__CUDACC__)
#define TREADLE_INDEPENDENT _Pragma("GCC ivdep")
#else
#define TREADLE_INDEPENDENT
#endif

namespace treadle {
namespace detail {
template <class Body>
TREADLE_TARGET_BASELINE void run_baseline(const Body& body) {
  body();
}
template <class Body>
TREADLE_TARGET_AVX2 void run_avx2(const Body& body) {
  body();
}
template <class Body>
TREADLE_TARGET_AVX512 void run_avx512(const Body& body) {
  body();
}
}  // namespace detail

// Runs `body` compiled for the given instruction set: for loops over rows and windows that are no
// elementwise functor.
template <class Body>
void run_for(Isa isa, const Body& body) {
  switch (isa) {
    case Isa::avx512: return detail::run_avx512(body);
    case Isa::avx2: return detail::run_avx2(body);
    case Isa::baseline: return detail::run_baseline(body);
  }
}
template <class Body>
void run_for_best_isa(const Body& body) {
  run_for(best_isa(), body);
}

}  // namespace treadle
