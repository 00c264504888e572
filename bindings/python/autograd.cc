#include "treadle/executor/autograd.h"

#include "treadle/bindings/python/module.h"
#include "treadle/bindings/python/python_object.h"

namespace treadle::python {
namespace {

std::vector<Array> with_gaps(const std::vector<std::optional<Array>>& arrays) {
  std::vector<Array> made;
  for (const auto& array : arrays) made.push_back(array.value_or(Array()));
  return made;
}

// Puts work of Python's on the tape: `gradient` gets the gradients of the outputs, None for 0, and
// gives those of the inputs. Gives the outputs with their place on the tape.
std::vector<Array> record_python(const std::string& name, const std::vector<Array>& inputs,
                                 std::vector<Array> outputs, const nb::callable& gradient) {
  record_function(
      name, inputs, outputs, [held = PythonObject(gradient)](const std::vector<Array>& out_grads) {
        return held.call([&](const nb::object& function) {
          nb::list given;
          for (const Array& array : out_grads) {
            given.append(array.is_valid() ? nb::cast(array) : nb::none());
          }
          return with_gaps(nb::cast<std::vector<std::optional<Array>>>(function(given)));
        });
      });
  return outputs;
}

}  // namespace

void bind_autograd(nb::module_& module) {
  module.def("is_recording", &is_recording);
  module.def("is_training", &is_training);
  module.def("set_recording", &set_recording);
  module.def("set_training", &set_training);
  module.def("mark_variable", [](Array& variable, const Array& gradient, Request request) {
    mark_variable(variable, gradient, request);
  });
  module.def("is_on_tape", [](const Array& array) { return array.origin().node != nullptr; });
  module.def("has_fresh_gradient", &has_fresh_gradient);
  module.def("set_fresh_gradient", &set_fresh_gradient);
  module.def("detach", [](Array array) {
    array.set_origin({});
    return array;
  });
  module.def("record_function", record_python);
  module.def(
      "backward",
      [](const std::vector<Array>& heads, const std::vector<std::optional<Array>>& gradients,
         bool retain_graph) { backward(heads, with_gaps(gradients), retain_graph); },
      ReleaseGil());
  module.def(
      "gradients_of",
      [](const std::vector<Array>& heads, const std::vector<Array>& variables,
         const std::vector<std::optional<Array>>& gradients, bool retain_graph, bool create_graph) {
        return gradients_of(heads, variables, with_gaps(gradients), retain_graph, create_graph);
      },
      ReleaseGil());
  module.def("symbol_of", &symbol_of);
}

}  // namespace treadle::python
