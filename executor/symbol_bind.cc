// The members of Symbol that need an executor.
#include "treadle/executor/executor.h"
#include "treadle/graph/symbol.h"

namespace treadle {

Executor Symbol::simple_bind(Device device, const ShapeMap& shapes) const {
  return Executor::simple_bind(*this, device, shapes);
}

Executor Symbol::simple_bind(Device device, const ShapeMap& shapes,
                             const BindOptions& options) const {
  return Executor::simple_bind(*this, device, shapes, options);
}

}  // namespace treadle
