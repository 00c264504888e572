#include "treadle/operators/indexing/multi_index.h"

#include <cstring>

namespace treadle {

std::vector<int64_t> slice_numbers(const Tensor& indices, const Shape& shape, std::string_view op) {
  const std::vector<int64_t> index = read_indices(indices);
  const int depth = int(indices.shape()[0]);
  const int64_t count = indices.shape().elements(1, indices.shape().ndim());
  std::vector<int64_t> made(static_cast<size_t>(count));
  for (int axis = 0; axis < depth; ++axis) {
    const int64_t extent = shape[axis];
    for (int64_t i = 0; i < count; ++i) {
      const int64_t given = index[size_t(axis * count + i)];
      const int64_t place = given < 0 ? given + extent : given;
      if (place < 0 || place >= extent) {
        throw OutOfRange(op, ": index ", given, " of position ", i, " is out of range for axis ",
                         axis, " of shape ", shape, "; from ", -extent, " to ", extent - 1,
                         " is expected.");
      }
      made[size_t(i)] = made[size_t(i)] * extent + place;
    }
  }
  return made;
}

RowLayout slices_of(const Shape& shape, int num_indexed) {
  return {1, shape.elements(0, num_indexed), shape.elements(num_indexed, shape.ndim())};
}

void put_slices(const Tensor& from, const std::vector<int64_t>& slices, RowLayout layout,
                const Tensor& to) {
  const size_t bytes = size_t(layout.length) * size_of(to.type());
  for (size_t j = 0; j < slices.size(); ++j) {
    std::memcpy(to.as<char>() + size_t(slices[j]) * bytes, from.as<char>() + j * bytes, bytes);
  }
}

}  // namespace treadle
