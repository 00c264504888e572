#include "treadle/tensor/array.h"

#include "treadle/bindings/imperative.h"
#include "treadle/bindings/python/module.h"

namespace treadle::python {
namespace {

// Contiguous memory of a Python object, held while the GIL is released.
class HostMemory {
 public:
  HostMemory(const nb::object& source, int flags) {
    if (PyObject_GetBuffer(source.ptr(), &view_, PyBUF_C_CONTIGUOUS | flags) != 0)
      throw nb::python_error();
  }
  ~HostMemory() { PyBuffer_Release(&view_); }
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;

  void* data() const { return view_.buf; }
  size_t bytes() const { return size_t(view_.len); }

 private:
  Py_buffer view_ = {};
};

void copy_from_host(Array& array, const nb::object& source) {
  const HostMemory memory(source, PyBUF_SIMPLE);
  const OthersRun others_run;
  array.copy_from_host(memory.data(), memory.bytes());
}

void copy_to_host(const Array& array, const nb::object& target) {
  const HostMemory memory(target, PyBUF_WRITABLE);
  const OthersRun others_run;
  array.copy_to_host(memory.data(), memory.bytes());
}

// Whether shapes mean what they mean in numpy, where 0 and () are shapes of arrays (mx.np_shape).
thread_local bool has_numpy_shapes = false;

// The custom operator that this thread computes, if any.
thread_local std::string caller;

void require_elements(const std::string& op, const std::vector<Array>& made) {
  if (op == "one_hot" || op == "tile") return;  // whose depth and, in 0.9, whose reps may be 0
  for (const Array& array : made) {
    if (array.elements() > 0) continue;
    throw Error(
        op, ": the result has the shape ", array.shape(),
        ". Arrays without elements are computed within mx.np_shape(); elsewhere an extent of "
        "0 means that it is not known.");
  }
}

std::vector<Array> invoke_named(const std::string& op, const ParamText& params,
                                const std::vector<Array>& positional,
                                const std::map<std::string, Array>& named,
                                const std::vector<Array>& outputs, Device device) {
  const std::vector<Array> inputs = order_inputs(op, params, positional, named);
  std::vector<Array> made = invoke(op, params, inputs,
                                   {.mode = is_training() ? Mode::train : Mode::infer,
                                    .outputs = outputs,
                                    .device = device,
                                    .caller = caller});
  if (!has_numpy_shapes) require_elements(op, made);
  return made;
}

}  // namespace

void bind_array(nb::module_& module) {
  module.def("invoke", invoke_named, ReleaseGil());
  module.def("set_caller", [](std::string name) { return std::exchange(caller, std::move(name)); });
  module.def("is_np_shape", [] { return has_numpy_shapes; });
  module.def("set_np_shape", [](bool active) { return std::exchange(has_numpy_shapes, active); });
  nb::class_<Array>(module, "Array",
                    "An array of the engine. The class treadle.ndarray.NDArray holds one.")
      .def_static("empty", &Array::empty, ReleaseGil())
      .def_static("full", &Array::full, ReleaseGil())
      .def_prop_ro("shape", [](const Array& array) { return array.shape(); })
      .def_prop_ro("dtype", &Array::type)
      .def_prop_ro("device", &Array::device)
      .def_prop_ro("size", &Array::elements)
      .def("copy_from_host", copy_from_host, "Reads contiguous memory of the same size and type.")
      .def("copy_to_host", copy_to_host,
           "Waits, then writes contiguous memory of the same size and type.")
      .def("copy_from", &Array::copy_from, ReleaseGil())
      .def("fill", &Array::fill, ReleaseGil())
      .def("copy", copy_recorded, ReleaseGil())
      .def("as_type", as_type_recorded, ReleaseGil())
      .def("reshape", reshape_recorded)
      .def("slice", slice_recorded)
      .def("wait", &Array::wait, ReleaseGil())
      .def("shares_memory_with", &Array::shares_memory_with);
}

}  // namespace treadle::python
