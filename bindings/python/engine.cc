#include "treadle/engine/engine.h"
#include "treadle/engine/profiler.h"

#include <cxxabi.h>
#include <unistd.h>

#include <utility>

#include "treadle/bindings/python/module.h"
#include "treadle/device/driver.h"
#include "treadle/operators/random.h"

namespace treadle::python {

namespace {

// Python runs signal handlers in this thread only.
unsigned long main_thread;
// What a signal handler raised during a wait; of the main thread, null otherwise.
PyObject* raised_type;
PyObject* raised_value;
PyObject* raised_traceback;

bool handler_raised() {
  const nb::gil_scoped_acquire lock;
  if (PyErr_CheckSignals() == 0) return false;
  PyErr_Fetch(&raised_type, &raised_value, &raised_traceback);
  return true;
}

}  // namespace

OthersRun::OthersRun()
    : thread_(PyEval_SaveThread()),
      waits_(PyThread_get_thread_ident() == main_thread ? handler_raised : nullptr) {}

OthersRun::~OthersRun() {
  try {
    PyEval_RestoreThread(thread_);
  } catch (const abi::__forced_unwind&) {
    while (true) ::pause();
  }
}

bool raise_interruption() {
  if (raised_type == nullptr) return false;
  PyErr_Restore(std::exchange(raised_type, nullptr), raised_value, raised_traceback);
  return true;
}

void bind_engine(nb::module_& module) {
  main_thread = nb::cast<unsigned long>(
      nb::module_::import_("threading").attr("main_thread")().attr("ident"));
  module.def(
      "wait_all", [] { Engine::get_default()->wait_all(); }, ReleaseGil(),
      "Waits for everything queued so far; raises the first error that no wait has reported.");
  module.def(
      "set_profiling", [](bool on) { on ? Profiler::resume() : Profiler::stop(); },
      "Switches the engine's profiler; what was recorded before is kept.");
  module.def("profile_reset", [] { Profiler::start(), Profiler::stop(); }, "Forgets it.");
  module.def(
      "profile_trace", [] { return Profiler::trace().chrome_json(); }, ReleaseGil(),
      "What was recorded, as JSON text that chrome://tracing and Perfetto read.");
  module.def(
      "profile_summary", [] { return Profiler::trace().summary(); }, ReleaseGil(),
      "A table with a row per operator.");
  module.def("engine_kind", [] {
    switch (Engine::get_default()->kind()) {
      case EngineKind::threaded: return "threaded";
      case EngineKind::serial: return "serial";
      case EngineKind::replay: return "replay";
    }
    return "unknown";
  });
  module.def("expect_leaks", [] { nb::set_leak_warnings(false); });
  module.def("num_gpus", &num_gpus);
  module.def("seed", [](int64_t seed) { seed_random(uint64_t(seed)); });
}

}  // namespace treadle::python
