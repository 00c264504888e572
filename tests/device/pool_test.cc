#include "treadle/device/pool.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "treadle/tests/support/catch.h"

using namespace treadle;

namespace {

// Each of the pools that this build has.
std::shared_ptr<Pool> pool_number(int which, PoolOptions options) {
  return which == 0 ? make_pool(options) : make_thread_pool(options);
}

std::vector<std::pair<int64_t, int64_t>> pieces(Pool& pool, int64_t begin, int64_t end,
                                                int64_t grain) {
  std::vector<std::pair<int64_t, int64_t>> by_begin(size_t(std::max<int64_t>(end - begin, 0)),
                                                    {0, 0});
  pool.parallel_for(begin, end, grain, [&](int64_t b, int64_t e) {
    by_begin[size_t(b - begin)] = {b, e};  // each piece its own element
  });
  std::erase(by_begin, std::pair<int64_t, int64_t>{0, 0});
  return by_begin;
}

}  // namespace

TEST_CASE("chunks cover the range without gaps or overlaps", "[pool]") {
  for (const int width : {1, 2, 3, 8}) {
    for (const int64_t size : {0, 1, 2, 7, 8, 9, 100, 1001}) {
      for (const int64_t grain : {0, 1, 3, 100, 5000}) {
        const Chunks chunks(-5, -5 + size, grain, width);
        int64_t at = -5;
        for (int64_t i = 0; i < chunks.count(); ++i) {
          REQUIRE(chunks.begin(i) == at);
          REQUIRE(chunks.end(i) > at);
          if (chunks.count() > 1) REQUIRE(chunks.end(i) - chunks.begin(i) >= grain);
          at = chunks.end(i);
        }
        REQUIRE(at == -5 + size);
        REQUIRE(chunks.count() <= 4 * width);
        if (size <= grain) REQUIRE(chunks.count() <= 1);
      }
    }
  }
  REQUIRE(Chunks(3, 2, 1, 4).count() == 0);
  const int64_t least = std::numeric_limits<int64_t>::min();
  const int64_t most = std::numeric_limits<int64_t>::max();
  const Chunks whole(least, most, 1, 2);
  REQUIRE(whole.begin(0) == least);
  REQUIRE(whole.end(whole.count() - 1) == most);
}

TEST_CASE("parallel_for runs every piece once, cut the same way every time", "[pool]") {
  const int which = GENERATE(0, 1);
  const int workers = GENERATE(1, 2, 4, 8);
  const auto pool = pool_number(which, {.concurrency = workers, .kernel_width = 3});
  std::vector<int> touched(1000, 0);  // plain: no element belongs to two pieces
  const auto first = pieces(*pool, 0, 1000, 10);
  for (int round = 0; round < 20; ++round) {
    pool->parallel_for(0, 1000, 10, [&](int64_t b, int64_t e) {
      for (int64_t i = b; i < e; ++i) ++touched[size_t(i)];
    });
    REQUIRE(pieces(*pool, 0, 1000, 10) == first);
  }
  for (const int count : touched) REQUIRE(count == 20);
  // The cut is a matter of the kernel width, not of the number of workers.
  const auto other = pool_number(which, {.concurrency = 5, .kernel_width = 3});
  REQUIRE(pieces(*other, 0, 1000, 10) == first);
  REQUIRE(first.size() == 12);
}

TEST_CASE("a small range runs on the calling thread", "[pool]") {
  const auto pool = pool_number(GENERATE(0, 1), {.concurrency = 4});
  const auto caller = std::this_thread::get_id();
  int calls = 0;
  pool->parallel_for(10, 20, 10, [&](int64_t b, int64_t e) {
    REQUIRE(std::this_thread::get_id() == caller);
    REQUIRE((b == 10 && e == 20));
    ++calls;
  });
  REQUIRE(calls == 1);
  pool->parallel_for(10, 10, 1, [&](int64_t, int64_t) { ++calls; });
  REQUIRE(calls == 1);
}

