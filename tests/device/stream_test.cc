// Streams, events and memory of every kind of device, through the interface alone.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "treadle/device/driver.h"
#include "treadle/device/emulated.h"
#include "treadle/device/null_driver.h"
#include "treadle/tests/support/catch.h"

using namespace treadle;
using treadle::testing::require_error_matches;

namespace {

constexpr Lane lanes[] = {Lane::compute, Lane::copy_in, Lane::copy_out};

// The devices that compute, one each for the whole process.
Driver& driver_number(int which) {
  static const Device emulated[] = {add_emulated_gpu({.seed = 1}), add_emulated_gpu({.seed = 2})};
  return which == 0 ? driver(cpu()) : driver(emulated[which - 1]);
}

// What a task hands to `finish`: whether it was called, and with what.
struct Outcome {
  std::atomic<bool> called{false};
  std::string error;

  Stream::Done done() {
    return {[](void* self, std::exception_ptr error) noexcept {
              auto& outcome = *static_cast<Outcome*>(self);
              try {
                if (error != nullptr) std::rethrow_exception(error);
              } catch (const std::exception& e) {
                outcome.error = e.what();
              }
              outcome.called = true;
            },
            this};
  }
};

// Runs `body` in a fork; the signal that ended it, or 0.
template <class Body>
int signal_of(Body body) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
    body();
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace

TEST_CASE("a stream does its work in order", "[device]") {
  for (int which : {0, 1}) {
    for (const Lane lane : lanes) {
      Stream& stream = driver_number(which).stream(lane);
      std::vector<int> order;  // plain: one at a time
      for (int i = 0; i < 100; ++i) stream.launch("note", [&order, i] { order.push_back(i); });
      Outcome outcome;
      const Event end = stream.finish(outcome.done());
      end.wait();
      REQUIRE(end.has_fired());
      REQUIRE(outcome.called);
      REQUIRE(outcome.error.empty());
      std::vector<int> expected(100);
      std::iota(expected.begin(), expected.end(), 0);
      REQUIRE(order == expected);
    }
  }
}

TEST_CASE("data goes to a device, between devices and back", "[device]") {
  Driver &one = driver_number(1), &two = driver_number(2);
  const std::vector<int> values = {1, 2, 3, 4, 5};
  const size_t bytes = values.size() * sizeof(int);
  const Block a = one.memory().allocate(bytes), b = two.memory().allocate(bytes);
  one.stream(Lane::copy_in).copy({one.device(), a.data}, {cpu(), (void*)values.data()}, bytes);
  Stream& compute = one.stream(Lane::compute);
  compute.wait(one.stream(Lane::copy_in).record());
  auto* const view = static_cast<int*>(one.host_view(a.data, bytes));
  compute.launch("double", [view] {
    for (int i = 0; i < 5; ++i) view[i] *= 2;
  });
  Stream& across = two.stream(Lane::copy_in);
  across.wait(compute.record());
  across.copy({two.device(), b.data}, {one.device(), a.data}, bytes);
  std::vector<int> back(5);
  Stream& out = two.stream(Lane::copy_out);
  out.wait(across.record());
  out.copy({cpu(), back.data()}, {two.device(), b.data}, bytes);
  out.record().wait();
  REQUIRE(back == std::vector<int>{2, 4, 6, 8, 10});
  one.memory().free(a);
  two.memory().free(b);
}

TEST_CASE("work after a wait starts after the event, on any kind of stream", "[device]") {
  for (int from : {0, 1, 2}) {
    for (int to : {0, 1, 2}) {
      Stream& first = driver_number(from).stream(Lane::copy_in);
      Stream& second = driver_number(to).stream(Lane::compute);
      REQUIRE(second.can_wait_for(first));
      int value = 0;  // plain: the sanitizer sees a missing edge
      std::atomic<bool> go{false};
      for (int i = 0; i < 20; ++i) {
        first.launch("write", [&] {
          while (!go) std::this_thread::yield();
          ++value;
        });
        second.wait(first.record());
        second.launch("read", [&, i] {
          if (value != i + 1) value = -1000;
        });
        first.wait(second.record());
      }
      go = true;
      second.record().wait();
      first.record().wait();
      REQUIRE(value == 20);
    }
  }
}

TEST_CASE("what a kernel throws belongs to its task, and the stream goes on", "[device]") {
  for (int which : {0, 1}) {
    Stream& stream = driver_number(which).stream(Lane::compute);
    int ran = 0;
    Outcome bad, good;
    stream.launch("fail", [] { throw std::runtime_error("the kernel failed"); });
    stream.launch("after it", [&] { ++ran; });
    stream.finish(bad.done());
    stream.launch("next task", [&] { ran += 10; });
    stream.finish(good.done()).wait();
    REQUIRE(bad.error == "the kernel failed");
    REQUIRE(good.error.empty());
    REQUIRE(ran == 10);
  }
}

TEST_CASE("a shut gate leaves the work of one task out", "[device]") {
  for (int which : {0, 1}) {
    Stream& stream = driver_number(which).stream(Lane::compute);
    int ran = 0;
    Outcome shut, open;
    stream.gate({[](void*) noexcept { return true; }, nullptr});
    stream.launch("left out", [&] { ++ran; });
    stream.finish(shut.done());
    stream.launch("done", [&] { ran += 10; });
    stream.finish(open.done()).wait();
    REQUIRE(shut.called);
    REQUIRE(ran == 10);
  }
}

TEST_CASE("host code cannot touch an emulated device's memory", "[device]") {
  Driver& device = driver_number(1);
  const Block block = device.memory().allocate(1000);
  // While nothing runs, and while a kernel does.
  std::atomic<bool> go{false};
  std::atomic<bool> runs{false};
  for (bool busy : {false, true}) {
    if (busy) {
      device.stream(Lane::compute).launch("busy", [&] {
        runs = true;
        while (!go) std::this_thread::yield();
      });
      while (!runs) std::this_thread::yield();
    }
    REQUIRE(signal_of([&] { *static_cast<volatile char*>(block.data) = 1; }) == SIGSEGV);
    REQUIRE(signal_of([&] { (void)*static_cast<volatile char*>(block.data); }) == SIGSEGV);
  }
  go = true;
  // Its kernels can, and an address that is none of its own is refused.
  char* const view = static_cast<char*>(device.host_view(block.data, 1000));
  device.stream(Lane::compute).launch("touch", [=] { view[999] = 1; });
  Outcome outcome;
  device.stream(Lane::compute).finish(outcome.done()).wait();
  REQUIRE(outcome.error.empty());
  int local = 0;
  require_error_matches<InternalError>([&] { device.host_view(&local, 4); },
                                       "is used as memory of gpu(");
  device.memory().free(block);
}

TEST_CASE("memory is freed and handed out again in stream order", "[device]") {
  Driver& device = driver_number(1);
  MemoryPool& pool = device.memory();
  pool.trim();
  std::atomic<bool> go{false};
  Stream& stream = device.stream(Lane::compute);
  stream.launch("busy", [&] {
    while (!go) std::this_thread::yield();
  });
  const Event busy = stream.record();
  const uint64_t made = pool.statistics().system_allocations;
  const Block first = pool.allocate(5000);
  REQUIRE(pool.statistics().live_bytes >= 5000);
  pool.free(first, {busy});
  REQUIRE(pool.statistics().cached_bytes >= first.capacity);
  // Who does not say that he can wait for events gets another block.
  const Block second = pool.allocate(5000);
  REQUIRE(second.data != first.data);
  // Who does gets the block at once, with what its use must come after.
  std::vector<Event> after;
  const Block third = pool.allocate(5000, after);
  REQUIRE(third.data == first.data);
  REQUIRE(after.size() == 1);
  REQUIRE(after[0].number == busy.number);
  REQUIRE_FALSE(after[0].has_fired());
  REQUIRE(pool.statistics().system_allocations == made + 2);
  pool.free(third, after);
  go = true;
  busy.wait();
  after.clear();
  const Block fourth = pool.allocate(5000, after);
  REQUIRE(fourth.data == first.data);
  REQUIRE(after.empty());
  pool.free(second);
  pool.free(fourth);
}

TEST_CASE("a device without room waits for what its streams still use, then says so", "[device]") {
  Driver& device = driver(add_emulated_gpu({.bytes = size_t(1) << 20}));
  MemoryPool& pool = device.memory();
  std::atomic<bool> go{false};
  Stream& stream = device.stream(Lane::compute);
  stream.launch("busy", [&] {
    while (!go) std::this_thread::yield();
  });
  const Block block = pool.allocate(size_t(900) << 10);
  pool.free(block, {stream.record()});
  std::thread later([&] { go = true; });
  const Block next = pool.allocate(size_t(800) << 10);
  REQUIRE(next.data == block.data);
  later.join();
  require_error_matches<OutOfMemory>([&] { pool.allocate(size_t(800) << 10); },
                                     {"no room for 819200 bytes", "819200 bytes are live"});
  pool.free(next);
}

TEST_CASE("a null device notes what it was asked for and does nothing", "[device]") {
  const Device device = add_null_gpu();
  Driver& null = driver(device);
  REQUIRE(null.name() == "null");
  const Block block = null.memory().allocate(100);
  int host = 7;
  null.stream(Lane::copy_in).copy({device, block.data}, {cpu(), &host}, 4);
  const Event copied = null.stream(Lane::copy_in).record();
  null.stream(Lane::compute).wait(copied);
  null.stream(Lane::compute).launch("kernel", [] { FAIL("a null device runs nothing"); });
  Outcome outcome;
  const Event end = null.stream(Lane::compute).finish(outcome.done());
  REQUIRE(outcome.called);
  REQUIRE(end.has_fired());
  null.memory().free(block);
  null.memory().trim();

  using Kind = NullRecord::Kind;
  const std::vector<NullRecord> records = take_records(device);
  std::vector<Kind> kinds;
  for (const NullRecord& r : records) kinds.push_back(r.kind);
  REQUIRE(kinds == std::vector<Kind>{Kind::allocate, Kind::copy, Kind::wait, Kind::launch,
                                     Kind::finish, Kind::free});
  REQUIRE(records[0].bytes == 128);
  REQUIRE(records[1].lane == Lane::copy_in);
  REQUIRE(records[1].target == device);
  REQUIRE(records[1].source == cpu());
  REQUIRE(records[2].event.stream == &null.stream(Lane::copy_in));
  REQUIRE(records[3].name == "kernel");
  REQUIRE(take_records(device).empty());
  require_error_matches([] { take_records(cpu()); }, "cpu(0) is no null device but of kind 'cpu'");
  require_error_matches([] { emulated_waits(cpu()); }, "cpu(0) is no emulated device");
}

TEST_CASE("a device that is not there is refused in a sentence", "[device]") {
  require_error_matches([] { driver(gpu(63)); }, {"gpu(63): there is no such device; ",
                                                  "Use cpu(), or set TREADLE_EMULATED_GPUS"});
  require_error_matches([] { driver(gpu(-1)); }, "gpu(-1): there is no such device");
  require_error_matches([] { stream_of(gpu(63), Lane::compute); }, "gpu(63)");
  REQUIRE(stream_of(cpu(3), Lane::compute) == nullptr);
  for (const char* name : {"TREADLE_EMULATED_SEED", "TREADLE_EMULATED_DELAY_US",
                           "TREADLE_EMULATED_MIB", "TREADLE_EMULATED_DROP_WAIT"}) {
    setenv(name, "many", 1);
    require_error_matches([] { EmulatedOptions::from_environment(); },
                          {name, "is 'many'; expected a number"});
    unsetenv(name);
  }
  setenv("TREADLE_EMULATED_DELAY_US", "5", 1);
  setenv("TREADLE_EMULATED_MIB", "2", 1);
  const EmulatedOptions options = EmulatedOptions::from_environment();
  REQUIRE(options.most_delay.count() == 5);
  REQUIRE(options.bytes == size_t(2) << 20);
  unsetenv("TREADLE_EMULATED_DELAY_US");
  unsetenv("TREADLE_EMULATED_MIB");
}
