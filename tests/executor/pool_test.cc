// One pool: tasks and the loops inside kernels share its threads, also where a program brings it.
#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <map>
#include <thread>

#include "support.h"
#include "treadle/operators/random.h"
#include "treadle/tests/support/foreign_pool.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

// Makes an engine on `pool` the default one while it lives, and the pool the default pool.
class WithPool {
 public:
  explicit WithPool(const std::shared_ptr<Pool>& pool)
      : outer_pool_(set_default_pool(pool)), outer_(Engine::set_default(Engine::create())) {}
  ~WithPool() {
    Engine::set_default(outer_);
    set_default_pool(outer_pool_);
  }
  WithPool(const WithPool&) = delete;
  WithPool& operator=(const WithPool&) = delete;

 private:
  std::shared_ptr<Pool> outer_pool_;
  std::shared_ptr<Engine> outer_;
};

std::vector<std::vector<float>> train(int steps) {
  seed_random(5);
  Executor exec = small_net().simple_bind(cpu(), small_net_shapes());
  fill_randomly(exec, 11);
  for (int step = 0; step < steps; ++step) {
    exec.forward(Mode::train);
    exec.backward();
  }
  std::vector<std::vector<float>> results = {exec.outputs()[0].to_vector<float>()};
  for (const Array& array : exec.gradients()) results.push_back(array.to_vector<float>());
  return results;
}

}  // namespace

TEST_CASE("a program's own pool runs graphs, with the same bits", "[executor][pool]") {
  std::vector<std::vector<float>> ours;
  {
    const WithPool with(make_pool({.concurrency = 2}));
    ours = train(3);
  }
  for (int threads : {1, 2, 5}) {
    const WithPool with(std::make_shared<ForeignPool>(threads, 2));
    CHECK(train(3) == ours);
  }
}

#ifdef TREADLE_POOL_TBB  // the pool whose arena a thread that waits is a member of

namespace {

// The threads of this process that run or could, the calling one left out.
int runnable_threads() {
  const std::string self = std::to_string(gettid());
  int count = 0;
  DIR* const tasks = opendir("/proc/self/task");
  for (const dirent* entry; (entry = readdir(tasks)) != nullptr;) {
    if (entry->d_name[0] == '.' || self == entry->d_name) continue;
    std::ifstream file("/proc/self/task/" + std::string(entry->d_name) + "/stat");
    std::string text;
    std::getline(file, text);
    const size_t name_ends = text.rfind(')');
    if (name_ends != std::string::npos && text.compare(name_ends, 4, ") R ") == 0) ++count;
  }
  closedir(tasks);
  return count;
}

}  // namespace

// A thread without work looks for some for a bounded time before it sleeps, which is runnable too:
// one that waits for the engine once a millisecond, a worker after its last piece. So one thread
// more may be seen now and then, never more, and not on average.
TEST_CASE("runnable threads are no more than the pool has, with kernels and tasks at once",
          "[executor][pool]") {
  for (int threads : {1, 2, 3}) {
    // With more threads than processors one that is about to sleep stays runnable until it gets
    // one.
    if (threads > int(std::thread::hardware_concurrency())) continue;
    const WithPool with(make_pool({.concurrency = threads}));
    // Two large networks of large kernels, whose loops are cut for all threads, and many small
    // tasks besides: each of the three would keep all threads busy alone.
    Symbol net = Convolution{.kernel = {3, 3}, .num_filter = 24}(Symbol::variable("data"), "conv");
    net = Activation{.act_type = ActType::relu}(net, "relu");
    net = FullyConnected{.num_hidden = 400}(Flatten{}(net, "flat"), "fc");
    net = SoftmaxOutput{}(net, "softmax");
    std::vector<Executor> executors;
    for (int i = 0; i < 2; ++i) {
      executors.push_back(net.simple_bind(cpu(), {{"data", {8, 6, 24, 24}}}));
      fill_randomly(executors.back(), 3);
    }
    const std::shared_ptr<Engine> engine = Engine::get_default();
    std::atomic<int64_t> spins{0};
    std::atomic<bool> waits{false};  // this thread: then it is one of the pool's
    const auto work = [&] {
      for (int step = 0; step < 4; ++step) {
        for (Executor& exec : executors) {
          exec.forward(Mode::train);
          exec.backward();
        }
        for (int i = 0; i < 200; ++i) {
          engine->push(
              [&spins] {
                for (int k = 0; k < 3000; ++k) spins.fetch_add(1, std::memory_order_relaxed);
              },
              {}, {});
        }
      }
      waits = true;
      engine->wait_all();
      waits = false;
    };
    work();  // warm
    std::atomic<bool> done{false};
    std::map<int, int> samples;
    std::thread sampler([&] {
      while (!done) {
        if (!waits) continue;
        const int count = runnable_threads();
        if (waits) ++samples[count];
      }
    });
    for (int round = 0; round < 4; ++round) work();
    done = true;
    sampler.join();
    std::string seen;
    int most = 0, all = 0, excess = 0;
    for (const auto& [count, times] : samples) {
      seen += std::to_string(count) + " threads: " + std::to_string(times) + " samples\n";
      most = count;
      all += times;
      if (count > threads) excess += times;
    }
    INFO(threads << " threads in the pool\n" << seen);
    CHECK(most <= threads + 1);
    CHECK(excess <= all / 5);
    CHECK(all > 0);
  }
}

#endif  // TREADLE_POOL_TBB
