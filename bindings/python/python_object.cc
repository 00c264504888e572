#include "treadle/bindings/python/python_object.h"

#include <unordered_set>
#include <utility>

namespace treadle::python {
namespace {

// All that are held; guarded by the interpreter's lock. Never freed: threads of the engine may
// outlive the interpreter.
std::unordered_set<void*>& all_held() {
  static auto& held = *new std::unordered_set<void*>;
  return held;
}

}  // namespace

PythonObject::Held::Held(nb::object made) : object(std::move(made)) { all_held().insert(this); }
PythonObject::Held::~Held() { all_held().erase(this); }

PythonObject::PythonObject(nb::object object)
    : held_(new Held(std::move(object)), DeleteUnderLock()) {}

nb::object PythonObject::get() const {
  if (held_->object.is_valid()) return held_->object;
  throw Error(
      "A Python callback is called after the interpreter has begun to end; wait for what was "
      "queued before, by mx.nd.waitall().");
}

void release_python_objects() {
  std::unordered_set<void*>& held = all_held();
  while (!held.empty()) {
    auto* const first = static_cast<PythonObject::Held*>(*held.begin());
    held.erase(held.begin());
    // Not used after this line: the object's end may be its holder's.
    const nb::object gone = std::exchange(first->object, nb::object());
  }
}

}  // namespace treadle::python
