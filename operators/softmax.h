// Softmax over the middle axis of (outer, classes, inner), and labels that are stored as numbers:
// what the operators on class probabilities share. Results do not depend on the number of threads.
#pragma once

#include <cstdint>
#include <type_traits>

#include "treadle/core/error.h"
#include "treadle/operators/kernel.h"

namespace treadle {

struct ClassLayout {
  int64_t outer = 1, classes = 1, inner = 1;

  int64_t elements() const { return outer * classes * inner; }
};

// y = softmax(x), in floating type `type`; y may be the memory of x when it is overwritten.
void softmax(DType type, const void* x, void* y, ClassLayout layout, Request request, Pool& pool);

// The class a label stands for: the fraction is dropped; -1 for what is no class of any array.
template <class T>
int64_t class_of(T label) {
  const double value = double(std::conditional_t<std::is_same_v<T, double>, double, float>(label));
  return value > -1e15 && value < 1e15 ? int64_t(value) : -1;
}

// How the gradient of a cross entropy with labels is shaped.
struct LabelGradient {
  static constexpr int64_t none = INT64_MIN;
  double scale = 1;
  double smoothing = 0;    // probability taken from the label and spread over the other classes
  int64_t ignored = none;  // the label that gives no gradient
};

// dx = (y - one_hot(label)) * scale [* dy], for y and dx of `layout` and one label per column, all
// of floating type `type`. `dy` may be null. A label that is no class takes from none.
void label_gradient(DType type, const void* y, const void* label, const void* dy, void* dx,
                    ClassLayout layout, const LabelGradient& gradient, Pool& pool);

// How many of `count` labels stand for class `wanted`.
int64_t count_labels(DType type, const void* label, int64_t count, int64_t wanted);

// Calls body(T(), C()) where T is the stored type and C the one to compute in. InternalError for a
// type that is not floating.
template <class Body>
void with_floating_type(DType type, const Body& body) {
  switch (type) {
    case DType::f32: return body(float(), float());
    case DType::f64: return body(double(), double());
    case DType::f16: return body(f16(), float());
    case DType::bf16: return body(bf16(), float());
    default: TREADLE_INVARIANT(false, "a floating type is expected, not ", type);
  }
}

}  // namespace treadle
