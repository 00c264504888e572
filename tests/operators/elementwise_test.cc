// The shared loop by itself: instruction sets, types, requests, threads, random numbers.
#include "treadle/operators/elementwise.h"

#include <limits>

#include "treadle/device/pool.h"
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/math.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

const DType every_type[] = {DType::f32, DType::f64, DType::f16, DType::bf16,   DType::u8,
                            DType::i8,  DType::i32, DType::i64, DType::boolean};
// Around the widths of vectors and of the grid of tiles, and enough for several threads.
const int64_t every_size[] = {0, 1, 7, 15, 16, 17, 63, 65, 1023, 1024, 1025, 40001};

HostArray numbered(int64_t n, DType type) {
  HostArray made({Shape{n}, type});
  for (int64_t i = 0; i < n; ++i) made.set(i, type == DType::boolean ? i % 2 : i % 50 + 1);
  return made;
}

template <class F, size_t N>
TileRun tile_run(const F& functor, HostArray& out, std::array<const HostArray*, N> inputs) {
  TileRun run;
  run.function = &detail::tile_function<F, N>;
  run.functor = &functor;
  run.type = out.spec().type;
  run.out = out.data();
  for (size_t i = 0; i < N; ++i) run.inputs.array[i] = inputs[i] ? inputs[i]->data() : nullptr;
  run.elements = out.elements();
  return run;
}

std::vector<Isa> isas_here() {
  std::vector<Isa> made;
  for (int i = 0; i <= int(best_isa()); ++i) made.push_back(Isa(i));
  return made;
}

struct Tanh {
  template <class T>
  T operator()(T x) const {
    return math::tanh(x);
  }
};

}  // namespace

TEST_CASE("a sum in every type, size and instruction set", "[operators][elementwise]") {
  for (DType type : every_type) {
    for (int64_t n : every_size) {
      if (n == 0) continue;
      for (Isa isa : isas_here()) {
        INFO(type << " " << n << " isa " << int(isa));
        const HostArray x = numbered(n, type);
        HostArray out({Shape{n}, type});
        run_tiles(tile_run(Add(), out, std::array{&x, &x}), nullptr, isa);
        bool is_right = out.has_intact_guards();
        for (int64_t i = 0; i < n; ++i) {
          const double sum = 2 * x.get(i);
          is_right = is_right && out.get(i) == (type == DType::boolean ? double(sum != 0) : sum);
        }
        REQUIRE(is_right);
      }
    }
  }
}

TEST_CASE("request add adds, null leaves alone, in every type", "[operators][elementwise]") {
  for (DType type : every_type) {
    INFO(type);
    const HostArray x = numbered(1030, type);
    HostArray out = numbered(1030, type);
    TileRun run = tile_run(Identity(), out, std::array{&x});
    run.request = Request::null;
    run_tiles(run, nullptr);
    REQUIRE(out.has_same_bits(x));
    run.request = Request::add;
    run_tiles(run, nullptr);
    for (int64_t i : {0, 1, 1023, 1029}) {
      CHECK(out.get(i) == (type == DType::boolean ? x.get(i) : 2 * x.get(i)));
    }
  }
}

TEST_CASE("an output may be an input", "[operators][elementwise]") {
  for (DType type : {DType::f32, DType::f16, DType::f64}) {
    const HostArray x = numbered(3000, type);
    HostArray expected({Shape{3000}, type});
    run_tiles(tile_run(Tanh(), expected, std::array{&x}), nullptr);
    HostArray y = x;
    run_tiles(tile_run(Tanh(), y, std::array<const HostArray*, 1>{&y}), nullptr);
    REQUIRE(y.has_same_bits(expected));
  }
}

TEST_CASE("threads and widths do not change a bit", "[operators][elementwise]") {
  const HostArray x = numbered(300001, DType::f32);
  HostArray expected({Shape{300001}, DType::f32});
  run_tiles(tile_run(Tanh(), expected, std::array{&x}), nullptr);
  for (int width : {1, 2, 3, 7}) {
    const auto pool = make_thread_pool({.concurrency = 2, .kernel_width = width});
    HostArray out({Shape{300001}, DType::f32});
    run_tiles(tile_run(Tanh(), out, std::array{&x}), pool.get());
    REQUIRE(out.has_same_bits(expected));
  }
}

