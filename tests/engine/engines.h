// The engines that a test runs on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "treadle/engine/engine.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {

struct EngineCase {
  EngineKind kind = EngineKind::threaded;
  int workers = 2;
  // The std::thread pool also where oneTBB is the default one.
  bool thread_pool = false;
  uint64_t seed = 0;

  std::shared_ptr<Engine> make() const {
    const PoolOptions options{.concurrency = workers};
    return Engine::create({.kind = kind,
                           .pool = thread_pool ? make_thread_pool(options) : make_pool(options),
                           .seed = seed});
  }
  std::string name() const {
    const std::string order = kind == EngineKind::serial     ? "serial, "
                              : kind == EngineKind::threaded ? "threaded, "
                                                             : "replay, ";
    return order + std::to_string(workers) + " workers" + (thread_pool ? ", thread pool" : "");
  }
};

inline std::vector<EngineCase> engine_cases() {
  return {{EngineKind::serial, 1, false},    {EngineKind::threaded, 1, false},
          {EngineKind::threaded, 2, false},  {EngineKind::threaded, 4, false},
          {EngineKind::threaded, 8, false},  {EngineKind::threaded, 3, true},
          {EngineKind::replay, 2, false, 17}};
}

// Those that run tasks without a thread that waits.
inline std::vector<EngineCase> threaded_cases() {
  auto cases = engine_cases();
  std::erase_if(cases, [](const EngineCase& c) { return c.kind != EngineKind::threaded; });
  return cases;
}

}  // namespace treadle::testing

#define TREADLE_EACH_ENGINE(variable, cases)                                                     \
  const auto variable##_cases = cases;                                                           \
  const size_t variable##_index = size_t(GENERATE_COPY(range(0, int(variable##_cases.size())))); \
  const auto variable##_case = variable##_cases[variable##_index];                               \
  INFO(variable##_case.name());                                                                  \
  const std::shared_ptr<treadle::Engine> variable = variable##_case.make()
