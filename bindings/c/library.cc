// Versions, the last error, devices, the engine and random numbers.
#include "treadle/bindings/c/call.h"
#include "treadle/device/driver.h"
#include "treadle/device/emulated.h"
#include "treadle/engine/engine.h"
#include "treadle/operators/random.h"

namespace treadle {
extern const char version[];
}

using namespace treadle;
using namespace treadle::c;

const char* treadle_version(void) { return version; }
int32_t treadle_abi_version(void) { return TREADLE_ABI_VERSION; }

const char* treadle_last_error(void) { return thread_state().error; }
void treadle_set_error(const char* sentence) {
  thread_state().set_error(sentence == nullptr ? "" : sentence);
}

int64_t treadle_live_handles(void) { return HandleTable::instance().num_live(); }

TreadleStatus treadle_num_gpus(int32_t* count) {
  return guard(__func__, [&](const Call& call) { call.require(count, "count") = num_gpus(); });
}

TreadleStatus treadle_add_emulated_gpu(uint64_t seed, TreadleDevice* device) {
  return guard(__func__, [&](const Call& call) {
    call.require(device, "device");
    EmulatedOptions options = EmulatedOptions::from_environment();
    options.seed = seed;
    *device = to_c(add_emulated_gpu(options));
  });
}

TreadleStatus treadle_set_engine(TreadleEngineKind kind, uint64_t seed) {
  return guard(__func__, [&](const Call& call) {
    EngineOptions options;
    switch (kind) {
      case TREADLE_ENGINE_THREADED: options.kind = EngineKind::threaded; break;
      case TREADLE_ENGINE_SERIAL: options.kind = EngineKind::serial; break;
      case TREADLE_ENGINE_REPLAY: options.kind = EngineKind::replay; break;
      default: call.fail("there is no engine ", kind, "; see TreadleEngineKind.");
    }
    options.seed = seed;
    Engine::set_default(Engine::create(options));
  });
}

TreadleStatus treadle_get_engine(TreadleEngineKind* kind) {
  return guard(__func__, [&](const Call& call) {
    call.require(kind, "kind");
    switch (Engine::get_default()->kind()) {
      case EngineKind::threaded: *kind = TREADLE_ENGINE_THREADED; break;
      case EngineKind::serial: *kind = TREADLE_ENGINE_SERIAL; break;
      case EngineKind::replay: *kind = TREADLE_ENGINE_REPLAY; break;
    }
  });
}

TreadleStatus treadle_wait_all(void) {
  return guard(__func__, [](const Call&) { Engine::get_default()->wait_all(); });
}

TreadleStatus treadle_seed(uint64_t seed) {
  return guard(__func__, [&](const Call&) { seed_random(seed); });
}
