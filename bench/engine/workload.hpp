// Workloads, clock, check and command line of the scheduler bench. A contender derives from
// wl::Peer and hands itself to wl::bench_main. The names are those of the header that the other
// contenders are built with, so bench_treadle.cpp compiles against either.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wl {

// One task: a piece of Program::ids for what it reads and one for what it writes; no variable is in
// both or twice.
struct Task {
  uint32_t r0, nr, w0, nw;
};

// Tasks in the order of submission. Whatever runs them must leave what running them one after the
// other in this order leaves.
struct Program {
  std::string name;
  uint32_t nvars = 0;
  std::vector<Task> tasks;
  std::vector<uint32_t> ids;

  size_t size() const { return tasks.size(); }
  const uint32_t* reads(const Task& task) const { return ids.data() + task.r0; }
  const uint32_t* writes(const Task& task) const { return ids.data() + task.w0; }

  void add(const std::vector<uint32_t>& read, const std::vector<uint32_t>& written) {
    const auto append = [this](const std::vector<uint32_t>& list) {
      const auto first = uint32_t(ids.size());
      ids.insert(ids.end(), list.begin(), list.end());
      return first;
    };
    const uint32_t r0 = append(read);
    const uint32_t w0 = append(written);
    tasks.push_back({r0, uint32_t(read.size()), w0, uint32_t(written.size())});
  }
};

// No variables at all.
inline Program independent(size_t tasks) {
  Program program{"independent", 0, {}, {}};
  for (size_t i = 0; i < tasks; ++i) program.add({}, {});
  return program;
}

// Every task writes the one variable.
inline Program chain(size_t tasks) {
  Program program{"chain", 1, {}, {}};
  for (size_t i = 0; i < tasks; ++i) program.add({}, {0});
  return program;
}

// Every task reads two and writes one of `variables`, drawn evenly, all three distinct.
inline Program random_graph(size_t tasks, uint32_t variables = 100, uint32_t seed = 0xdeadbeef) {
  Program program{"random", variables, {}, {}};
  std::mt19937 random(seed);
  std::uniform_int_distribution<uint32_t> draw(0, variables - 1);
  for (size_t i = 0; i < tasks; ++i) {
    const uint32_t written = draw(random);
    uint32_t first = written;
    while (first == written) first = draw(random);
    uint32_t second = written;
    while (second == written || second == first) second = draw(random);
    program.add({first, second}, {written});
  }
  return program;
}

// One task writes the spine; `width` tasks read it and write a rung each; one reads all rungs and
// writes the spine; and so on.
inline Program ladder(size_t tasks, uint32_t width) {
  Program program{"ladder" + std::to_string(width), width + 1, {}, {}};
  std::vector<uint32_t> rungs;
  for (uint32_t k = 1; k <= width; ++k) rungs.push_back(k);
  program.add({}, {0});
  while (program.size() + width + 1 <= tasks) {
    for (const uint32_t rung : rungs) program.add({0}, {rung});
    program.add(rungs, {0});
  }
  return program;
}

// What the bodies do: spin for a time, and in a check compute on the variables.
struct Body {
  uint64_t spin = 0;         // rounds of spin_iters
  uint64_t* data = nullptr;  // one word per variable when checking
  const Program* prog = nullptr;
  std::atomic<uint64_t>* count = nullptr;
};
inline Body g_body;

// A chain of dependent multiplications, which no compiler shortens.
inline void spin_iters(uint64_t rounds) {
  uint64_t x = rounds | 1;
  for (uint64_t i = 0; i < rounds; ++i) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    asm volatile("" : "+r"(x));
  }
}

// What a task reads, in order, goes into what it writes, so a wrong order shows.
[[gnu::noinline]] inline void check_body(uint32_t index) {
  const Program& program = *g_body.prog;
  const Task& task = program.tasks[index];
  uint64_t hash = 0x9E3779B97F4A7C15u * (index + 1);
  for (const uint32_t r : std::span(program.reads(task), task.nr)) {
    hash = (hash ^ g_body.data[r]) * 0xff51afd7ed558ccdu;
  }
  for (const uint32_t w : std::span(program.writes(task), task.nw)) {
    g_body.data[w] = (g_body.data[w] * 31 + hash) ^ (hash >> 29);
  }
  g_body.count->fetch_add(1, std::memory_order_relaxed);
}

// The body of task `index`, of every contender.
inline void run_body(uint32_t index) {
  if (g_body.spin != 0) spin_iters(g_body.spin);
  if (g_body.data != nullptr) [[unlikely]]
    check_body(index);
}

