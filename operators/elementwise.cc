#include "treadle/operators/elementwise.h"

#include <algorithm>

#include "treadle/device/pool.h"
#include "treadle/operators/arithmetic.h"

namespace treadle {
namespace {

// A tile of the widest type, in and out, stays in the first level of cache. Pieces of a parallel
// loop begin at multiples of it, so that each element meets the same instructions (the vector part
// or the rest) whatever the number of threads.
constexpr int64_t tile_size = 1024;
// Below this a hand-over to other threads costs more than it saves.
constexpr int64_t parallel_tiles = 32;

struct alignas(64) TileBuffer {
  char bytes[tile_size * sizeof(int64_t)];
};

bool is_half(DType type) { return type == DType::f16 || type == DType::bf16; }

template <class To, class From>
void convert(Isa isa, const void* from, void* to, int64_t count) {
  const From* x = static_cast<const From*>(from);
  To* y = static_cast<To*>(to);
  run_for(isa, [=] {
    for (int64_t i = 0; i < count; ++i) y[i] = To(float(x[i]));
  });
}

void widen(Isa isa, DType half, const void* from, void* to, int64_t count) {
  half == DType::f16 ? convert<float, f16>(isa, from, to, count)
                     : convert<float, bf16>(isa, from, to, count);
}
void narrow(Isa isa, DType half, const void* from, void* to, int64_t count) {
  half == DType::f16 ? convert<f16, float>(isa, from, to, count)
                     : convert<bf16, float>(isa, from, to, count);
}

// philox() of 16 neighbouring blocks side by side, so that each round is a few vector instructions.
constexpr int philox_lanes = 16;
inline void draw_lanes(RandomKey key, uint64_t block, float* to) {
  uint32_t c0[philox_lanes], c1[philox_lanes], c2[philox_lanes], c3[philox_lanes];
  for (int k = 0; k < philox_lanes; ++k) {
    c0[k] = uint32_t(block + uint64_t(k));
    c1[k] = uint32_t((block + uint64_t(k)) >> 32);
    c2[k] = uint32_t(key.stream);
    c3[k] = uint32_t(key.stream >> 32);
  }
  uint32_t k0 = uint32_t(key.seed), k1 = uint32_t(key.seed >> 32);
  for (int round = 0; round < philox_rounds; ++round) {
    for (int k = 0; k < philox_lanes; ++k) {
      const uint64_t p0 = philox_multiplier0 * c0[k], p1 = philox_multiplier1 * c2[k];
      c0[k] = uint32_t(p1 >> 32) ^ c1[k] ^ k0;
      c1[k] = uint32_t(p1);
      c2[k] = uint32_t(p0 >> 32) ^ c3[k] ^ k1;
      c3[k] = uint32_t(p0);
    }
    k0 += philox_weyl0;
    k1 += philox_weyl1;
  }
  for (int k = 0; k < philox_lanes; ++k) {
    to[4 * k] = to_unit(c0[k]);
    to[4 * k + 1] = to_unit(c1[k]);
    to[4 * k + 2] = to_unit(c2[k]);
    to[4 * k + 3] = to_unit(c3[k]);
  }
}

// The numbers for elements first … first + count - 1; `first` is a multiple of 4.
void draw(Isa isa, RandomKey key, const Uniform& uniform, int64_t first, float* to, int64_t count) {
  if (uniform.num_dims > 0) {
    for (int64_t i = 0; i < count; ++i) to[i] = uniform_at(key, uint64_t(uniform.index(first + i)));
    return;
  }
  run_for(isa, [=] {
    constexpr int64_t step = 4 * philox_lanes;
    const int64_t whole = count / step * step;
    for (int64_t i = 0; i < whole; i += step) draw_lanes(key, uint64_t(first + i) / 4, to + i);
    for (int64_t i = whole; i < count; ++i) to[i] = uniform_at(key, uint64_t(first + i));
  });
}

class Runner {
 public:
  Runner(const TileRun& run, Isa isa)
      : run_(run),
        isa_(isa),
        type_(is_half(run.type) ? DType::f32 : run.type),
        stored_size_(int64_t(size_of(run.type))),
        loop_(loop(*run.function)),
        add_(loop(detail::tile_function<Add, 2>)) {
    TREADLE_INVARIANT(loop_, "an elementwise functor is not made for ", run.type,
                      "; the operator's `types` should have refused it");
    bool has_views = false;
    for (int i = 0; i < run.function->num_inputs; ++i) {
      draws_ |= run.inputs.array[i] == nullptr;
      has_views |= run.inputs.axes[i] != nullptr;
    }
    TREADLE_INVARIANT(!draws_ || is_floating(run.type), "random numbers are not of type ",
                      run.type);
    // What needs no buffer runs as one loop over the whole piece.
    is_direct_ = !is_half(run.type) && run.request == Request::write && !draws_ && !has_views;
  }

