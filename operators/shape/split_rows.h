// Cutting an array along an axis: what SliceChannel and _split_v2 share.
#pragma once

#include <string>
#include <vector>

#include "treadle/operators/elementwise.h"
#include "treadle/operators/rows.h"

namespace treadle::ops {

inline OpRecord::Names numbered_outputs(int count) {
  if (count == 1) return {"output"};
  OpRecord::Names made;
  for (int i = 0; i < count; ++i) made.push_back("output" + std::to_string(i));
  return made;
}
inline std::vector<Slot> every_out_grad(int count) {
  std::vector<Slot> made;
  for (int i = 0; i < count; ++i) made.push_back(out_grad(i));
  return made;
}

// Part i is data from begin[i] to before begin[i + 1] along `axis`; calls move(i, rows of the part
// within `whole`, their number and length).
template <class Move>
void each_part(const Tensor& whole, int axis, const std::vector<int64_t>& begin, const Move& move) {
  const Shape& shape = whole.shape();
  const int64_t inner = shape.elements(axis + 1, shape.ndim());
  for (int i = 0; i + 1 < int(begin.size()); ++i) {
    char* const first =
        whole.as<char>() + begin[size_t(i)] * inner * int64_t(size_of(whole.type()));
    const int64_t length = (begin[size_t(i) + 1] - begin[size_t(i)]) * inner;
    move(i, Rows{first, shape[axis] * inner}, shape.elements(0, axis), length);
  }
}

template <DeviceKind D>
void split_forward(Call<D>& call, int axis, const std::vector<int64_t>& begin) {
  const Tensor whole = call.read(in(0));
  each_part(whole, axis, begin, [&](int i, Rows rows, int64_t count, int64_t length) {
    copy_rows(whole.type(), {call.write(out(i)).data, length}, rows, count, length,
              call.request(out(i)), call.pool());
  });
}
template <DeviceKind D>
void split_backward(Call<D>& call, int axis, const std::vector<int64_t>& begin) {
  if (!call.is_wanted(in_grad(0))) return;
  const Tensor whole = call.write(in_grad(0));
  each_part(whole, axis, begin, [&](int i, Rows rows, int64_t count, int64_t length) {
    copy_rows(whole.type(), rows, {call.read(out_grad(i)).data, length}, count, length,
              call.request(in_grad(0)), call.pool());
  });
}

}  // namespace treadle::ops
