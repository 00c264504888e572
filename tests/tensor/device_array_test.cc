// Arrays on accelerators.
#include <atomic>
#include <numeric>
#include <thread>

#include "treadle/device/driver.h"
#include "treadle/device/emulated.h"
#include "treadle/device/null_driver.h"
#include "treadle/executor/imperative.h"
#include "treadle/tensor/array.h"
#include "treadle/tests/support/catch.h"

using namespace treadle;
using treadle::testing::require_error_matches;

namespace {

Device device_number(int which) {
  static const Device devices[] = {add_emulated_gpu({.seed = 5}), add_emulated_gpu({.seed = 6})};
  return devices[which];
}

std::vector<float> count_to(int n) {
  std::vector<float> values(static_cast<size_t>(n));
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}

}  // namespace

TEST_CASE("arrays go to devices, between them and back", "[tensor][device]") {
  const auto values = count_to(60);
  const Array host = Array::from(values, {3, 20});
  const Array there = host.copy(device_number(0));
  CHECK(there.device() == device_number(0));
  CHECK(there.to_vector<float>() == values);
  CHECK(there.copy(device_number(1)).to_vector<float>() == values);
  CHECK(there.copy(device_number(1)).copy(cpu()).to_vector<float>() == values);
  CHECK(there.copy().to_vector<float>() == values);
  CHECK(Array::from(values, {60}, device_number(1)).to_vector<float>() == values);
}

TEST_CASE("arrays on devices are filled, sliced, converted and written in parts",
          "[tensor][device]") {
  const Device device = device_number(0);
  Array a = Array::full({4, 3}, 2.5, DType::f32, device);
  CHECK(a.to_vector<float>() == std::vector<float>(12, 2.5f));
  a.slice(1, 3).fill(-1);
  a.slice(0, 1).copy_from(Array::from(count_to(3), {1, 3}));  // from the host
  a.slice(3, 4).copy_from(a.slice(0, 1));                     // within
  Array row = Array::zeros({1, 3}, DType::f32, device_number(1));
  row.copy_from(a.slice(2, 3));  // to another device
  CHECK(a.to_vector<float>() == std::vector<float>{1, 2, 3, -1, -1, -1, -1, -1, -1, 1, 2, 3});
  CHECK(row.to_vector<float>() == std::vector<float>(3, -1));
  CHECK(a.as_type(DType::i32).to_vector<int32_t>() ==
        std::vector<int32_t>{1, 2, 3, -1, -1, -1, -1, -1, -1, 1, 2, 3});
  Array ints = Array::zeros({4, 3}, DType::i64);
  ints.copy_from(a);  // converted on the device, then copied
  CHECK(ints.to_vector<int64_t>()[2] == 3);
  a.copy_from(ints);  // and the other way round
  CHECK(a.to_vector<float>()[11] == 3);
  CHECK(Array::zeros({0, 3}, DType::f32, device).to_vector<float>().empty());
}

TEST_CASE("operators run on the device of their inputs", "[tensor][device]") {
  const Device device = device_number(1);
  const Array a = Array::from(count_to(1000), {1000});
  const Array here = invoke("negative", {}, {{a}})[0];
  const Array there = invoke("negative", {}, {{a.copy(device)}})[0];
  CHECK(there.device() == device);
  CHECK(there.to_vector<float>() == here.to_vector<float>());
  require_error_matches([&] { invoke("elemwise_add", {}, {{a, a.copy(device)}}); },
                        {"elemwise_add: input 1 is on gpu(", "and input 0 on cpu(0); copy one"});
  require_error_matches(
      [&] { invoke("negative", {}, {{a}}, {.outputs = {{there}}}); },
      {"negative: output 0 is written to an array on gpu(", "but the operator runs on cpu(0)"});
}

TEST_CASE("temporaries of a device reuse memory while their work is still queued",
          "[tensor][device]") {
  const Device device = device_number(0);
  MemoryPool& pool = driver(device).memory();
  pool.trim();
  std::atomic<bool> go{false};
  Array a = Array::full({10000}, 1, DType::f32, device);
  a.wait();
  Stream* const stream = stream_of(device, Lane::compute);
  const Variable variable = a.variable();
  a.engine()->push(
      [&go, stream] {
        stream->launch("busy", [&go] {
          while (!go) std::this_thread::yield();
        });
      },
      {&variable, 1}, {&variable, 1}, {.device = device});
  const uint64_t before = pool.statistics().system_allocations;
  Array sum = a;
  for (int i = 0; i < 100; ++i) {
    sum = invoke("_plus_scalar", {{"scalar", "1"}}, {{sum}})[0];
    // Issued, and so the one before it is free to be written again when its reader has ended.
    while (pool.statistics().live_bytes > 5 * 40000) std::this_thread::yield();
  }
  CHECK(pool.statistics().system_allocations - before <= 6);
  CHECK_FALSE(go);
  go = true;
  CHECK(sum.to_vector<float>() == std::vector<float>(10000, 101));
}

TEST_CASE("copies are on the lanes of their direction", "[tensor][device]") {
  const Device device = add_null_gpu();
  Array a = Array::zeros({100}).copy(device);
  a.fill(1);
  a.copy();
  a.copy(cpu()).wait();
  a.wait();
  std::vector<std::string> steps;
  for (const NullRecord& r : take_records(device)) {
    const std::string lane = r.lane == Lane::compute   ? "compute"
                             : r.lane == Lane::copy_in ? "in"
                                                       : "out";
    if (r.kind == NullRecord::Kind::copy) steps.push_back("copy " + lane);
    if (r.kind == NullRecord::Kind::launch) steps.push_back(r.name + " " + lane);
  }
  // In the order of issue, which is that of the pushes where tasks follow each other.
  CHECK(steps.size() == 4);
  CHECK(steps[0] == "copy in");
  CHECK(steps[1] == "fill compute");
  CHECK(std::count(steps.begin(), steps.end(), "copy compute") == 1);
  CHECK(std::count(steps.begin(), steps.end(), "copy out") == 1);
}

TEST_CASE("an array on a device that is not there is refused", "[tensor][device]") {
  require_error_matches([] { Array::zeros({3}, DType::f32, gpu(63)); },
                        {"gpu(63): there is no such device", "TREADLE_EMULATED_GPUS"});
}

TEST_CASE("an error on a device reaches the host's copy", "[tensor][device]") {
  const Device device = device_number(0);
  Array a = Array::zeros({10}, DType::f32, device);
  const Variable variable = a.variable();
  Stream* const stream = stream_of(device, Lane::compute);
  a.engine()->push(
      [stream] { stream->launch("bad", [] { throw Error("bad kernel: it failed."); }); }, {},
      {&variable, 1}, {.op = "bad", .device = device});
  const Array on_host = a.copy(cpu());
  require_error_matches([&] { a.to_vector<float>(); }, "bad kernel: it failed.");
  require_error_matches([&] { on_host.to_vector<float>(); }, "bad kernel: it failed.");
  a.fill(3);
  CHECK(a.to_vector<float>()[9] == 3);
}
