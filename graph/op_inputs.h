// Arguments and auxiliary states of an operator in one list: the order of callers, of automatic
// names and of files. States come last unless the operator says otherwise. A graph's nodes
// (graph/graph.h) and kernels have them last always.
#pragma once

#include <string>
#include <vector>

#include "treadle/graph/op.h"

namespace treadle {

// An attribute of operators whose inputs are in an order of their own.
struct InputOrder {
  // Where the states lie among all inputs, ascending; nullptr: behind the arguments.
  std::vector<int> (*state_places)(const void* params) = nullptr;
  // True when callers give a list whose length follows from other parameters.
  bool is_list = false;
};

struct OpInput {
  std::string name;
  Slot slot;  // in(i) or aux(i)

  bool is_state() const { return slot.kind == Slot::Kind::aux; }
};

std::vector<OpInput> all_inputs(const OpRecord& op, const void* params);
// Whether a call may give any number of inputs by position.
bool takes_list(const OpRecord& op);
// True where all_inputs differs from "arguments, then states".
bool has_states_between(const OpRecord& op);

}  // namespace treadle
