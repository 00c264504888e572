#include "treadle/graph/inference.h"

namespace treadle {

void ShapeInference::unify(Slot a, Slot b) {
  const auto same_as = [&](Slot other) {
    return [this, other] {
      return concat("it must equal ", name(other), ", which is ", shape(other), origin(other));
    };
  };
  set(b, shape(a), same_as(a));
  set(a, shape(b), same_as(b));
}

void TypeInference::unify(Slot a, Slot b) {
  if (is_known(a)) set(b, type(a));
  if (is_known(b)) set(a, type(b));
}

void TypeInference::unify_all() {
  DType known = DType::unknown;
  const auto look = [&](Slot slot) {
    if (known == DType::unknown) known = type(slot);
  };
  for (int i = 0; i < num_in(); ++i) look(in(i));
  for (int i = 0; i < num_out(); ++i) look(out(i));
  for (int i = 0; i < num_aux(); ++i) look(aux(i));
  if (known == DType::unknown) return;
  for (int i = 0; i < num_in(); ++i) set(in(i), known);
  for (int i = 0; i < num_aux(); ++i) set(aux(i), known);
  for (int i = 0; i < num_out(); ++i) set(out(i), known);
}

}  // namespace treadle