  void run_piece(int64_t begin, int64_t end) const {
    if (is_direct_) return run_tile(begin, end - begin);
    for (int64_t i = begin; i < end; i += tile_size) run_tile(i, std::min(tile_size, end - i));
  }

 private:
  TileLoop loop(const TileFunction& function) const {
    return function.loops[int(isa_)][TileFunction::index(type_)];
  }

  void run_tile(int64_t first, int64_t count) const {
    TileBuffer in_buffers[4], out_buffer;  // touched only where needed
    const void* inputs[4];
    for (int i = 0; i < run_.function->num_inputs; ++i) {
      inputs[i] = load(i, first, count, in_buffers[i].bytes);
    }
    char* const stored = static_cast<char*>(run_.out) + first * stored_size_;
    if (is_direct_) return loop_(run_.functor, stored, inputs, count);
    const bool half = is_half(run_.type);
    const bool adds = run_.request == Request::add;
    void* const result = half || adds ? out_buffer.bytes : stored;
    loop_(run_.functor, result, inputs, count);
    if (half) {
      if (adds) {
        widen(isa_, run_.type, stored, in_buffers[0].bytes, count);
        add(result, in_buffers[0].bytes, result, count);
      }
      narrow(isa_, run_.type, result, stored, count);
    } else if (adds) {
      add(stored, stored, result, count);
    }
  }

  void add(void* sum, const void* a, const void* b, int64_t count) const {
    const void* inputs[] = {a, b};
    const Add functor;
    add_(&functor, sum, inputs, count);
  }

  // The elements as the type of computation, in place or in `buffer`.
  const void* load(int input, int64_t first, int64_t count, char* buffer) const {
    const void* const array = run_.inputs.array[input];
    if (!array) {
      TileBuffer numbers;
      void* const to = type_ == DType::f64 ? numbers.bytes : buffer;
      draw(isa_, run_.random, run_.uniform, first, static_cast<float*>(to), count);
      if (type_ == DType::f64) convert<double, float>(isa_, to, buffer, count);
      return buffer;
    }
    if (const Axes* axes = run_.inputs.axes[input]) {
      TileBuffer narrow;
      const bool half = is_half(run_.type);
      gather(size_t(stored_size_), array, *axes, first, count, half ? narrow.bytes : buffer);
      if (half) widen(isa_, run_.type, narrow.bytes, buffer, count);
      return buffer;
    }
    const char* stored = static_cast<const char*>(array) + first * stored_size_;
    if (!is_half(run_.type)) return stored;
    widen(isa_, run_.type, stored, buffer, count);
    return buffer;
  }

  const TileRun& run_;
  Isa isa_;
  DType type_;
  int64_t stored_size_;
  TileLoop loop_, add_;
  bool draws_ = false;
  bool is_direct_ = false;
};

}  // namespace

void run_tiles(const TileRun& run, Pool* pool, Isa isa) {
  if (run.request == Request::null || run.elements == 0) return;
  const Runner runner(run, isa);
  const int64_t tiles = (run.elements + tile_size - 1) / tile_size;
  if (!pool || tiles < parallel_tiles) return runner.run_piece(0, run.elements);
  pool->parallel_for(0, tiles, parallel_tiles / 2, [&](int64_t begin, int64_t end) {
    runner.run_piece(begin * tile_size, std::min(end * tile_size, run.elements));
  });
}

}  // namespace treadle
