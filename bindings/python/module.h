// The parts of the module `_treadle`, one source each. It is the engine as Python sees it, without
// MXNet's manners: those are in the package around it.
#pragma once

#include "treadle/bindings/python/casters.h"

namespace treadle::python {

namespace nb = nanobind;

// For every call that may wait, compute or read files: other Python threads run meanwhile.
using ReleaseGil = nb::call_guard<nb::gil_scoped_release>;

void bind_errors(nb::module_& module);
void bind_engine(nb::module_& module);
void bind_operators(nb::module_& module);
void bind_symbol(nb::module_& module);
void bind_array(nb::module_& module);
void bind_executor(nb::module_& module);
void bind_files(nb::module_& module);
void bind_training(nb::module_& module);

}  // namespace treadle::python
