#if TREADLE_WITH_ONEDNN

#include "treadle/operators/onednn/onednn.h"
#include "treadle/operators/onednn/primitives.h"

namespace treadle::onednn {
namespace {

using dnnl::algorithm;
using dnnl::memory;

struct Problem {
  memory::desc data, out;
  memory::dims kernel, stride, dilate, pad, pad_after;
  algorithm kind = algorithm::pooling_max;
};

Problem problem_of(const ops::PoolingShape& s) {
  Problem p;
  memory::dims data{s.batch, s.channels}, out = data;
  // A leading axis of extent 1 changes nothing, but oneDNN is slower with it.
  const size_t first =
      s.window.in[0] == 1 && s.window.kernel[0] == 1 && s.window.out[0] == 1 ? 1 : 0;
  for (size_t i = first; i < 3; ++i) {
    data.push_back(s.window.in[i]);
    out.push_back(s.window.out[i]);
    p.kernel.push_back(s.window.kernel[i]);
    p.stride.push_back(s.window.stride[i]);
    p.dilate.push_back(0);
    p.pad.push_back(s.window.pad[i]);
    p.pad_after.push_back(s.window.pad_after(int(i)));
  }
  p.data = s.channels_last ? channels_last(data) : plain(data);
  p.out = s.channels_last ? channels_last(out) : plain(out);
  if (s.type == ops::PoolType::avg) {
    p.kind = s.count_includes_pad ? algorithm::pooling_avg_include_padding
                                  : algorithm::pooling_avg_exclude_padding;
  }
  return p;
}

std::string refuse(const KernelQuery& query, const ops::PoolingShape& s) {
  if (s.type == ops::PoolType::sum || s.type == ops::PoolType::lp) {
    return concat("there is no ", s.type == ops::PoolType::sum ? "sum" : "lp", " pooling in it");
  }
  const ops::Window& w = s.window;
  for (int axis = 0; axis < 3; ++axis) {
    const size_t i = size_t(axis);
    if (w.pad[i] >= w.kernel[i] || w.pad_after(axis) >= w.kernel[i]) {
      return "a window may lie in the padding alone, which it does not take";
    }
    if (s.type == ops::PoolType::avg && s.count_includes_pad && w.pad_after(axis) > w.pad[i]) {
      return "the last window reaches past the padding, where it would count elements MXNet does "
             "not";
    }
  }
  return refuse_other_than_f32(query);
}

dnnl::pooling_forward::primitive_desc describe(const Problem& p, dnnl::prop_kind kind) {
  return dnnl::pooling_forward::primitive_desc(cpu_engine(), kind, p.kind, p.data, p.out, p.stride,
                                               p.kernel, p.dilate, p.pad, p.pad_after,
                                               Recipe::attributes());
}

}  // namespace

Prepared pooling_forward(const KernelQuery& query, const ops::PoolingShape& shape) {
  if (std::string refusal = refuse(query, shape); !refusal.empty()) {
    return Prepared::refuse(std::move(refusal));
  }
  return attempt([&] {
    const Problem p = problem_of(shape);
    Recipe recipe;
    if (query.requests[0] == Request::null) return finish(std::move(recipe));
    recipe.add<dnnl::pooling_forward>(
        describe(p, dnnl::prop_kind::forward_inference),
        {{DNNL_ARG_SRC, recipe.input(0, p.data)}, {DNNL_ARG_DST, recipe.output(0, p.out)}});
    return finish(std::move(recipe));
  });
}

Prepared pooling_backward(const KernelQuery& query, const ops::PoolingShape& shape) {
  if (std::string refusal = refuse(query, shape); !refusal.empty()) {
    return Prepared::refuse(std::move(refusal));
  }
  return attempt([&] {
    const Problem p = problem_of(shape);
    Recipe recipe;
    if (query.requests[0] == Request::null) return finish(std::move(recipe));
    const auto forward = describe(p, dnnl::prop_kind::forward_training);
    const dnnl::pooling_backward::primitive_desc description(
        cpu_engine(), p.kind, p.data, p.out, p.stride, p.kernel, p.dilate, p.pad, p.pad_after,
        forward, Recipe::attributes());
    Recipe::Arguments arguments = {{DNNL_ARG_DIFF_DST, recipe.input(0, p.out)},
                                   {DNNL_ARG_DIFF_SRC, recipe.output(0, p.data)}};
    if (shape.type == ops::PoolType::max) {
      // The maxima's positions, found again: no array carries them from forward to backward, and
      // finding them costs less than looking for each maximum among the data.
      const Place positions = recipe.scratch(forward.workspace_desc());
      recipe.add<dnnl::pooling_forward>(forward, {{DNNL_ARG_SRC, recipe.input(1, p.data)},
                                                  {DNNL_ARG_DST, recipe.scratch(p.out)},
                                                  {DNNL_ARG_WORKSPACE, positions}});
      arguments.push_back({DNNL_ARG_WORKSPACE, positions});
    }
    recipe.add<dnnl::pooling_backward>(description, std::move(arguments));
    return finish(std::move(recipe));
  });
}

}  // namespace treadle::onednn

#endif  // TREADLE_WITH_ONEDNN
