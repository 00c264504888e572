// For operators whose states lie among their inputs, or whose callers give a list of inputs that is
// no `count_param` long: they declare, besides what operators/op.h lists,
//
//   - state_places: an array, or a function of Params: where the states lie among all inputs
//   - takes_list: true where callers give a list
//
// and are registered by TREADLE_REGISTER_ORDERED_OP.
#pragma once

#include "treadle/graph/op_inputs.h"
#include "treadle/operators/op.h"

namespace treadle::detail {

template <class Op>
void register_input_order() {
  OpRegistry::instance().extend(Op::name, [](OpRecord& record) {
    InputOrder& order = record.attributes.edit<InputOrder>();
    if constexpr (requires { Op::state_places; }) {
      order.state_places = [](const void* p) { return to_vector<int, Op>(Op::state_places, p); };
    }
    if constexpr (requires { Op::takes_list; }) order.is_list = Op::takes_list;
  });
}

}  // namespace treadle::detail

#ifdef __CUDACC__
#define TREADLE_REGISTER_ORDERED_OP(Op) TREADLE_REGISTER_OP(Op)
#else
#define TREADLE_REGISTER_ORDERED_OP(Op)                                  \
  TREADLE_REGISTER_OP(Op);                                               \
  [[maybe_unused]] static const bool TREADLE_CONCAT(ordered_, Op) = [] { \
    ::treadle::detail::register_input_order<Op>();                       \
    return true;                                                         \
  }()
#endif
