#if TREADLE_WITH_ONEDNN

#include <algorithm>
#include <cmath>
#include <optional>

#include "treadle/operators/onednn/onednn.h"
#include "treadle/operators/onednn/primitives.h"

namespace treadle::onednn {
namespace {

using dnnl::memory;
using dnnl::normalization_flags;
using Forward = dnnl::batch_normalization_forward;
using Backward = dnnl::batch_normalization_backward;

memory::desc data_layout(const BatchNormShape& n) {
  if (n.inner == 1) return plain({n.outer, n.channels});
  return plain({n.outer, n.channels, n.inner});
}

Forward::primitive_desc describe(const BatchNormShape& n, dnnl::prop_kind kind, bool is_global) {
  normalization_flags flags = normalization_flags::use_shift;
  if (!n.fix_gamma) flags |= normalization_flags::use_scale;
  if (is_global) flags |= normalization_flags::use_global_stats;
  return Forward::primitive_desc(cpu_engine(), kind, data_layout(n), data_layout(n), n.eps, flags,
                                 Recipe::attributes());
}

// One of the two ways to run forward: by the batch's statistics or by the moving ones.
struct ForwardWay {
  Execution execution;
  size_t mean = 0, variance = 0;  // in the scratch memory, of the batch

  // Unless `writes_out`, only the statistics are wanted.
  ForwardWay(const BatchNormShape& n, bool is_global, bool writes_out) {
    const auto kind =
        is_global ? dnnl::prop_kind::forward_inference : dnnl::prop_kind::forward_training;
    const memory::desc per_channel = plain({n.channels});
    Recipe recipe;
    const Place mean_place = is_global ? recipe.input(3, per_channel) : recipe.scratch(per_channel);
    const Place variance_place =
        is_global ? recipe.input(4, per_channel) : recipe.scratch(per_channel);
    mean = mean_place.where;
    variance = variance_place.where;
    Recipe::Arguments arguments = {{DNNL_ARG_SRC, recipe.input(0, data_layout(n))},
                                   {DNNL_ARG_SHIFT, recipe.input(2, per_channel)},
                                   {DNNL_ARG_MEAN, mean_place},
                                   {DNNL_ARG_VARIANCE, variance_place},
                                   {DNNL_ARG_DST, writes_out ? recipe.output(0, data_layout(n))
                                                             : recipe.scratch(data_layout(n))}};
    if (!n.fix_gamma) arguments.push_back({DNNL_ARG_SCALE, recipe.input(1, per_channel)});
    recipe.add<Forward>(describe(n, kind, is_global), std::move(arguments));
    execution = Execution(std::move(recipe));
  }
};

class BatchNormForward final : public Kernel {
 public:
  BatchNormForward(const BatchNormShape& n, bool writes_out)
      : shape_(n), global_(n, true, writes_out) {
    if (!n.use_global_stats) batch_.emplace(n, false, writes_out);
    scratch_bytes_ = std::max(global_.execution.scratch_bytes(),
                              batch_ ? batch_->execution.scratch_bytes() : size_t(0));
  }

  void run(const KernelRun& run) const override {
    const bool uses_batch = run.mode == Mode::train && batch_;
    const ForwardWay& way = uses_batch ? *batch_ : global_;
    way.execution.run(run);
    const auto* mean = static_cast<const float*>(run.inputs[3]);
    const auto* variance = static_cast<const float*>(run.inputs[4]);
    if (uses_batch) {
      mean = piece_of<const float>(run.scratch, way.mean);
      variance = piece_of<const float>(run.scratch, way.variance);
    }
    auto* const means = static_cast<float*>(run.outputs[1]);
    auto* const inverses = static_cast<float*>(run.outputs[2]);
    for (int64_t c = 0; c < shape_.channels; ++c) {
      if (means) means[c] = mean[c];
      if (inverses) inverses[c] = 1 / std::sqrt(variance[c] + shape_.eps);
    }
  }

 private:
  BatchNormShape shape_;
  ForwardWay global_;
  std::optional<ForwardWay> batch_;
};

// Backward by the statistics of the batch, or by moving ones.
struct BackwardWay {
  Execution execution;
  size_t variance = 0, gamma_grad = 0, beta_grad = 0;

