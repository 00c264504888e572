// Runs single operators and their gradients without an executor: what the tests of operators stand
// on.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/graph/gradient.h"
#include "treadle/graph/graph.h"
#include "treadle/operators/kernel.h"

namespace treadle {
class Pool;
}

namespace treadle::testing {

// An array on the host, aligned as the executor's are, with guard bytes on both sides. Its bytes
// are poison until written, so that reading what nobody wrote shows.
class HostArray {
 public:
  HostArray() = default;
  explicit HostArray(TensorSpec spec);
  HostArray(const HostArray& other);
  HostArray& operator=(const HostArray& other);
  HostArray(HostArray&&) = default;
  HostArray& operator=(HostArray&&) = default;

  const TensorSpec& spec() const { return spec_; }
  int64_t elements() const { return spec_.shape.elements(); }
  void* data() const { return bytes_.get() + guard; }
  size_t bytes() const { return size_t(elements()) * size_of(spec_.type); }
  double get(int64_t i) const;
  void set(int64_t i, double value);
  void fill(double value);
  bool has_same_bits(const HostArray& other) const;
  bool has_intact_guards() const;

 private:
  static constexpr size_t guard = 64;
  struct Free {
    void operator()(char* bytes) const;
  };

  TensorSpec spec_;
  std::unique_ptr<char[], Free> bytes_;
};

// Array of numbers in row-major order, rounded to `type`.
HostArray make_array(const Shape& shape, const std::vector<double>& numbers,
                     DType type = DType::f64);
std::vector<double> numbers_of(const HostArray& array);
// Largest difference, relative to the largest number of `expected` (at least 1); infinite where
// shapes differ or one is NaN and the other is not.
double difference(const HostArray& actual, const HostArray& expected);

// One node with all it reads.
struct NodeProblem {
  const OpRecord* op = nullptr;
  std::shared_ptr<const void> params;
  std::string who;
  std::vector<HostArray> inputs;  // states last
  std::vector<TensorSpec> outputs;
};

struct RunOptions {
  std::string implementation = {};     // empty: the first that accepts
  std::vector<Request> requests = {};  // empty: write everything
  std::optional<Share> share = {};     // let this output lie in that input's memory
  double preset = 0;                   // what outputs of request add hold before
  Pool* pool = nullptr;                // empty: a pool of one thread
  Mode mode = Mode::train;
  RandomKey random = {42, 7};
};

struct NodeAnswer {
  std::vector<HostArray> outputs;
  std::vector<HostArray> inputs;  // afterwards: states may have changed
  std::string implementation;
};

// Throws what choose_kernel and the kernel throw; fails the test case where guards are overwritten
// or an input has changed that is neither state nor shared.
NodeAnswer run_node(const NodeProblem& problem, const RunOptions& options = {});

// An operator with its gradient, all arrays in one type: the graph of one node, and of the nodes
// that the gradient pass adds to it.
class OpRunner {
 public:
  // `known` shapes of the first inputs. Throws as inference does.
  OpRunner(std::string_view op, const ParamText& params, const std::vector<Shape>& known,
           DType type);

  const OpRecord& op() const { return *op_; }
  const std::vector<std::string>& input_names() const { return names_; }  // states last
  int num_states() const { return graph_.nodes[size_t(node_)].num_aux; }
  TensorSpec input_spec(int i) const;
  TensorSpec output_spec(int i) const;
  int num_outputs() const { return graph_.nodes[size_t(node_)].num_outputs; }
  int num_visible() const;

  // The forward node alone.
  NodeProblem problem(const std::vector<HostArray>& inputs) const;
  std::vector<HostArray> forward(const std::vector<HostArray>& inputs,
                                 const RunOptions& options = {}) const;

  struct Gradients {
    std::vector<HostArray> outputs;
    std::vector<HostArray> in_grads;     // of all inputs but states
    std::vector<bool> reads_head;        // per output: whether its head gradient matters
    std::vector<NodeProblem> own_nodes;  // the operator's forward and backward nodes, as they ran
  };
  // Head gradients per output. Throws as the gradient pass does.
  Gradients backward(const std::vector<HostArray>& inputs, const std::vector<HostArray>& heads,
                     const RunOptions& options = {}) const;

 private:
  const OpRecord* op_;
  Graph graph_;
  Annotations annotations_;
  int node_ = 0;
  std::vector<std::string> names_;
};

}  // namespace treadle::testing
