// The parts of the module `_treadle`, one source each. It is the engine as Python sees it, without
// MXNet's manners: those are in the package around it.
#pragma once

#include "treadle/bindings/python/casters.h"
#include "treadle/engine/interrupt.h"

namespace treadle::python {

namespace nb = nanobind;

// Lets other Python threads run while it lives. When the interpreter goes meanwhile, a daemon
// thread cannot come back to it: Python would end the thread by unwinding its stack, through frames
// that do not allow that, which ends the process. Here such a thread stays until the process is
// over. Waits of the main thread end when a signal handler of Python raises, Ctrl-C's for one.
class OthersRun {
 public:
  OthersRun();
  ~OthersRun();
  OthersRun(const OthersRun&) = delete;
  OthersRun& operator=(const OthersRun&) = delete;

 private:
  PyThreadState* const thread_;
  const InterruptibleWaits waits_;
};

// For every call that may wait, compute or read files: other Python threads run meanwhile.
using ReleaseGil = nb::call_guard<OthersRun>;

// Gives what a signal handler has raised, if it ended a wait, back to Python; whether it had.
bool raise_interruption();

void bind_errors(nb::module_& module);
void bind_engine(nb::module_& module);
void bind_operators(nb::module_& module);
void bind_symbol(nb::module_& module);
void bind_array(nb::module_& module);
void bind_executor(nb::module_& module);
void bind_files(nb::module_& module);
void bind_training(nb::module_& module);
void bind_autograd(nb::module_& module);
void bind_custom(nb::module_& module);
void bind_queued_call(nb::module_& module);
void bind_dlpack(nb::module_& module);
void bind_image(nb::module_& module);

}  // namespace treadle::python