TEST_CASE("an exception of a piece reaches the caller", "[pool]") {
  const auto pool = pool_number(GENERATE(0, 1), {.concurrency = GENERATE(1, 4)});
  for (int round = 0; round < 50; ++round) {
    const auto loop = [&] {
      pool->parallel_for(0, 100, 1, [&](int64_t b, int64_t e) {
        if (b <= 50 && 50 < e) throw std::out_of_range("piece of 50");
      });
    };
    REQUIRE_THROWS_AS(loop(), std::out_of_range);
  }
  std::atomic<int> after{0};
  pool->parallel_for(0, 100, 1, [&](int64_t b, int64_t e) { after += int(e - b); });
  REQUIRE(after == 100);
}

TEST_CASE("parallel loops nest, also from several threads", "[pool]") {
  const auto pool = pool_number(GENERATE(0, 1), {.concurrency = 4});
  std::atomic<int64_t> sum{0};
  const auto nested = [&] {
    pool->parallel_for(0, 16, 1, [&](int64_t b, int64_t e) {
      for (int64_t i = b; i < e; ++i) {
        pool->parallel_for(0, 100, 5, [&](int64_t c, int64_t d) {
          for (int64_t j = c; j < d; ++j) sum += j;
        });
      }
    });
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(nested);
  nested();
  for (std::thread& t : threads) t.join();
  REQUIRE(sum == 5 * 16 * 4950);
}

TEST_CASE("a thread that waits for the end of a loop takes up no other work", "[pool]") {
  const auto pool = pool_number(GENERATE(0, 1), {.concurrency = 3});
  // A job that a thread took up inside a loop would stand on that loop's frames, and could wait for
  // what they hold.
  static thread_local int loops = 0;
  struct State {
    std::atomic<int> misplaced{0};
    std::atomic<int> jobs{0};
  } state;
  const Job job{[](void* data) noexcept {
                  auto& s = *static_cast<State*>(data);
                  if (loops != 0) ++s.misplaced;
                  std::this_thread::sleep_for(std::chrono::microseconds(50));
                  ++s.jobs;
                },
                &state};
  constexpr int rounds = 60, jobs_each = 4;
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < jobs_each; ++i) pool->submit(job);
    ++loops;
    pool->parallel_for(0, 12, 1, [&](int64_t b, int64_t e) {
      ++loops;
      // Pieces of unequal length: some threads wait for others, here and in the loop inside.
      for (int64_t i = b; i < e; ++i) {
        pool->parallel_for(0, 6, 1, [&](int64_t c, int64_t) {
          if ((i + c) % 5 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
        });
      }
      --loops;
    });
    --loops;
  }
  while (state.jobs != rounds * jobs_each) {
    if (!pool->help_one()) std::this_thread::yield();
  }
  REQUIRE(state.misplaced == 0);
}

TEST_CASE("jobs run on workers, also more of them than processors", "[pool]") {
  constexpr int workers = 6;
  const auto pool = pool_number(GENERATE(0, 1), {.concurrency = workers});
  struct State {
    Pool* pool;
    std::atomic<int> inside{0};
    std::atomic<int> left{workers};
  } state{pool.get()};
  // Each job waits until all of them run: there must be that many threads.
  for (int i = 0; i < workers; ++i) {
    pool->submit({[](void* data) noexcept {
                    auto& s = *static_cast<State*>(data);
                    ++s.inside;
                    while (s.inside < workers || !s.pool->in_worker()) std::this_thread::yield();
                    s.pool->notify();
                    --s.left;  // after this the state may go
                  },
                  &state});
  }
  while (state.left != 0) std::this_thread::yield();
  REQUIRE(state.inside == workers);
  REQUIRE_FALSE(pool->in_worker());
}

