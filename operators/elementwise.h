// elementwise(call, out(0), Functor{...}, in(0), in(1)): the loop that every elementwise operator
// shares. It owns dispatch on the element type, the requests null, write and add, threads, and the
// choice of the instruction set; on CUDA the launch.
//
// A functor is a named struct (nvcc rejects generic lambdas) with
//   template <class T> TREADLE_HD T operator()(T x, ...) const;
// and, unless it is for floating types only, `static constexpr TypeSet types`. T is float, double,
// an integer or bool: 16-bit floating arrays are read and written through float. An output may be
// the memory of an input.
#pragma once

#include <type_traits>
#include <utility>

#include "treadle/operators/call.h"
#include "treadle/operators/isa.h"
#include "treadle/operators/op.h"
#include "treadle/operators/type_set.h"
#include "treadle/operators/view.h"

namespace treadle {

// As an input of elementwise: element i is number i of the run's random sequence, in [0, 1); with
// strides, number sum(position(i)[k] * stride[k]), so that a stride of 0 repeats along axis k.
struct Uniform {
  static constexpr int max_dims = 8;
  int num_dims = 0;  // 0: no strides
  int64_t extent[max_dims] = {};
  int64_t stride[max_dims] = {};

  TREADLE_HD int64_t index(int64_t i) const {
    if (num_dims == 0) return i;
    int64_t number = 0;
    for (int k = num_dims - 1; k >= 0; --k) {
      number += i % extent[k] * stride[k];
      i /= extent[k];
    }
    return number;
  }
};
constexpr Uniform uniform() { return {}; }

// As an input of elementwise: an array read through a view of as many elements as the output.
struct Viewed {
  Slot slot;
  Axes axes;

  Viewed(Slot slot, const Axes& axes) : slot(slot), axes(axes.collapsed()) {}
  bool is_contiguous() const {
    return axes.count() == 0 || (axes.count() == 1 && axes.stride(0) == 1);
  }
};

// As an input of elementwise: what the target holds before, in passes that build on each other.
struct Itself {};

// What to write, and how, where that is not the request of the slot: in passes that build on each
// other. A slot alone means its own request; an auxiliary state is overwritten.
struct Target {
  Slot slot;
  bool forced = false;
  Request request = Request::write;

  constexpr Target(Slot slot) : slot(slot) {}  // NOLINT: a slot reads like its target
  constexpr Target(Slot slot, Request request) : slot(slot), forced(true), request(request) {}
};

// Arguments of a functor over a tile: `inputs` hold `count` elements each.
using TileLoop = void (*)(const void* functor, void* out, const void* const* inputs, int64_t count);

// A functor as functions over a tile, per instruction set and type of computation; null where the
// functor is not made for that type. Chains of them can be run tile by tile.
struct TileFunction {
  static constexpr int num_types = 7;  // f32 f64 u8 i32 i8 i64 bool: 16-bit types compute in f32
  int num_inputs = 0;
  TileLoop loops[num_isas][num_types] = {};

  static constexpr int index(DType type) {
    switch (type) {
      case DType::f64: return 1;
      case DType::u8: return 2;
      case DType::i32: return 3;
      case DType::i8: return 4;
      case DType::i64: return 5;
      case DType::boolean: return 6;
      default: return 0;
    }
  }
};

// The arrays a functor reads; null: random numbers, drawn from the run's sequence. Where axes are
// given the array is read through that view.
struct ElementwiseInputs {
  const void* array[4] = {};
  const Axes* axes[4] = {};
};

// One elementwise operation on whole arrays of host memory.
struct TileRun {
  const TileFunction* function = nullptr;
  const void* functor = nullptr;
  DType type = DType::f32;
  void* out = nullptr;
  Request request = Request::write;
  ElementwiseInputs inputs = {};
  int64_t elements = 0;
  RandomKey random = {};
  Uniform uniform = {};  // which of the random numbers
};

// Runs it in tiles of a fixed grid, in parallel when it is large. The bits do not depend on the
// number of threads. Throws InternalError for a type that the functor is not made for.
void run_tiles(const TileRun& run, Pool* pool, Isa isa = best_isa());

// y = x.
struct Identity {
  static constexpr TypeSet types = all_types;
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return x;
  }
};
// y = value, for elementwise without inputs.
struct Fill {
  static constexpr TypeSet types = all_types;
  float value = 0;
  template <class T>
  TREADLE_HD T operator()() const {
    return T(value);
  }
};

