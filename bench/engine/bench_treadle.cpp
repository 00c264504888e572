// Treadle's engine on the workloads of workload.hpp. `push` queues every task by what it reads and
// writes; `replay` runs a TaskGraph. A thread that waits counts as one of the workers while it runs
// tasks: never more than `--workers` tasks run at a time. No task runs inside push.
#include <memory>
#include <span>
#include <vector>

#include "treadle/engine/engine.h"
#include "treadle/engine/task_graph.h"
#include "workload.hpp"

namespace {

struct Treadle : wl::Peer {
  std::shared_ptr<treadle::Engine> engine;
  std::vector<treadle::Variable> lists;  // of all tasks, as wl::Program::ids
  treadle::TaskGraph graph;

  std::vector<std::string> modes() override { return {"push", "replay"}; }
  void start(int workers) override {
    engine = treadle::Engine::create({.pool = treadle::make_pool({.concurrency = workers})});
  }
  void load(const std::string& mode, const wl::Program& program) override {
    if (mode == "replay") return compile(program);
    std::vector<treadle::Variable> variables;
    for (uint32_t i = 0; i < program.nvars; ++i) variables.push_back(engine->variable());
    for (const uint32_t id : program.ids) lists.push_back(variables[id]);
  }
  void compile(const wl::Program& program) {
    treadle::TaskGraphBuilder builder;
    std::vector<treadle::GraphVariable> all;
    for (uint32_t i = 0; i < program.nvars; ++i) all.push_back(builder.internal());
    for (uint32_t i = 0; i < program.size(); ++i) {
      const wl::Task& task = program.tasks[i];
      std::vector<treadle::GraphVariable> reads, writes;
      for (uint32_t q = 0; q < task.nr; ++q) reads.push_back(all[program.reads(task)[q]]);
      for (uint32_t q = 0; q < task.nw; ++q) writes.push_back(all[program.writes(task)[q]]);
      builder.add([i](const void*) { wl::run_body(i); }, reads, writes);
    }
    graph = builder.compile(engine);
  }
  void run(const std::string& mode, const wl::Program& program, int times) override {
    if (mode == "replay") {
      for (int k = 0; k < times; ++k) graph.run();
      return graph.wait();
    }
    const std::span<const treadle::Variable> all = lists;
    for (int k = 0; k < times; ++k) {
      for (uint32_t i = 0; i < program.size(); ++i) {
        const wl::Task& task = program.tasks[i];
        engine->push([i] { wl::run_body(i); }, all.subspan(task.r0, task.nr),
                     all.subspan(task.w0, task.nw));
      }
    }
    engine->wait_all();
  }
  void unload() override {
    lists.clear();
    graph = {};
  }
  void stop() override { engine.reset(); }
};

}  // namespace

int main(int argc, char** argv) {
  Treadle peer;
  return wl::bench_main(argc, argv, "treadle", peer);
}
