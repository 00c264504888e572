// Custom operators written in Python. The objects that are called here are treadle.operator's
// adapters, which speak in handles; user classes see MXNet's interface.
#include "treadle/operators/custom/custom.h"

#include "treadle/bindings/python/module.h"
#include "treadle/bindings/python/python_object.h"

namespace treadle::python {
namespace {

class PythonKernel final : public CustomKernel {
 public:
  explicit PythonKernel(nb::object use) : use_(std::move(use)) {}

  void forward(const CustomRun& run) override {
    use_.call([&](const nb::object& use) {
      use.attr("forward")(run.mode == Mode::train, run.requests, run.inputs, run.outputs,
                          run.states);
    });
  }
  void backward(const CustomRun& run) override {
    use_.call([&](const nb::object& use) {
      use.attr("backward")(run.requests, run.out_grads, run.inputs, run.outputs, run.in_grads,
                           run.states);
    });
  }

 private:
  PythonObject use_;
};

class PythonOperator final : public CustomOperator {
 public:
  explicit PythonOperator(const nb::object& made)
      : prop_(made),
        arguments_(nb::cast<std::vector<std::string>>(made.attr("arguments"))),
        outputs_(nb::cast<std::vector<std::string>>(made.attr("outputs"))),
        states_(nb::cast<std::vector<std::string>>(made.attr("states"))),
        reads_out_grads_(nb::cast<bool>(made.attr("reads_out_grads"))) {}

  std::vector<std::string> arguments() const override { return arguments_; }
  std::vector<std::string> outputs() const override { return outputs_; }
  std::vector<std::string> states() const override { return states_; }
  bool reads_out_grads() const override { return reads_out_grads_; }

  void infer_shape(std::vector<Shape>& arguments, std::vector<Shape>& outputs,
                   std::vector<Shape>& states) const override {
    prop_.call([&](const nb::object& prop) {
      const nb::object made = prop.attr("infer_shape")(arguments);
      arguments = nb::cast<std::vector<Shape>>(made[0]);
      outputs = nb::cast<std::vector<Shape>>(made[1]);
      states = nb::cast<std::vector<Shape>>(made[2]);
    });
  }
  void infer_type(std::vector<DType>& arguments, std::vector<DType>& outputs,
                  std::vector<DType>& states) const override {
    prop_.call([&](const nb::object& prop) {
      nb::list known;
      for (DType type : arguments) {
        known.append(type == DType::unknown ? nb::none() : nb::cast(type));
      }
      const nb::object made = prop.attr("infer_type")(known);
      arguments = nb::cast<std::vector<DType>>(made[0]);
      outputs = nb::cast<std::vector<DType>>(made[1]);
      states = nb::cast<std::vector<DType>>(made[2]);
    });
  }
  std::shared_ptr<CustomKernel> bind(Device device,
                                     std::span<const TensorSpec> arguments) const override {
    return prop_.call([&](const nb::object& prop) {
      std::vector<Shape> shapes;
      std::vector<DType> types;
      for (const TensorSpec& spec : arguments) {
        shapes.push_back(spec.shape);
        types.push_back(spec.type);
      }
      return std::make_shared<PythonKernel>(prop.attr("bind")(device, shapes, types));
    });
  }

 private:
  PythonObject prop_;
  std::vector<std::string> arguments_, outputs_, states_;
  bool reads_out_grads_;
};

}  // namespace

void bind_custom(nb::module_& module) {
  module.def(
      "register_custom_operator",
      [](const std::string& op_type, const nb::callable& make) {
        register_custom_operator(
            op_type,
            [held = PythonObject(make)](
                const ParamText& params) -> std::shared_ptr<const CustomOperator> {
              return held.call([&](const nb::object& maker) {
                nb::dict given;
                for (const auto& [key, value] : params) {
                  given[nb::str(key.data(), key.size())] = nb::str(value.data(), value.size());
                }
                return std::make_shared<const PythonOperator>(maker(given));
              });
            });
      },
      "Makes an operator known to Custom; `make` gives an adapter from a dict of parameters.");
  module.def("forget_custom_operator",
             [](const std::string& op_type) { register_custom_operator(op_type, nullptr); });
  module.def("release_python_objects", release_python_objects);
}

}  // namespace treadle::python
