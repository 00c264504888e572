// Operators for the tests of the graph: one for each thing that the graph knows of an operator, and
// no kernels. Their names begin with "test_".
#pragma once

#include <string_view>

#include "treadle/graph/symbol.h"

namespace treadle::testing {

// Adds them to the registry at the first call:
//   test_dense   data, weight, bias; num_hidden, no_bias. Gradient by a kernel that reads all
//   inputs. test_act     data; act_type, scale. Gradient by a kernel that reads the output.
//   test_add     lhs, rhs. Gradient composed: each side gets what arrives.
//   test_norm    data, gamma, states mean and var; outputs output and the hidden saved.
//   test_split   data; num_outputs equal parts of axis 0. Gradient by a kernel that reads every
//   one. test_join    num_args inputs arg0 …, added. test_loss    data, label. A loss: its gradient
//   reads the output and the label. test_stop    data. Gradient zero. test_opaque  data. No
//   gradient.
void register_test_operators();

// compose() with inputs by position.
Symbol make(std::string_view op, std::initializer_list<Symbol> inputs, const ParamText& params = {},
            std::string_view name = {}, const Attributes& attributes = {});

}  // namespace treadle::testing
