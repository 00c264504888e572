// Treadle's engine on the workloads of the scheduler peers. A thread that waits counts as one of
// the workers while it runs tasks: never more than `--workers` tasks run at a time.
#include <memory>
#include <vector>

#include "treadle/engine/engine.h"
#include "workload.hpp"

namespace {

struct Treadle : wl::Peer {
  std::shared_ptr<treadle::Engine> engine;
  std::vector<treadle::Variable> variables;

  std::vector<std::string> modes() override { return {"push"}; }
  void start(int workers) override {
    engine = treadle::Engine::create({.pool = treadle::make_pool({.concurrency = workers})});
  }
  void load(const std::string&, const wl::Program& program) override {
    for (uint32_t i = 0; i < program.nvars; ++i) variables.push_back(engine->variable());
  }
  void run(const std::string&, const wl::Program& program, int times) override {
    treadle::Variable reads[64];
    treadle::Variable writes[64];
    for (int k = 0; k < times; ++k) {
      for (uint32_t i = 0; i < program.size(); ++i) {
        const wl::Task& task = program.tasks[i];
        for (uint32_t q = 0; q < task.nr; ++q) reads[q] = variables[program.reads(task)[q]];
        for (uint32_t q = 0; q < task.nw; ++q) writes[q] = variables[program.writes(task)[q]];
        engine->push([i] { wl::run_body(i); }, {reads, task.nr}, {writes, task.nw});
      }
    }
    engine->wait_all();
  }
  void unload() override { variables.clear(); }
  void stop() override { engine.reset(); }
};

}  // namespace

int main(int argc, char** argv) {
  Treadle peer;
  return wl::bench_main(argc, argv, "treadle", peer);
}