TEST_CASE("a thread that waits helps, and is woken by notify", "[pool]") {
  const auto pool = pool_number(GENERATE(0, 1), {.concurrency = 2});
  struct Count {
    Pool* pool;
    std::atomic<int> done{0};
  } count{pool.get()};
  const Job job{[](void* data) noexcept {
                  auto& c = *static_cast<Count*>(data);
                  if (++c.done == 1000) c.pool->notify();
                },
                &count};
  for (int i = 0; i < 1000; ++i) pool->submit(job);
  pool->help_until([&] { return count.done.load() == 1000; });
  REQUIRE(count.done == 1000);
  REQUIRE_FALSE(pool->help_one());

  // Long enough that the waiting thread sleeps.
  std::atomic<bool> flag{false};
  std::thread late([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    flag = true;
    pool->notify();
  });
  pool->help_until([&] { return flag.load(); });
  late.join();
  REQUIRE(flag);
}

TEST_CASE("no job is lost when the pool goes at once", "[pool]") {
  const int which = GENERATE(0, 1);
  for (int round = 0; round < 100; ++round) {
    std::atomic<int> done{0};
    {
      const auto pool = pool_number(which, {.concurrency = 2});
      const Job job{[](void* data) noexcept { ++*static_cast<std::atomic<int>*>(data); }, &done};
      for (int i = 0; i < 5; ++i) pool->submit(job);
      while (done != 5) {
        if (!pool->help_one()) std::this_thread::yield();
      }
    }
    REQUIRE(done == 5);
  }
}

TEST_CASE("enter runs the body as a member of the pool", "[pool]") {
  const auto pool = make_pool({.concurrency = 2});
  int ran = 0;
  pool->enter([&] {
    pool->parallel_for(0, 10, 1, [](int64_t, int64_t) {});
    ++ran;
  });
  REQUIRE(ran == 1);
  REQUIRE_THROWS_AS(pool->enter([] { throw std::runtime_error("inside"); }), std::runtime_error);
}

TEST_CASE("the number of threads comes from the environment", "[pool]") {
  const char* const names[] = {"TREADLE_NUM_THREADS", "MXNET_CPU_WORKER_NTHREADS",
                               "OMP_NUM_THREADS"};
  std::vector<std::string> before;
  for (const char* name : names) {
    const char* value = std::getenv(name);
    before.push_back(value != nullptr ? value : "");
    unsetenv(name);
  }
  REQUIRE(make_pool()->concurrency() == std::max(1, int(std::thread::hardware_concurrency())));
  setenv("OMP_NUM_THREADS", "5,2", 1);
  REQUIRE(make_pool()->concurrency() == 5);
  setenv("MXNET_CPU_WORKER_NTHREADS", "4", 1);
  REQUIRE(make_pool()->concurrency() == 4);
  setenv("TREADLE_NUM_THREADS", "3", 1);
  REQUIRE(make_pool()->concurrency() == 3);
  REQUIRE(make_pool({.concurrency = 7})->concurrency() == 7);
  REQUIRE(make_pool({.concurrency = 7})->kernel_width() == 7);
  for (const char* wrong : {"0", "-1", "two", "3x", "99999"}) {
    setenv("TREADLE_NUM_THREADS", wrong, 1);
    testing::require_error_matches(
        [] { make_pool(); }, {"Pool: the environment variable TREADLE_NUM_THREADS is '", wrong,
                              "expected a number of threads from 1 to 1024"});
  }
  for (size_t i = 0; i < std::size(names); ++i) {
    if (before[i].empty()) {
      unsetenv(names[i]);
    } else {
      setenv(names[i], before[i].c_str(), 1);
    }
  }
  testing::require_error_matches([] { make_pool({.concurrency = -2}); }, "concurrency is -2");
}

TEST_CASE("the default pool is made once and can be replaced", "[pool]") {
  const auto first = default_pool();
  REQUIRE(first == default_pool());
  const auto other = make_thread_pool({.concurrency = 1});
  REQUIRE(set_default_pool(other) == first);
  REQUIRE(default_pool() == other);
  set_default_pool(first);
}
