// Boxes as (left, top, right, bottom): what the operators of detectors share.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "treadle/graph/inference.h"
#include "treadle/operators/nn/computed.h"

namespace treadle::ops {

enum class BoxFormat { center, corner };
inline EnumNames describe(BoxFormat) { return enum_names("BoxFormat", "center", "corner"); }

template <class T>
struct Box {
  T left, top, right, bottom;

  // Four numbers: two corners, or a centre, width and height.
  static Box read(const T* from, BoxFormat format) {
    if (format == BoxFormat::corner) return {from[0], from[1], from[2], from[3]};
    const T half_width = from[2] / T(2), half_height = from[3] / T(2);
    return {from[0] - half_width, from[1] - half_height, from[0] + half_width,
            from[1] + half_height};
  }
  T width() const { return right - left; }
  T height() const { return bottom - top; }
  // 0 for a box turned inside out.
  T area() const { return width() < T(0) || height() < T(0) ? T(0) : width() * height(); }
};

// Area that both cover, over the area that either covers; 0 where that is 0.
template <class T>
T overlap(const Box<T>& a, const Box<T>& b) {
  const T width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const T height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  if (!(width > T(0) && height > T(0))) return T(0);
  const T both = width * height, either = a.area() + b.area() - both;
  return either > T(0) ? both / either : T(0);
}

inline void check_count(ShapeInference& s, std::string_view name, const std::vector<double>& tuple,
                        size_t count) {
  if (tuple.size() == count) return;
  s.fail(concat(name, " has ", tuple.size(), " numbers; ", count, " are expected."));
}
inline void check_variances(ShapeInference& s, const std::vector<double>& variances) {
  check_count(s, "variances", variances, 4);
  for (double each : variances) {
    if (!(each > 0)) s.fail(concat("variances holds ", each, "; positive numbers are expected."));
  }
}

}  // namespace treadle::ops