TEST_CASE("random inputs are the numbers of the run's key", "[operators][elementwise]") {
  const RandomKey key{123456789012345, 77};
  for (Isa isa : isas_here()) {
    for (DType type : {DType::f32, DType::f64}) {
      HostArray out({Shape{2100}, type});
      TileRun run = tile_run(Identity(), out, std::array<const HostArray*, 1>{nullptr});
      run.random = key;
      run_tiles(run, nullptr, isa);
      bool is_right = true;
      for (int64_t i = 0; i < 2100; ++i)
        is_right = is_right && out.get(i) == double(uniform_at(key, uint64_t(i)));
      REQUIRE(is_right);
    }
  }
  // With a stride of 0 along the second axis of (3, 4).
  HostArray out({Shape{12}, DType::f32});
  TileRun run = tile_run(Identity(), out, std::array<const HostArray*, 1>{nullptr});
  run.random = key;
  run.uniform.num_dims = 2;
  run.uniform.extent[0] = 3;
  run.uniform.extent[1] = 4;
  run.uniform.stride[0] = 1;
  run_tiles(run, nullptr);
  for (int64_t i = 0; i < 12; ++i) CHECK(out.get(i) == double(uniform_at(key, uint64_t(i / 4))));
}

TEST_CASE("Philox gives the published numbers", "[operators][random]") {
  // Known answers of Random123's kat_vectors, "philox 4x32 10".
  const RandomBlock zeros = philox({0, 0}, 0);
  CHECK(zeros.word[0] == 0x6627e8d5);
  CHECK(zeros.word[1] == 0xe169c58d);
  CHECK(zeros.word[2] == 0xbc57ac4c);
  CHECK(zeros.word[3] == 0x9b00dbd8);
  const uint64_t ones = ~uint64_t(0);
  const RandomBlock full = philox({ones, ones}, ones);
  CHECK(full.word[0] == 0x408f276d);
  CHECK(full.word[1] == 0x41c83b0e);
  CHECK(full.word[2] == 0xa20bc7c6);
  CHECK(full.word[3] == 0x6d5451fd);
}

TEST_CASE("a functor that is not made for a type is our bug, said in a sentence",
          "[operators][elementwise]") {
  const HostArray x = numbered(4, DType::i32);
  HostArray out({Shape{4}, DType::i32});
  require_error_matches<InternalError>(
      [&] { run_tiles(tile_run(Tanh(), out, std::array{&x}), nullptr); }, "int32");
}

TEST_CASE("integer arithmetic has a result for every pair", "[operators][arithmetic]") {
  constexpr int32_t lowest = std::numeric_limits<int32_t>::lowest();
  CHECK(Add()(std::numeric_limits<int32_t>::max(), 1) == lowest);
  CHECK(Subtract()(lowest, 1) == std::numeric_limits<int32_t>::max());
  CHECK(Multiply()(1 << 30, 4) == 0);
  CHECK(Divide()(7, 0) == 0);
  CHECK(Divide()(lowest, -1) == lowest);
  CHECK(Divide()(int8_t(-128), int8_t(-1)) == int8_t(-128));
  CHECK(Divide()(-7, 2) == -3);
  CHECK(Negate()(lowest) == lowest);
  CHECK(Add()(uint8_t(200), uint8_t(100)) == 44);
  CHECK(Multiply()(std::numeric_limits<int64_t>::max(), int64_t(2)) == -2);
  CHECK(saturate<uint8_t>(300) == 255);
  CHECK(saturate<uint8_t>(-1) == 0);
  CHECK(saturate<int8_t>(-1e30) == -128);
  CHECK(saturate<int64_t>(1e30) == std::numeric_limits<int64_t>::max());
  CHECK(saturate<int32_t>(std::numeric_limits<double>::quiet_NaN()) == 0);
  CHECK(saturate<int32_t>(-2.9) == -2);
}

}  // namespace treadle::testing
