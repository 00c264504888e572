// The rules of the initialisers.
#include <cmath>
#include <numbers>
#include <vector>

#include "treadle/core/error.h"
#include "treadle/training/initializer.h"

namespace treadle {
namespace {

// Computed on the host in float, converted to the array's type on its device.
void write(const Array& array, const std::vector<float>& values) {
  Array target = array;
  if (array.type() == DType::f32) {
    target.copy_from_host(values.data(), array.bytes());
  } else {
    target.copy_from(Array::from(values, array.shape(), array.device()));
  }
}

void fill_uniform(const Array& array, RandomKey key, float bound) {
  std::vector<float> values(static_cast<size_t>(array.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = (2 * uniform_at(key, i) - 1) * bound;
  write(array, values);
}

// Box and Muller: each pair of words gives two numbers.
void fill_normal(const Array& array, RandomKey key, float sigma) {
  std::vector<float> values(static_cast<size_t>(array.elements()));
  for (size_t i = 0; i < values.size(); i += 2) {
    const RandomBlock block = philox(key, i / 2);
    const double radius = std::sqrt(-2 * std::log(1 - double(to_unit(block.word[0]))));
    const double angle = 2 * std::numbers::pi * double(to_unit(block.word[1]));
    values[i] = float(radius * std::cos(angle)) * sigma;
    if (i + 1 < values.size()) values[i + 1] = float(radius * std::sin(angle)) * sigma;
  }
  write(array, values);
}

}  // namespace

void Constant::fill(std::string_view, const Array& array, RandomKey) const {
  Array target = array;
  target.fill(options_.value);
}

void Uniform::fill(std::string_view, const Array& array, RandomKey key) const {
  fill_uniform(array, key, options_.scale);
}

void Normal::fill(std::string_view, const Array& array, RandomKey key) const {
  fill_normal(array, key, options_.sigma);
}

EnumNames describe(Xavier::RndType) { return enum_names("RndType", "uniform", "gaussian"); }
EnumNames describe(Xavier::FactorType) { return enum_names("FactorType", "avg", "in", "out"); }

void Xavier::fill(std::string_view name, const Array& array, RandomKey key) const {
  const Shape& shape = array.shape();
  if (shape.ndim() < 2) {
    throw Error(
        "Xavier cannot initialise '", name, "' of shape ", shape,
        ": it needs at least the two axes ",
        "(outputs, inputs). Give the variable another initialiser in its attribute __init__.");
  }
  double field = 1;
  for (int axis = 2; axis < shape.ndim(); ++axis) field *= double(shape[axis]);
  const double out = double(shape[0]) * field, in = double(shape[1]) * field;
  const double factor = options_.factor_type == FactorType::avg  ? (in + out) / 2
                        : options_.factor_type == FactorType::in ? in
                                                                 : out;
  const float scale = float(std::sqrt(double(options_.magnitude) / factor));
  if (options_.rnd_type == RndType::uniform) {
    fill_uniform(array, key, scale);
  } else {
    fill_normal(array, key, scale);
  }
}

}  // namespace treadle
