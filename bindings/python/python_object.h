// Python objects that the engine keeps and calls from any of its threads.
#pragma once

#include <memory>

#include "treadle/bindings/python/module.h"
#include "treadle/core/error.h"

namespace treadle::python {

// Holds an object; copies share it. The last one to go takes the interpreter's lock, and lets the
// object be when the interpreter has ended.
class PythonObject {
 public:
  explicit PythonObject(nb::object object)
      : object_(new nb::object(std::move(object)), [](nb::object* held) {
          if (!nb::is_alive()) return;
          const nb::gil_scoped_acquire lock;
          delete held;
        }) {}

  // Calls `body` with the object, under the interpreter's lock. A Python exception becomes an Error
  // that carries its traceback.
  template <class Body>
  auto call(Body body) const {
    const nb::gil_scoped_acquire lock;
    try {
      return body(*object_);
    } catch (const nb::python_error& error) {
      throw Error(error.what());
    } catch (const nb::cast_error&) {
      throw Error("A Python callback gave something of a type that was not expected.");
    }
  }

 private:
  std::shared_ptr<nb::object> object_;
};

}  // namespace treadle::python