namespace detail {

template <class F>
constexpr TypeSet types_of() {
  if constexpr (requires { F::types; }) {
    return F::types;
  } else {
    return floating_types;
  }
}

template <class F, class T, size_t... I>
inline __attribute__((always_inline)) void tile_body(const void* functor, void* out,
                                                     const void* const* inputs, int64_t count,
                                                     std::index_sequence<I...>) {
  const F f = *static_cast<const F*>(functor);
  T* const y = static_cast<T*>(out);
  if constexpr (sizeof...(I) == 0) {
    (void)inputs;
    for (int64_t i = 0; i < count; ++i) y[i] = f.template operator()<T>();
  } else {
    const T* const x[] = {static_cast<const T*>(inputs[I])...};
    TREADLE_INDEPENDENT
    for (int64_t i = 0; i < count; ++i) y[i] = f(x[I][i]...);
  }
}

template <class F, class T, size_t N>
TREADLE_TARGET_BASELINE void tile_baseline(const void* f, void* out, const void* const* in,
                                           int64_t n) {
  tile_body<F, T>(f, out, in, n, std::make_index_sequence<N>());
}
template <class F, class T, size_t N>
TREADLE_TARGET_AVX2 void tile_avx2(const void* f, void* out, const void* const* in, int64_t n) {
  tile_body<F, T>(f, out, in, n, std::make_index_sequence<N>());
}
template <class F, class T, size_t N>
TREADLE_TARGET_AVX512 void tile_avx512(const void* f, void* out, const void* const* in, int64_t n) {
  tile_body<F, T>(f, out, in, n, std::make_index_sequence<N>());
}

template <class F, class T, size_t N>
constexpr void add_loops(TileFunction& function) {
  if constexpr (types_of<F>().contains(dtype_of<T>)) {
    constexpr int type = TileFunction::index(dtype_of<T>);
    function.loops[int(Isa::baseline)][type] = &tile_baseline<F, T, N>;
    function.loops[int(Isa::avx2)][type] = &tile_avx2<F, T, N>;
    function.loops[int(Isa::avx512)][type] = &tile_avx512<F, T, N>;
  }
}

template <class F, size_t N>
constexpr TileFunction make_tile_function() {
  TileFunction function;
  function.num_inputs = int(N);
  add_loops<F, float, N>(function);
  add_loops<F, double, N>(function);
  add_loops<F, uint8_t, N>(function);
  add_loops<F, int32_t, N>(function);
  add_loops<F, int8_t, N>(function);
  add_loops<F, int64_t, N>(function);
  add_loops<F, bool, N>(function);
  return function;
}
template <class F, size_t N>
inline constexpr TileFunction tile_function = make_tile_function<F, N>();

template <size_t N, class F>
void launch_elementwise(DType type, const F& functor, void* out, const ElementwiseInputs& inputs,
                        int64_t elements, bool adds, RandomKey random, const Uniform& uniform,
                        void* stream);

template <DeviceKind D>
const void* input_data(const Call<D>& call, const void*, Slot slot) {
  return call.read(slot).data;
}
template <DeviceKind D>
const void* input_data(const Call<D>&, const void*, const Uniform&) {
  return nullptr;
}
template <DeviceKind D>
const void* input_data(const Call<D>& call, const void*, const Viewed& viewed) {
  return call.read(viewed.slot).data;
}
template <DeviceKind D>
const void* input_data(const Call<D>&, const void* out, Itself) {
  return out;
}

template <class Input>
const Axes* input_axes(const Input&) {
  return nullptr;
}
inline const Axes* input_axes(const Viewed& viewed) {
  return viewed.is_contiguous() ? nullptr : &viewed.axes;
}

inline void note_uniform(Uniform&, Slot) {}
inline void note_uniform(Uniform&, Itself) {}
inline void note_uniform(Uniform&, const Viewed&) {}
inline void note_uniform(Uniform& to, const Uniform& from) { to = from; }

}  // namespace detail

// See the top of the file. All arrays have the shape and type of the target.
template <DeviceKind D, class F, class... Inputs>
void elementwise(const Call<D>& call, Target target, const F& functor, const Inputs&... inputs) {
  static_assert(sizeof...(Inputs) <= 4,
                "a functor takes at most four arrays; split it into passes");
  const bool is_state = target.slot.kind == Slot::Kind::aux;
  const Tensor out = is_state ? call.read(target.slot) : call.write(target.slot);
  const Request request = target.forced || is_state ? target.request : call.request(target.slot);
  if (request == Request::null) return;
  TileRun run{
      .function = nullptr,
      .functor = &functor,
      .type = out.type(),
      .out = out.data,
      .request = request,
      .inputs = {{detail::input_data(call, out.data, inputs)...}, {detail::input_axes(inputs)...}},
      .elements = out.elements(),
      .random = call.random(),
      .uniform = {}};
  (detail::note_uniform(run.uniform, inputs), ...);
  if constexpr (D == DeviceKind::gpu) {
#ifdef __CUDACC__
    detail::launch_elementwise<sizeof...(Inputs)>(run.type, functor, run.out, run.inputs,
                                                  run.elements, request == Request::add, run.random,
                                                  run.uniform, call.stream());
#endif
  } else {
    run.function = &detail::tile_function<F, sizeof...(Inputs)>;
    run_tiles(run, &call.pool());
  }
}

// `to` = `from`, which may have another shape of as many elements; nothing where they are the same
// memory.
template <DeviceKind D>
void copy(const Call<D>& call, Slot to, Slot from) {
  const bool in_place =
      call.request(to) == Request::write && call.write(to).data == call.read(from).data;
  if (!in_place) elementwise(call, to, Identity(), from);
}

}  // namespace treadle

#ifdef __CUDACC__
#include "treadle/operators/elementwise_cuda.h"
#endif
