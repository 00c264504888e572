// The gradient pass: from a forward graph to one that also computes gradients.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "treadle/core/reflect.h"
#include "treadle/graph/graph.h"

namespace treadle {

// What an operator with GradientKind::graph sees: it states the gradient of each input as an entry
// of the growing graph.
class GradientBuilder {
 public:
  virtual ~GradientBuilder() = default;

  // Entries of the forward node.
  virtual Entry in(int i) const = 0;
  virtual Entry out(int i) const = 0;
  // The gradient that arrives at output `i`.
  virtual Entry out_grad(int i) = 0;
  // Adds a node and gives its first output. `op` must be registered.
  virtual Entry apply(std::string_view op, std::span<const Entry> inputs,
                      const ParamText& params) = 0;
  Entry apply(std::string_view op, std::initializer_list<Entry> inputs,
              const ParamText& params = {}) {
    return apply(op, std::span<const Entry>(inputs.begin(), inputs.size()), params);
  }
  // States the gradient of input `i`; an input without a statement has gradient 0.
  virtual void set_in_grad(int i, Entry gradient) = 0;
};

// Where the gradients of a graph came to lie.
struct GradientGraph {
  Graph graph;  // the forward nodes first, unchanged in number and order
  int num_forward_nodes = 0;
  // Head gradients: one variable node per output of the forward graph; -1 where none is needed
  // because every path from that output ends in a loss.
  std::vector<int> head_nodes;
  // Per wanted variable, in the order asked for: the entry that holds its gradient.
  std::vector<Entry> gradients;
};

// How the gradient of an operator that has both is made.
enum class GradientForm : uint8_t {
  kernel,    // by its backward kernel, which has no gradient itself
  operators  // of operators, so that the gradient can be differentiated in turn
};

// Gradients of `forward`'s outputs with respect to the variable nodes `wanted`. Contributions of
// several paths are added; a variable no output depends on gets zeros. Throws Error when a path
// goes through an operator without a gradient.
GradientGraph add_gradients(Graph forward, std::span<const int> wanted,
                            GradientForm form = GradientForm::kernel);

}  // namespace treadle
