// The CUDA half of elementwise(): one grid-stride kernel per functor and type. Included by
// elementwise.h where nvcc compiles it.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "treadle/core/error.h"
#include "treadle/operators/elementwise.h"

namespace treadle {
namespace detail {

// A null input is the run's random sequence.
template <class Stored, class Computed>
__device__ inline Computed load_element(const void* array, int64_t i, RandomKey random,
                                        const Uniform& uniform) {
  if (!array) return Computed(uniform_at(random, uint64_t(uniform.index(i))));
  return Computed(static_cast<const Stored*>(array)[i]);
}

template <class F, class Stored, class Computed, size_t... I>
__global__ void elementwise_kernel(F functor, Stored* out, ElementwiseInputs inputs,
                                   int64_t elements, bool adds, RandomKey random, Uniform uniform,
                                   std::index_sequence<I...>) {
  const int64_t stride = int64_t(gridDim.x) * blockDim.x;
  for (int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < elements; i += stride) {
    Computed value;
    if constexpr (sizeof...(I) == 0) {
      value = functor.template operator()<Computed>();
    } else {
      value = functor(load_element<Stored, Computed>(inputs.array[I], i, random, uniform)...);
    }
    if (adds) value = Computed(Computed(out[i]) + value);
    out[i] = Stored(value);
  }
}

template <size_t N, class Stored, class F>
void launch_elementwise_as(const F& functor, void* out, const ElementwiseInputs& inputs,
                           int64_t elements, bool adds, RandomKey random, const Uniform& uniform,
                           cudaStream_t stream) {
  using Computed = std::conditional_t<std::is_same_v<Stored, f16> || std::is_same_v<Stored, bf16>,
                                      float, Stored>;
  if constexpr (types_of<F>().contains(dtype_of<Stored>)) {
    constexpr int threads = 256;
    constexpr int64_t max_blocks = 65535;
    const int64_t blocks = std::min((elements + threads - 1) / threads, max_blocks);
    elementwise_kernel<F, Stored, Computed><<<unsigned(blocks), threads, 0, stream>>>(
        functor, static_cast<Stored*>(out), inputs, elements, adds, random, uniform,
        std::make_index_sequence<N>());
    const cudaError_t status = cudaGetLastError();
    if (status != cudaSuccess) {
      throw Error("The device refused to run an elementwise kernel on ", elements,
                  " elements: ", cudaGetErrorString(status), ".");
    }
  } else {
    throw InternalError("an elementwise functor is not made for the type of its arrays");
  }
}

template <size_t N, class F>
void launch_elementwise(DType type, const F& functor, void* out, const ElementwiseInputs& inputs,
                        int64_t elements, bool adds, RandomKey random, const Uniform& uniform,
                        void* stream) {
  if (elements == 0) return;
  const auto launch = [&]<class Stored>(Stored) {
    launch_elementwise_as<N, Stored>(functor, out, inputs, elements, adds, random, uniform,
                                     static_cast<cudaStream_t>(stream));
  };
  switch (type) {
    case DType::f32: return launch(float());
    case DType::f64: return launch(double());
    case DType::f16: return launch(f16());
    case DType::bf16: return launch(bf16());
    case DType::u8: return launch(uint8_t());
    case DType::i8: return launch(int8_t());
    case DType::i32: return launch(int32_t());
    case DType::i64: return launch(int64_t());
    case DType::boolean: return launch(bool());
    case DType::unknown: throw InternalError("an array of unknown type reached a kernel");
  }
}

}  // namespace detail
}  // namespace treadle