inline double now_ns() {
  return std::chrono::duration<double, std::nano>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Processor time of this process so far.
inline double cpu_ns() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ns = [](const timeval& t) { return 1e9 * double(t.tv_sec) + 1e3 * double(t.tv_usec); };
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

// Processor time of the whole machine so far, to 10 ms; 0 where it cannot be told.
inline double machine_busy_ns() {
  std::ifstream file("/proc/stat");
  std::string word;
  double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, soft = 0, stolen = 0;
  file >> word >> user >> nice >> system >> idle >> waiting >> irq >> soft >> stolen;
  return file ? 1e7 * (user + nice + system + irq + soft + stolen) : 0;
}

inline double ns_per_iter() {
  double least = 1e9;
  for (int i = 0; i < 20; ++i) {
    const double start = now_ns();
    spin_iters(100000);
    least = std::min(least, (now_ns() - start) / 100000);
  }
  return least;
}

// A contender.
struct Peer {
  virtual ~Peer() = default;
  // Its ways to run a program. Those called replay... are asked to run what is run many times.
  virtual std::vector<std::string> modes() = 0;
  virtual bool supports(const std::string& /*mode*/, const Program& /*program*/) { return true; }
  virtual void start(int workers) = 0;
  // Not timed: makes variables, graphs and the like.
  virtual void load(const std::string& mode, const Program& program) = 0;
  // Timed: runs the program `times` times and returns when all is done.
  virtual void run(const std::string& mode, const Program& program, int times) = 0;
  virtual void unload() {}
  virtual void stop() {}
};

namespace detail {

struct Case {
  Program program;
  int body_ns = 0;
  int times = 1;
  bool replay = false;

  std::string key() const {
    return program.name + (body_ns == 0 ? "/empty" : body_ns == 1000 ? "/1us" : "/10us");
  }
};

inline std::vector<Case> make_cases(double scale) {
  const auto scaled = [&](double n) { return size_t(std::max(100.0, n * scale)); };
  std::vector<Case> cases;
  for (const auto& [body_ns, most] : {std::pair{0, 1e5}, {1000, 3e4}, {10000, 5e3}}) {
    const size_t n = scaled(most);
    cases.push_back({independent(n), body_ns});
    cases.push_back({chain(n), body_ns});
    cases.push_back({random_graph(n), body_ns});
    for (const uint32_t width : {4u, 8u, 16u}) cases.push_back({ladder(n, width), body_ns});
  }
  const int times = int(std::max(10.0, 1000 * scale));
  Program random = random_graph(1000);
  random.name = "replay-random";
  Program rungs = ladder(1000, 8);
  rungs.name = "replay-ladder8";
  cases.push_back({random, 0, times, true});
  cases.push_back({rungs, 0, times, true});
  cases.push_back({random, 1000, std::max(5, times / 20), true});
  return cases;
}

// Whether two runs in a row leave what serial execution leaves.
inline bool is_right(Peer& peer, const std::string& mode, const Program& program) {
  std::vector<uint64_t> expected(program.nvars + 1, 1);
  std::vector<uint64_t> got = expected;
  std::atomic<uint64_t> count{0};
  g_body = {0, expected.data(), &program, &count};
  for (int k = 0; k < 2; ++k) {
    for (uint32_t i = 0; i < program.size(); ++i) run_body(i);
  }
  g_body.data = got.data();
  peer.run(mode, program, 2);
  g_body = {};
  return got == expected && count.load() == 4 * program.size();
}

inline std::string joined(const std::vector<double>& values) {
  std::ostringstream text;
  text.precision(1);
  text << std::fixed;
  for (size_t i = 0; i < values.size(); ++i) text << (i == 0 ? "" : ",") << values[i];
  return std::move(text).str();
}

}  // namespace detail

// Prints one line of JSON per case and mode:
//   PROGRAM [--workers N] [--reps R] [--scale S] [--only PART] [--modes A,B] [--label NAME]
inline int bench_main(int argc, char** argv, const std::string& name, Peer& peer) {
  int workers = 2;
  int reps = 5;
  double scale = 1;
  std::string only, modes, label = name;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (i + 1 == argc) {
      std::cerr << flag << " needs a value\n";
      return 2;
    }
    const std::string value = argv[++i];
    if (flag == "--workers") {
      workers = std::stoi(value);
    } else if (flag == "--reps") {
      reps = std::stoi(value);
    } else if (flag == "--scale") {
      scale = std::stod(value);
    } else if (flag == "--only") {
      only = value;
    } else if (flag == "--modes") {
      modes = "," + value + ",";
    } else if (flag == "--label") {
      label = value;
    } else {
      std::cerr << "unknown flag " << flag << '\n';
      return 2;
    }
  }

  const double per_iter = ns_per_iter();
  bool all_right = true;
  peer.start(workers);
  for (const detail::Case& c : detail::make_cases(scale)) {
    for (const std::string& mode : peer.modes()) {
      const std::string key = c.key();
      if (mode.starts_with("replay") && !c.replay) continue;
      if (!peer.supports(mode, c.program)) continue;
      if (!modes.empty() && modes.find("," + mode + ",") == std::string::npos) continue;
      if ((key + "/" + mode).find(only) == std::string::npos) continue;

      peer.load(mode, c.program);
      const bool right = detail::is_right(peer, mode, c.program);
      all_right = all_right && right;
      g_body.spin = uint64_t(c.body_ns / per_iter);
      peer.run(mode, c.program, std::max(1, c.times / 10));  // warm

      std::vector<double> wall, cpu;
      const double tasks = double(c.program.size()) * c.times;
      const double machine = machine_busy_ns();
      const double own = cpu_ns();
      const double begin = now_ns();
      // At least 0.2 s where that takes no more than 40 rounds: the machine's clock is that coarse.
      while (int(wall.size()) < reps || (wall.size() < 40 && now_ns() - begin < 0.2e9)) {
        const double cpu_before = cpu_ns();
        const double before = now_ns();
        peer.run(mode, c.program, c.times);
        wall.push_back((now_ns() - before) / tasks);
        cpu.push_back((cpu_ns() - cpu_before) / tasks);
      }
      const double others = (machine_busy_ns() - machine) - (cpu_ns() - own);
      const double foreign = std::max(0.0, others) / (now_ns() - begin);
      std::printf(
          "{\"peer\":\"%s\",\"mode\":\"%s\",\"workers\":%d,\"case\":\"%s\",\"ok\":%s,"
          "\"ns\":[%s],\"cpu_ns\":[%s],\"foreign_cpus\":%.2f}\n",
          label.c_str(), mode.c_str(), workers, key.c_str(), right ? "true" : "false",
          detail::joined(wall).c_str(), detail::joined(cpu).c_str(), foreign);
      std::fflush(stdout);
      peer.unload();
      g_body = {};
    }
  }
  peer.stop();
  return all_right ? 0 : 1;
}

}  // namespace wl
