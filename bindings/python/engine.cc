#include "treadle/engine/engine.h"

#include "treadle/bindings/python/module.h"
#include "treadle/operators/random.h"

namespace treadle::python {

void bind_engine(nb::module_& module) {
  module.def(
      "wait_all", [] { Engine::get_default()->wait_all(); }, ReleaseGil(),
      "Waits for everything queued so far; raises the first error that no wait has reported.");
  module.def("engine_kind", [] {
    return Engine::get_default()->kind() == EngineKind::serial ? "serial" : "threaded";
  });
  module.def("seed", [](int64_t seed) { seed_random(uint64_t(seed)); });
}

}  // namespace treadle::python
