// Shape: the extents of an array, 64 bit each.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>

namespace treadle {

// An ordered list of extents. Up to six lie inside the object; more are allocated.
// In shape inference an extent of 0, and a shape without extents, mean "not known yet"; an Array's
// shape without extents is a scalar and an extent of 0 an empty array.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> dims)
      : Shape(std::span<const int64_t>(dims.begin(), dims.size())) {}
  explicit Shape(std::span<const int64_t> dims);
  // `ndim` extents, each `fill`.
  static Shape filled(int ndim, int64_t fill);

  Shape(const Shape& other) : Shape(other.dims()) {}
  Shape(Shape&& other) noexcept;
  Shape& operator=(const Shape& other);
  Shape& operator=(Shape&& other) noexcept;

  int ndim() const { return ndim_; }
  bool empty() const { return ndim_ == 0; }
  int64_t operator[](int axis) const { return data()[axis]; }
  int64_t& operator[](int axis) { return data()[axis]; }
  int64_t back() const { return data()[ndim_ - 1]; }
  std::span<const int64_t> dims() const { return {data(), size_t(ndim_)}; }
  const int64_t* begin() const { return data(); }
  const int64_t* end() const { return data() + ndim_; }

  // Product of all extents; 1 for a scalar. Throws Error when it leaves 63 bits.
  int64_t elements() const;
  // Product of the extents [first, last).
  int64_t elements(int first, int last) const;

  // Every extent known and at least one of them (the sense of inference).
  bool is_known() const;

  friend bool operator==(const Shape& a, const Shape& b);

 private:
  static constexpr int inline_dims = 6;
  int64_t* data() { return heap_ ? heap_.get() : inline_.data(); }
  const int64_t* data() const { return heap_ ? heap_.get() : inline_.data(); }

  std::array<int64_t, inline_dims> inline_{};
  std::unique_ptr<int64_t[]> heap_;
  int ndim_ = 0;
};

// "(2, 3)", "(5,)", "()": Python's form, as MXNet's files have it.
std::string to_string(const Shape& shape);
std::ostream& operator<<(std::ostream& out, const Shape& shape);

// a * b of non-negative numbers; throws Error when the product leaves 63 bits.
int64_t checked_product(int64_t a, int64_t b);

}  // namespace treadle
