// Calls of Python functions as tasks of the engine.
#include "treadle/bindings/python/module.h"
#include "treadle/bindings/python/python_object.h"
#include "treadle/engine/engine.h"

namespace treadle::python {
namespace {

// Runs beside what the engine computes, on one of its threads or on one that waits.
class QueuedCall {
 public:
  explicit QueuedCall(const nb::callable& body)
      : engine_(Engine::get_default()), ended_(engine_->variable("call of Python")) {
    PythonObject held(body);
    const OthersRun others;
    engine_->push(
        [held = std::move(held)] { held.call([](const nb::object& function) { function(); }); }, {},
        {&ended_, 1}, {.op = "call of Python"});
  }

  void wait() const { engine_->wait(ended_); }

 private:
  const std::shared_ptr<Engine> engine_;
  const Variable ended_;
};

}  // namespace

void bind_queued_call(nb::module_& module) {
  nb::class_<QueuedCall>(module, "QueuedCall",
                         "A call of a function without arguments as a task of the engine.")
      .def(nb::init<const nb::callable&>(), nb::arg("body"))
      .def("wait", &QueuedCall::wait, ReleaseGil(), "Returns when the call has.");
}

}  // namespace treadle::python
