#include "treadle/operators/shape/slice_range.h"

#include <algorithm>

namespace treadle {
namespace {

struct AxisRange {
  int64_t begin = 0, step = 1, count = 0;
};

std::optional<int64_t> at(const SliceIndices& indices, int i) {
  return size_t(i) < indices.size() ? indices[size_t(i)] : std::nullopt;
}

// As Python has it: negative ones count from the end, and what lies outside is cut off.
AxisRange range_of(const SliceRange& range, int i, int64_t extent) {
  AxisRange made{.begin = 0, .step = at(range.step, i).value_or(1), .count = 0};
  const bool forward = made.step > 0;
  const int64_t lowest = forward ? 0 : -1, highest = forward ? extent : extent - 1;
  const auto place = [&](std::optional<int64_t> given, int64_t otherwise) {
    if (!given) return otherwise;
    return std::clamp(*given < 0 ? *given + extent : *given, lowest, highest);
  };
  made.begin = place(at(range.begin, i), forward ? lowest : highest);
  const int64_t end = place(at(range.end, i), forward ? highest : lowest);
  const int64_t length = forward ? end - made.begin : made.begin - end;
  const int64_t stride = forward ? made.step : -made.step;
  if (length > 0) made.count = (length - 1) / stride + 1;
  return made;
}

}  // namespace

Shape sliced_shape(const ShapeInference& s, const SliceRange& range, const Shape& data) {
  if (range.begin.size() != range.end.size()) {
    s.fail(concat("begin has ", range.begin.size(), " numbers and end ", range.end.size(),
                  "; as many are expected in both."));
  }
  if (!range.step.empty() && range.step.size() != range.begin.size()) {
    s.fail(concat("step has ", range.step.size(), " numbers and begin ", range.begin.size(),
                  "; as many are expected in both, or no step."));
  }
  if (range.begin.size() > size_t(data.ndim())) {
    s.fail(concat("begin has ", range.begin.size(), " numbers, but data has shape ", data,
                  "; at most ", data.ndim(), " are expected."));
  }
  for (const std::optional<int64_t>& step : range.step) {
    if (step == 0) s.fail("step has a 0, which leads nowhere; another number is expected.");
    if (step && (*step == INT64_MIN)) s.fail("step is out of range.");
  }
  Shape made = data;
  for (int i = 0; i < int(range.begin.size()); ++i) {
    if (data[i] != 0) made[i] = range_of(range, i, data[i]).count;
  }
  return made;
}

ops::Moved sliced(const SliceRange& range, const Shape& data) {
  ops::Moved moved;
  int64_t strides[Axes::max_count];
  row_major_strides(data, strides);
  for (int i = 0; i < data.ndim(); ++i) {
    const AxisRange taken = range_of(range, i, data[i]);
    if (taken.count > 0) moved.offset += taken.begin * strides[i];
    moved.axes.add(taken.count, taken.step * strides[i]);
  }
  if (moved.axes.elements() == 0) moved.offset = 0;
  return moved;
}

}  // namespace treadle
