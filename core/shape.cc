#include "treadle/core/shape.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include "treadle/core/error.h"

namespace treadle {

Shape::Shape(std::span<const int64_t> dims) : ndim_(int(dims.size())) {
  if (ndim_ > inline_dims) heap_ = std::make_unique<int64_t[]>(dims.size());
  std::copy(dims.begin(), dims.end(), data());
}

Shape Shape::filled(int ndim, int64_t fill) {
  Shape shape;
  shape.ndim_ = ndim;
  if (ndim > inline_dims) shape.heap_ = std::make_unique<int64_t[]>(size_t(ndim));
  std::fill_n(shape.data(), ndim, fill);
  return shape;
}

Shape::Shape(Shape&& other) noexcept
    : inline_(other.inline_), heap_(std::move(other.heap_)), ndim_(other.ndim_) {
  other.ndim_ = 0;
}

Shape& Shape::operator=(const Shape& other) {
  if (this != &other) *this = Shape(other);
  return *this;
}

Shape& Shape::operator=(Shape&& other) noexcept {
  inline_ = other.inline_;
  heap_ = std::move(other.heap_);
  ndim_ = std::exchange(other.ndim_, 0);
  return *this;
}

int64_t Shape::elements() const { return elements(0, ndim_); }

int64_t Shape::elements(int first, int last) const {
  int64_t product = 1;
  for (int axis = first; axis < last; ++axis) product = checked_product(product, data()[axis]);
  return product;
}

bool Shape::is_known() const {
  return ndim_ > 0 && std::none_of(begin(), end(), [](int64_t dim) { return dim == 0; });
}

bool operator==(const Shape& a, const Shape& b) { return std::ranges::equal(a.dims(), b.dims()); }

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (int axis = 0; axis < shape.ndim(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(shape[axis]);
  }
  return text + (shape.ndim() == 1 ? ",)" : ")");
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << to_string(shape); }

int64_t checked_product(int64_t a, int64_t b) {
  int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) {
    throw Error("A shape with ", a, " times ", b, " elements is larger than 63 bits can count.");
  }
  return product;
}

}  // namespace treadle
