#include "treadle/bindings/python/module.h"

#include "treadle/core/error.h"

namespace treadle {
extern const char version[];
}

namespace treadle::python {
namespace {

// Never freed: an error may be raised until the interpreter ends.
struct ErrorTypes {
  PyObject* error = nullptr;
  PyObject* internal = nullptr;
  PyObject* out_of_memory = nullptr;
  PyObject* out_of_range = nullptr;
  PyObject* cancelled = nullptr;
};
ErrorTypes types;

void translate(const std::exception_ptr& thrown, void*) {
  // Ctrl-C comes before what it may have made of a callback that a wait was running.
  if (PyErr_CheckSignals() != 0) return;
  try {
    std::rethrow_exception(thrown);
  } catch (const OutOfMemory& error) {
    PyErr_SetString(types.out_of_memory, error.what());
  } catch (const OutOfRange& error) {
    PyErr_SetString(types.out_of_range, error.what());
  } catch (const Cancelled& error) {
    PyErr_SetString(types.cancelled, error.what());
  } catch (const Interrupted& error) {
    if (!raise_interruption()) PyErr_SetString(types.error, error.what());
  } catch (const InternalError& error) {
    PyErr_SetString(types.internal, error.what());
  } catch (const Exception& error) {
    PyErr_SetString(types.error, error.what());
  }
}

PyObject* make_error(nb::module_& module, const char* name, const char* doc, nb::handle bases) {
  const std::string path = std::string("treadle.base.") + name;
  PyObject* type = PyErr_NewExceptionWithDoc(path.c_str(), doc, bases.ptr(), nullptr);
  if (type == nullptr) throw nb::python_error();
  module.attr(name) = nb::handle(type);
  return type;
}

}  // namespace

void bind_errors(nb::module_& module) {
  types.error = make_error(module, "MXNetError",
                           "Something that cannot work was asked for; the text says what.",
                           PyExc_RuntimeError);
  types.internal = make_error(module, "InternalError",
                              "A bug of Treadle; the text asks for a report.", types.error);
  types.out_of_memory =
      make_error(module, "OutOfMemory", "Memory could not be had.",
                 nb::make_tuple(nb::handle(types.error), nb::handle(PyExc_MemoryError)));
  types.out_of_range =
      make_error(module, "OutOfRange", "An index names a part that an array does not have.",
                 nb::make_tuple(nb::handle(types.error), nb::handle(PyExc_IndexError)));
  types.cancelled =
      make_error(module, "Cancelled", "Work was stopped before its end.", types.error);
  nb::register_exception_translator(translate);
}

}  // namespace treadle::python

NB_MODULE(_treadle, module) {
  module.attr("version") = nanobind::str(treadle::version);
  treadle::python::bind_errors(module);
  treadle::python::bind_engine(module);
  treadle::python::bind_operators(module);
  treadle::python::bind_symbol(module);
  treadle::python::bind_array(module);
  treadle::python::bind_executor(module);
  treadle::python::bind_files(module);
  treadle::python::bind_training(module);
  treadle::python::bind_autograd(module);
  treadle::python::bind_custom(module);
  treadle::python::bind_queued_call(module);
  treadle::python::bind_dlpack(module);
  treadle::python::bind_image(module);
}
