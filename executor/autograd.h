// Gradients of imperative work: while a thread records, every call of an operator is kept on a
// tape, and `backward` walks it from the end with the same gradient rules that graphs have.
//
//   Array x = Array::full({3}, 2.0), gradient = Array::zeros({3});
//   mark_variable(x, gradient);
//   Array y;
//   {
//     const Recording on(true);
//     y = invoke("elemwise_mul", {}, std::array{x, x})[0];
//   }
//   backward(std::array{y});  // gradient is 4 everywhere
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "treadle/executor/imperative.h"
#include "treadle/graph/symbol.h"

namespace treadle {

// Whether calls of this thread are recorded, and whether they learn; both false at first.
bool is_recording();
bool is_training();
// Each sets the state and gives the one before.
bool set_recording(bool records);
bool set_training(bool learns);

// Sets the state of this thread for a scope.
class Recording {
 public:
  explicit Recording(bool records) : before_(set_recording(records)) {}
  ~Recording() { set_recording(before_); }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

 private:
  bool before_;
};

// Makes `variable` a leaf: backward writes to, or adds to, `gradient` (same shape and type). Throws
// Error where they differ.
void mark_variable(Array& variable, const Array& gradient, Request request = Request::write);

// Whether backward has reached a marked variable since it was marked or this was set to false;
// false for other arrays, for which setting it throws Error.
bool has_fresh_gradient(const Array& array);
void set_fresh_gradient(const Array& array, bool is_fresh);

// Puts a call on the tape if one of its inputs is on it; `visible` are the handles that the caller
// gets.
void record(Invoked call, std::span<Array> visible);

// Gradients of some arrays, from those of what was made of them; an invalid Array is 0.
using GradientFunction = std::function<std::vector<Array>(const std::vector<Array>&)>;
// An operator that does the same as other work, for symbols of what was recorded.
struct OperatorForm {
  std::string op;
  ParamText params;
};
// The same for work that is no operator: `gradient` gives one array for each input. While the
// thread records, as it does where the gradient is to be differentiated, so does `gradient`.
void record_function(std::string name, std::span<const Array> inputs, std::span<Array> outputs,
                     GradientFunction gradient, OperatorForm form = {});

// View and slice of an array that are recorded; as Array::reshape and Array::slice.
Array reshape_recorded(const Array& array, const Shape& shape);
Array slice_recorded(const Array& array, int64_t begin, int64_t end);

// Computes the gradients of the marked variables that `heads` were made of. `head_gradients` is
// empty or has one array per head; invalid ones stand for ones. The tape is given up unless
// `retain_graph`. Throws Error for a head that was not recorded and for a tape used up.
void backward(std::span<const Array> heads, std::span<const Array> head_gradients = {},
              bool retain_graph = false);

// As backward, but gives the gradients of `variables`, and touches no marked gradient. With
// `create_graph` they are recorded in turn, so that they can be differentiated again; the tape must
// be retained then. Throws Error, when they are differentiated, for operators whose gradient is a
// kernel alone.
std::vector<Array> gradients_of(std::span<const Array> heads, std::span<const Array> variables,
                                std::span<const Array> head_gradients = {},
                                bool retain_graph = false, bool create_graph = false);

// What was recorded to make `array`, as a symbol whose variables var0, var1, … are marked variables
// and arrays that were not recorded. Throws Error where some of it is no operator.
Symbol symbol_of(const Array& array);

}  // namespace treadle