  BackwardWay(const BatchNormShape& n, bool is_global, bool writes_data) {
    const memory::desc per_channel = plain({n.channels}), data = data_layout(n);
    Recipe recipe;
    const Place variance_place = recipe.scratch(per_channel);
    const Place gamma_place = recipe.scratch(per_channel), beta_place = recipe.scratch(per_channel);
    const Place data_place = writes_data ? recipe.output(0, data) : recipe.scratch(data);
    variance = variance_place.where;
    gamma_grad = gamma_place.where;
    beta_grad = beta_place.where;
    Recipe::Arguments arguments = {{DNNL_ARG_DIFF_DST, recipe.input(0, data)},
                                   {DNNL_ARG_SRC, recipe.input(1, data)},
                                   {DNNL_ARG_MEAN, recipe.input(2, per_channel)},
                                   {DNNL_ARG_VARIANCE, variance_place},
                                   {DNNL_ARG_DIFF_SRC, data_place},
                                   {DNNL_ARG_DIFF_SHIFT, beta_place}};
    if (!n.fix_gamma) {
      arguments.push_back({DNNL_ARG_SCALE, recipe.input(4, per_channel)});
      arguments.push_back({DNNL_ARG_DIFF_SCALE, gamma_place});
    }
    const auto hint = describe(n, dnnl::prop_kind::forward_training, is_global);
    normalization_flags flags = normalization_flags::use_shift;
    if (!n.fix_gamma) flags |= normalization_flags::use_scale;
    if (is_global) flags |= normalization_flags::use_global_stats;
    const Backward::primitive_desc description(cpu_engine(), dnnl::prop_kind::backward, data, data,
                                               data, n.eps, flags, hint, Recipe::attributes());
    recipe.add<Backward>(description, std::move(arguments));
    execution = Execution(std::move(recipe));
  }
};

class BatchNormBackward final : public Kernel {
 public:
  BatchNormBackward(const BatchNormShape& n, bool writes_data)
      : shape_(n), global_(n, true, writes_data) {
    if (!n.use_global_stats) batch_.emplace(n, false, writes_data);
    scratch_bytes_ = std::max(global_.execution.scratch_bytes(),
                              batch_ ? batch_->execution.scratch_bytes() : size_t(0));
  }

  void run(const KernelRun& run) const override {
    const bool uses_batch = run.mode == Mode::train && batch_;
    const BackwardWay& way = uses_batch ? *batch_ : global_;
    auto* const variance = piece_of<float>(run.scratch, way.variance);
    const auto* const inverse = static_cast<const float*>(run.inputs[3]);
    for (int64_t c = 0; c < shape_.channels; ++c) {
      variance[c] = std::max(0.0f, 1 / (inverse[c] * inverse[c]) - shape_.eps);
    }
    way.execution.run(run);

    if (uses_batch) {
      const size_t first = shape_.fix_gamma ? 4 : 5;
      average(run.inputs[first], static_cast<const float*>(run.inputs[2]));
      average(run.inputs[first + 1], variance);
    }
    if (auto* gamma = static_cast<float*>(run.outputs[1])) {
      const auto* made = piece_of<const float>(run.scratch, way.gamma_grad);
      for (int64_t c = 0; c < shape_.channels; ++c) gamma[c] = shape_.fix_gamma ? 0 : made[c];
    }
    if (auto* beta = static_cast<float*>(run.outputs[2])) {
      std::copy_n(piece_of<const float>(run.scratch, way.beta_grad), shape_.channels, beta);
    }
  }

 private:
  // moving = moving * momentum + value * (1 - momentum)
  void average(void* moving, const float* values) const {
    auto* const average = static_cast<float*>(moving);
    for (int64_t c = 0; c < shape_.channels; ++c) {
      average[c] = average[c] * shape_.momentum + values[c] * (1 - shape_.momentum);
    }
  }
  BatchNormShape shape_;
  BackwardWay global_;
  std::optional<BackwardWay> batch_;
};

}  // namespace

Prepared batch_norm_forward(const KernelQuery& query, const BatchNormShape& shape) {
  if (std::string refusal = refuse_other_than_f32(query); !refusal.empty()) {
    return Prepared::refuse(std::move(refusal));
  }
  return attempt([&]() -> Prepared {
    return {std::make_unique<BatchNormForward>(shape, query.requests[0] != Request::null), {}};
  });
}

Prepared batch_norm_backward(const KernelQuery& query, const BatchNormShape& shape) {
  if (std::string refusal = refuse_other_than_f32(query); !refusal.empty()) {
    return Prepared::refuse(std::move(refusal));
  }
  return attempt([&]() -> Prepared {
    return {std::make_unique<BatchNormBackward>(shape, query.requests[0] != Request::null), {}};
  });
}

}  // namespace treadle::onednn

#endif  // TREADLE_WITH_ONEDNN
