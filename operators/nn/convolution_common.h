// What Convolution and Deconvolution have in common.
#pragma once

#include "treadle/operators/nn/convolution_loops.h"
#include "treadle/operators/nn/staging.h"
#include "treadle/operators/onednn/onednn.h"
#include "treadle/operators/op.h"

namespace treadle::ops {

template <class Params>
std::vector<std::string> convolution_inputs(const Params& p) {
  if (p.no_bias) return {"data", "weight"};
  return {"data", "weight", "bias"};
}

// Refuses groups that cannot share the filters, or the channels of data where it is known, evenly.
template <class Params>
void check_groups(const Params& p, ShapeInference& s, const ImageLayout& layout,
                  const Shape& data) {
  if (p.num_filter % p.num_group != 0) {
    s.fail(concat("num_filter is ", p.num_filter, " and num_group is ", p.num_group,
                  ": the groups must share the filters evenly."));
  }
  if (data.empty()) return;
  const int64_t channels = data[layout.channel()];
  if (channels % p.num_group != 0) {
    s.fail(concat(s.name(in(0)), " has shape ", data, ", that is ", channels,
                  " channels, and num_group is ", p.num_group,
                  ": the groups must share the channels evenly."));
  }
}

// Why weight, bias and output have the shapes that they have.
template <class Params>
std::string convolution_reason(const Params& p, const Shape& data) {
  return concat("data is ", data, ", kernel is ", p.kernel, ", num_filter is ", p.num_filter,
                p.num_group > 1 ? concat(" and num_group is ", p.num_group) : std::string());
}

// The kernel that `make` builds with oneDNN, for a node whose data and output (or its gradient) are
// what `shapes` picks from the query.
template <class Op, DeviceKind D, auto make, auto shapes>
std::vector<Implementation> onednn_convolution() {
  if constexpr (D == DeviceKind::cpu && onednn::is_built) {
    return {{"onednn", [](const KernelQuery& q) {
               const auto& p = *static_cast<const typename Op::Params*>(q.params);
               const auto [data, out] = shapes(q);
               return make(q, Op::geometry(p, data, out), p.image());
             }}};
  }
  return {};
}
inline auto forward_shapes(const KernelQuery& q) {
  return std::pair(q.inputs[0].shape, q.outputs[0].shape);
}
inline auto backward_shapes(const KernelQuery& q) {
  return std::pair(q.inputs[1].shape, q.inputs[0].shape);
}

}  // namespace treadle::ops
