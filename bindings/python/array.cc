#include "treadle/tensor/array.h"

#include <algorithm>

#include "treadle/bindings/python/module.h"
#include "treadle/core/error.h"
#include "treadle/core/text.h"
#include "treadle/executor/autograd.h"
#include "treadle/executor/imperative.h"
#include "treadle/graph/op_inputs.h"

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

// Positional arrays first, then those given by the operator's names for its inputs.
std::vector<Array> in_order(const std::string& name, const ParamText& params,
                            std::vector<Array> positional, std::map<std::string, Array> named) {
  if (named.empty()) return positional;
  const OpRecord& op = OpRegistry::instance().get(name);
  ParamText text = params;
  if (!op.count_param.empty())
    text.emplace(op.count_param, std::to_string(positional.size() + named.size()));
  const auto parsed = op.schema.parse(text, op.name);
  std::vector<std::string> names;
  for (OpInput& input : all_inputs(op, parsed.get())) names.push_back(std::move(input.name));
  for (const auto& [given, array] : named) {
    const auto it = std::ranges::find(names, given);
    if (it == names.end()) {
      throw Error(op.name, ": there is no input '", given, "'.", did_you_mean(given, names),
                  " The inputs are ", join(names), ".");
    }
    if (size_t(it - names.begin()) < positional.size()) {
      throw Error(op.name, ": ", given, " is given twice, by position and by name.");
    }
  }
  for (size_t i = positional.size(); i < names.size(); ++i) {
    const auto it = named.find(names[i]);
    if (it == named.end()) throw Error(op.name, ": no array is given for ", names[i], ".");
    positional.push_back(it->second);
  }
  return positional;
}

std::vector<Array> invoke_named(const std::string& op, const ParamText& params,
                                const std::vector<Array>& positional,
                                const std::map<std::string, Array>& named,
                                const std::vector<Array>& outputs, Device device) {
  const std::vector<Array> inputs = in_order(op, params, positional, named);
  return invoke(
      op, params, inputs,
      {.mode = is_training() ? Mode::train : Mode::infer, .outputs = outputs, .device = device});
}

// A copy or conversion `made` of `array`, recorded where that is on.
Array recorded(const Array& array, Array made) {
  if (is_recording()) {
    record_function("copy", {&array, 1}, {&made, 1},
                    [type = array.type(), device = array.device()](const auto& out_grads) {
                      const Array& gradient = out_grads[0];
                      return std::vector<Array>{gradient.type() == type ? gradient.copy(device)
                                                                        : gradient.as_type(type)};
                    });
  }
  return made;
}

}  // namespace

void bind_array(nb::module_& module) {
  module.def("invoke", invoke_named, ReleaseGil());
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
      .def(
          "copy",
          [](const Array& array, Device device) { return recorded(array, array.copy(device)); },
          ReleaseGil())
      .def(
          "as_type",
          [](const Array& array, DType type) { return recorded(array, array.as_type(type)); },
          ReleaseGil())
      .def("reshape", reshape_recorded)
      .def("slice", slice_recorded)
      .def("wait", &Array::wait, ReleaseGil())
      .def("shares_memory_with", &Array::shares_memory_with);
}

}  // namespace treadle::python
