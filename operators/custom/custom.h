// Operators that a program brings along at run time: in C++ by deriving from CustomOperator, in
// Python by mx.operator.CustomOpProp. In a graph they are nodes of the operator Custom.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "treadle/core/reflect.h"
#include "treadle/operators/kernel.h"
#include "treadle/tensor/array.h"

namespace treadle {

// The arrays of one run, in the order of the operator's lists. They are views on the run's memory:
// operations on them are queued and have ended when the node ends. One that is kept beyond it holds
// what it held then, in memory of its own. An output whose request is null is an array that nobody
// reads.
struct CustomRun {
  Mode mode = Mode::infer;
  std::vector<Request> requests;  // per output; in backward per gradient of an input
  std::vector<Array> inputs, outputs, out_grads, in_grads, states;
};

// One bound use of an operator; it may hold what backward needs from forward.
class CustomKernel {
 public:
  virtual ~CustomKernel() = default;
  virtual void forward(const CustomRun& run) = 0;
  virtual void backward(const CustomRun& run) = 0;
};

// What a node with given parameters is. Errors are thrown as treadle::Error.
class CustomOperator {
 public:
  virtual ~CustomOperator() = default;
  virtual std::vector<std::string> arguments() const { return {"data"}; }
  virtual std::vector<std::string> outputs() const { return {"output"}; }
  virtual std::vector<std::string> states() const { return {}; }
  // False for losses, which do not read the gradient of their outputs.
  virtual bool reads_out_grads() const { return true; }
  // Completes the shapes; those of arguments are known or empty, the others are empty.
  virtual void infer_shape(std::vector<Shape>& arguments, std::vector<Shape>& outputs,
                           std::vector<Shape>& states) const = 0;
  // The same for types; all are like the first argument's unless this is overridden.
  virtual void infer_type(std::vector<DType>& arguments, std::vector<DType>& outputs,
                          std::vector<DType>& states) const;
  virtual std::shared_ptr<CustomKernel> bind(Device device,
                                             std::span<const TensorSpec> arguments) const = 0;
};

// Makes the operator from its parameters, text by name, `op_type` left out.
using CustomMaker = std::function<std::shared_ptr<const CustomOperator>(const ParamText&)>;

// Makes `op_type` known to Custom; a second registration of a name replaces the first, and one
// without a maker takes the name away. Nodes that exist keep their operator.
void register_custom_operator(std::string op_type, CustomMaker maker);

}  // namespace treadle
