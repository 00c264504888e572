// Another default engine for a while.
#pragma once

#include <memory>

#include "treadle/engine/engine.h"

namespace treadle::testing {

// Uses another engine while it lives.
class WithEngine {
 public:
  explicit WithEngine(EngineKind kind)
      : outer_(Engine::set_default(Engine::create({.kind = kind}))) {}
  ~WithEngine() { Engine::set_default(outer_); }
  WithEngine(const WithEngine&) = delete;
  WithEngine& operator=(const WithEngine&) = delete;

 private:
  std::shared_ptr<Engine> outer_;
};

}  // namespace treadle::testing
