// Python objects that the engine keeps and calls from any of its threads.
#pragma once

#include <memory>

#include "treadle/bindings/python/module.h"
#include "treadle/core/error.h"

namespace treadle::python {

// Deletes what refers to Python objects, from any thread: under the interpreter's lock, and not at
// all once the interpreter has ended.
struct DeleteUnderLock {
  template <class T>
  void operator()(T* held) const noexcept {
    if (!nb::is_alive()) return;
    const nb::gil_scoped_acquire lock;
    delete held;
  }
};

// Holds an object; copies share it.
class PythonObject {
 public:
  explicit PythonObject(nb::object object);

  // Calls `body` with the object, under the interpreter's lock. A Python exception becomes an Error
  // that carries its traceback.
  template <class Body>
  auto call(Body body) const {
    const nb::gil_scoped_acquire lock;
    try {
      return body(get());
    } catch (const nb::python_error& error) {
      const Error described(error.what());
      // Ctrl-C is meant for the program, which may be waiting for this call, not for the callback.
      if (error.matches(PyExc_KeyboardInterrupt)) PyErr_SetInterrupt();
      throw described;
    } catch (const nb::cast_error&) {
      throw Error("A Python callback gave something of a type that was not expected.");
    }
  }

 private:
  struct Held {
    explicit Held(nb::object made);
    ~Held();
    nb::object object;
  };
  friend void release_python_objects();
  nb::object get() const;

  std::shared_ptr<Held> held_;
};

// Gives back all objects held, before the interpreter ends; calling one is an Error from then on.
// An object may reach the executor that holds it, by its function's globals, say: a circle that
// Python's collector does not see.
void release_python_objects();

}  // namespace treadle::python
