// What an operator's infer_shape and infer_type see: the shapes and types of one node's arrays,
// known or not, which they complete in both directions.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "treadle/core/dtype.h"
#include "treadle/core/error.h"
#include "treadle/core/shape.h"
#include "treadle/graph/slot.h"

namespace treadle {

// One node's view of shape inference. Slots in, aux and out are legal. An extent of 0 and a shape
// of no extents mean "unknown". Inference runs each node until nothing changes, so a function only
// states what follows from what is known now.
class ShapeInference {
 public:
  virtual ~ShapeInference() = default;

  virtual int num_in() const = 0;
  virtual int num_out() const = 0;
  virtual const Shape& shape(Slot slot) const = 0;
  bool is_known(Slot slot) const { return shape(slot).is_known(); }

  // States that `slot` has `shape` (0: not known). A conflict is an Error that names operator,
  // node, both shapes and where the earlier one came from; `because` is the operator's reason, a
  // clause such as "data is (32, 100) and num_hidden is 128", or a callable that makes it.
  template <class Because>
  void set(Slot slot, const Shape& shape, Because&& because) {
    if (try_set(slot, shape)) return;
    if constexpr (std::is_invocable_v<Because>) {
      conflict(slot, shape, because());
    } else {
      conflict(slot, shape, because);
    }
  }
  void set(Slot slot, const Shape& shape) { set(slot, shape, std::string_view()); }

  // States that both have the same shape and completes either from the other.
  void unify(Slot a, Slot b);

  // Refuses: "Op(node): <sentence>".
  [[noreturn]] virtual void fail(std::string_view sentence) const = 0;
  // The name of a slot as the user knows it: "weight", "output".
  virtual std::string name(Slot slot) const = 0;

 protected:
  // False on a conflict; the state is unchanged then.
  virtual bool try_set(Slot slot, const Shape& shape) = 0;
  [[noreturn]] virtual void conflict(Slot slot, const Shape& shape,
                                     std::string_view because) const = 0;
  // " (fc1_weight, given by the caller)": the array behind a slot and where its shape came from.
  virtual std::string origin(Slot slot) const = 0;
};

// The same for element types.
class TypeInference {
 public:
  virtual ~TypeInference() = default;

  virtual int num_in() const = 0;
  virtual int num_out() const = 0;
  virtual int num_aux() const = 0;
  virtual DType type(Slot slot) const = 0;
  bool is_known(Slot slot) const { return type(slot) != DType::unknown; }

  virtual void set(Slot slot, DType type) = 0;
  void unify(Slot a, Slot b);
  // Every input, output and auxiliary state has one type: the rule of most operators.
  void unify_all();
  [[noreturn]] virtual void fail(std::string_view sentence) const = 0;
};

}  // namespace treadle
