#include "treadle/graph/op_inputs.h"

#include "treadle/core/error.h"

namespace treadle {

std::vector<OpInput> all_inputs(const OpRecord& op, const void* params) {
  OpRecord::Names arguments = op.inputs(params);
  OpRecord::Names states = op.auxiliaries(params);
  std::vector<int> places;
  if (has_states_between(op)) {
    places = op.attributes.get<InputOrder>()->state_places(params);
  } else {
    for (size_t s = 0; s < states.size(); ++s) places.push_back(int(arguments.size() + s));
  }
  TREADLE_INVARIANT(places.size() == states.size(), op.name, " has ", states.size(),
                    " states and places for ", places.size());
  std::vector<OpInput> all;
  size_t a = 0, s = 0;
  while (a < arguments.size() || s < states.size()) {
    if (s < states.size() && places[s] == int(all.size())) {
      all.push_back({std::move(states[s]), aux(int(s))});
      ++s;
    } else {
      TREADLE_INVARIANT(a < arguments.size(), op.name, " has no input before its state at place ",
                        places[s]);
      all.push_back({std::move(arguments[a]), in(int(a))});
      ++a;
    }
  }
  return all;
}

bool takes_list(const OpRecord& op) {
  const InputOrder* order = op.attributes.get<InputOrder>();
  return !op.count_param.empty() || (order && order->is_list);
}

bool has_states_between(const OpRecord& op) {
  const InputOrder* order = op.attributes.get<InputOrder>();
  return order && order->state_places;
}

}  // namespace treadle
