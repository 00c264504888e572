#include "treadle/executor/executor.h"

#include "treadle/bindings/python/module.h"

namespace treadle::python {
namespace {

using RequestMap = std::map<std::string, Request, std::less<>>;

std::vector<std::optional<Array>> with_gaps(const std::vector<Array>& arrays) {
  std::vector<std::optional<Array>> made;
  for (const Array& array : arrays)
    made.push_back(array.is_valid() ? std::optional(array) : std::nullopt);
  return made;
}

}  // namespace

void bind_executor(nb::module_& module) {
  nb::class_<Executor>(module, "Executor",
                       "A bound graph. The class treadle.executor.Executor holds one.")
      .def_static(
          "bind",
          [](const Symbol& symbol, Device device, const ArrayMap& arguments,
             const ArrayMap& gradients, const ArrayMap& auxiliaries, const RequestMap& requests,
             const GroupMap& groups, const Executor* shared, int64_t memory_budget) {
            return Executor::bind(symbol, device,
                                  {.groups = groups,
                                   .arguments = arguments,
                                   .gradients = gradients,
                                   .auxiliaries = auxiliaries,
                                   .requests = requests,
                                   .memory_budget = memory_budget,
                                   .shares_memory_of = shared});
          },
          nb::arg("symbol"), nb::arg("device"), nb::arg("arguments"), nb::arg("gradients"),
          nb::arg("auxiliaries"), nb::arg("requests"), nb::arg("groups"), nb::arg("shared").none(),
          nb::arg("memory_budget"), ReleaseGil())
      .def_static(
          "simple_bind",
          [](const Symbol& symbol, Device device, const ShapeMap& shapes, const TypeMap& types,
             const RequestMap& requests, Request default_request, const GroupMap& groups,
             const Executor* shared, int64_t memory_budget) {
            return Executor::simple_bind(symbol, device, shapes,
                                         {.types = types,
                                          .groups = groups,
                                          .requests = requests,
                                          .default_request = default_request,
                                          .memory_budget = memory_budget,
                                          .shares_memory_of = shared});
          },
          nb::arg("symbol"), nb::arg("device"), nb::arg("shapes"), nb::arg("types"),
          nb::arg("requests"), nb::arg("default_request"), nb::arg("groups"),
          nb::arg("shared").none(), nb::arg("memory_budget"), ReleaseGil())
      .def(
          "forward",
          [](Executor& executor, bool is_train, const ArrayMap& inputs) {
            executor.forward(is_train ? Mode::train : Mode::infer, inputs);
          },
          ReleaseGil())
      .def(
          "backward",
          [](Executor& executor, const std::vector<std::optional<Array>>& heads) {
            std::vector<Array> arrays;
            for (const auto& head : heads) arrays.push_back(head.value_or(Array()));
            executor.backward(arrays);
          },
          ReleaseGil())
      .def("outputs", [](const Executor& executor) { return executor.outputs(); })
      .def("arguments", [](const Executor& executor) { return executor.arguments(); })
      .def("gradients", [](const Executor& executor) { return with_gaps(executor.gradients()); })
      .def("auxiliaries", [](const Executor& executor) { return executor.auxiliaries(); })
      .def("allocated_bytes", &Executor::allocated_bytes)
      .def("debug_str", [](const Executor& executor) { return executor.program()->debug_str(); });
}

}  // namespace treadle::python
