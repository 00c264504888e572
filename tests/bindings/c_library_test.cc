// Versions, errors by thread, the engine and random numbers.
#include <string>
#include <thread>

#include "treadle/bindings/c/call.h"
#include "treadle/tests/bindings/c_testing.h"

namespace treadle::testing {
namespace {

TEST_CASE("the library tells its version", "[bindings][c]") {
  REQUIRE(treadle_abi_version() == TREADLE_ABI_VERSION);
  REQUIRE(std::string(treadle_version()).find('.') != std::string::npos);
}

TEST_CASE("every kind of exception has a status and a sentence", "[bindings][c]") {
  const auto thrown = [](auto error) {
    return c::guard("test", [&](const c::Call&) { throw error; });  // NOLINT: an int too
  };
  refuses(thrown(Error("a mistake")), "a mistake");
  refuses(thrown(OutOfMemory("too large")), {"too large"}, TREADLE_OUT_OF_MEMORY);
  refuses(thrown(std::bad_alloc()), {"no memory left"}, TREADLE_OUT_OF_MEMORY);
  refuses(thrown(Cancelled("stopped")), {"stopped"}, TREADLE_CANCELLED);
  refuses(thrown(InternalError("a bug")), {"Treadle bug: a bug"}, TREADLE_INTERNAL_ERROR);
  refuses(thrown(std::logic_error("odd")), {"odd"}, TREADLE_INTERNAL_ERROR);
  refuses(thrown(42), {"no std::exception"}, TREADLE_INTERNAL_ERROR);
}

TEST_CASE("a call that succeeds leaves the last error", "[bindings][c]") {
  treadle_set_error("kept");
  const ArrayHandle array = make({1}, 0);
  REQUIRE(treadle_last_error() == std::string("kept"));
  treadle_set_error(nullptr);
  REQUIRE(treadle_last_error() == std::string());
}

TEST_CASE("each thread has its own last error", "[bindings][c]") {
  const auto fail_often = [](const char* op) {
    for (int i = 0; i < 1000; ++i) {
      TreadleNDArray* out = nullptr;
      const TreadleStatus status = treadle_invoke(op, nullptr, 0, nullptr, 0, &out, 1, nullptr);
      if (status != TREADLE_ERROR) return false;
      if (std::string(treadle_last_error()).find(op) == std::string::npos) return false;
    }
    return true;
  };
  bool first_was_right = false;
  std::thread first([&] { first_was_right = fail_often("first_unknown"); });
  REQUIRE(fail_often("second_unknown"));
  first.join();
  REQUIRE(first_was_right);
  std::string fresh = "?";
  std::thread([&] { fresh = treadle_last_error(); }).join();
  REQUIRE(fresh.empty());
}

TEST_CASE("threads make, use and free arrays at the same time", "[bindings][c]") {
  const int64_t before = treadle_live_handles();
  {
    const ArrayHandle shared = make({4}, 3);
    const auto work = [&shared](bool& is_right) {
      is_right = true;
      for (int i = 0; i < 500; ++i) {
        TreadleNDArray *sum = nullptr, *inputs[] = {shared, shared};
        float values[4] = {};
        const bool is_ok =
            treadle_invoke("elemwise_add", nullptr, 0, inputs, 2, &sum, 1, nullptr) == 0 &&
            treadle_ndarray_copy_to_host(sum, values, sizeof values) == 0;
        is_right = is_right && is_ok && values[3] == 6;
        treadle_ndarray_free(sum);
      }
    };
    bool one = false, two = false;
    std::thread other([&] { work(one); });
    work(two);
    other.join();
    REQUIRE((one && two));
  }
  REQUIRE(treadle_live_handles() == before);
}

TEST_CASE("each engine gives the same numbers", "[bindings][c]") {
  TreadleEngineKind before = -1;
  ok(treadle_get_engine(&before));
  std::vector<float> expected;
  for (const TreadleEngineKind kind :
       {TREADLE_ENGINE_THREADED, TREADLE_ENGINE_SERIAL, TREADLE_ENGINE_REPLAY}) {
    ok(treadle_set_engine(kind, 5));
    TreadleEngineKind now = -1;
    ok(treadle_get_engine(&now));
    REQUIRE(now == kind);
    ok(treadle_seed(11));
    ArrayHandle drawn;
    const TreadlePair params[] = {{"shape", "(3,)"}};
    ok(treadle_invoke("_random_uniform", params, 1, nullptr, 0, drawn.out(), 1, nullptr));
    if (expected.empty()) expected = values_of(drawn);
    REQUIRE(values_of(drawn) == expected);
  }
  ok(treadle_set_engine(before, 0));
  refuses(treadle_set_engine(3, 0), "there is no engine 3");
  refuses(treadle_get_engine(nullptr), "kind is NULL");
  refuses(treadle_num_gpus(nullptr), "count is NULL");
  refuses(treadle_add_emulated_gpu(0, nullptr), "device is NULL");
  ok(treadle_wait_all());
}

}  // namespace
}  // namespace treadle::testing
