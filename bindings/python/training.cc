#include "treadle/bindings/python/module.h"
#include "treadle/operators/random.h"
#include "treadle/training/initializer.h"

namespace treadle::python {

void bind_training(nb::module_& module) {
  module.def(
      "initialize",
      [](const std::string& text, const std::string& name, const Array& array) {
        Initializer::parse(text)->fill(name, array, next_random_key());
      },
      ReleaseGil(), "Writes the values that an `__init__` attribute of this text gives an array.");
}

}  // namespace treadle::python
