// FullyConnected: out = data * weight^T + bias.
#include "treadle/device/pool.h"
#include "treadle/operators/blas/gemm.h"
#include "treadle/operators/nn/convolution_loops.h"
#include "treadle/operators/nn/staging.h"
#include "treadle/operators/onednn/onednn.h"
#include "treadle/operators/op.h"
#include "treadle/operators/term.h"

namespace treadle::ops {
namespace {

struct FullyConnected {
  static constexpr auto name = "FullyConnected";
  static constexpr auto doc = "A linear map of each row of data: data * weight^T + bias.";
  static constexpr auto outputs = names("output");

  struct Params {
    int num_hidden = 0;
    bool no_bias = false;
    bool flatten = true;
    static constexpr auto fields = reflect(
        field("num_hidden", &Params::num_hidden, required, at_least(1), "Columns of the output."),
        field("no_bias", &Params::no_bias, "Leave the bias out."),
        field("flatten", &Params::flatten,
              "Take all axes of data after the first as one; else map along the last axis only."));
  };

  static std::vector<std::string> inputs(const Params& p) {
    if (p.no_bias) return {"data", "weight"};
    return {"data", "weight", "bias"};
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const auto because = [&] {
      return concat("data is ", data, " and num_hidden is ", p.num_hidden);
    };
    int64_t depth = data.back();
    if (p.flatten) depth = data.ndim() == 1 ? 1 : data.elements(1, data.ndim());

    s.set(in(1), {p.num_hidden, depth}, because);
    if (!p.no_bias) s.set(in(2), {p.num_hidden}, because);
    Shape out = data;
    if (p.flatten) {
      out = {data[0], p.num_hidden};
    } else {
      out[out.ndim() - 1] = p.num_hidden;
    }
    s.set(slots::out(0), out, because);

    // Back: the leading axes from the output, the last one from the weight.
    Shape known = data;
    const Shape made = s.shape(slots::out(0));
    for (int i = 0; i < (p.flatten ? 1 : data.ndim() - 1); ++i) known[i] = made[i];
    if (!p.flatten || data.ndim() == 2) known[known.ndim() - 1] = s.shape(in(1))[1];
    s.set(in(0), known);
  }

  static onednn::LinearShape linear_shape(const Params& p, const Shape& data) {
    const bool is_vector = data.ndim() == 1;
    const int64_t depth = p.flatten ? (is_vector ? 1 : data.elements(1, data.ndim())) : data.back();
    const int64_t rows = p.flatten ? data[0] : data.elements(0, data.ndim() - 1);
    return {rows, depth, p.num_hidden};
  }

  // The arrays of a run as the reference computes on them. In backward the first three are the
  // gradients' shapes too.
  template <class T>
  struct Plan {
    ScratchPlan scratch;
    Staged<T> data, weight, bias, out, data_grad, weight_grad;

    Plan(const TensorSpec& data_spec, const TensorSpec& weight_spec, const TensorSpec* bias_spec,
         const TensorSpec& out_spec, bool is_backward)
        : data(data_spec, scratch), weight(weight_spec, scratch), out(out_spec, scratch) {
      if (bias_spec) bias = Staged<T>(*bias_spec, scratch);
      if (is_backward) {
        data_grad = Staged<T>(data_spec, scratch);
        weight_grad = Staged<T>(weight_spec, scratch);
      }
    }
  };

  // Each row of y is the bias, or has it added.
  template <class T>
  static void start_rows(Pool& pool, int64_t rows, int64_t columns, const T* bias, T* y,
                         bool adds) {
    const int64_t grain = std::max<int64_t>(1, (1 << 14) / columns);
    pool.parallel_for(0, rows, grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        T* const row = y + i * columns;
        for (int64_t j = 0; j < columns; ++j) row[j] = adds ? row[j] + bias[j] : bias[j];
      }
    });
  }

  static size_t scratch_bytes(const KernelQuery& query) {
    const auto& p = *static_cast<const Params*>(query.params);
    const bool is_backward = query.outputs.size() > 1;
    return in_compute_type(query.inputs[0].type, [&](auto zero) {
      using T = decltype(zero);
      const auto& made = is_backward ? query.outputs : query.inputs;
      return Plan<T>(made[0], made[1], p.no_bias ? nullptr : &made[2],
                     is_backward ? query.inputs[0] : query.outputs[0], is_backward)
          .scratch.bytes();
    });
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(slots::out(0))) return;
    in_compute_type(call.read(in(0)).type(), [&](auto zero) {
      using T = decltype(zero);
      const Tensor data = call.read(in(0)), weight = call.read(in(1)),
                   out = call.write(slots::out(0));
      const Tensor bias = p.no_bias ? Tensor{} : call.read(in(2));
      const Plan<T> plan(*data.spec, *weight.spec, bias.spec, *out.spec, false);
      const auto [rows, depth, columns] = linear_shape(p, data.shape());
      const Request request = call.request(slots::out(0));
      const bool adds = plan.out.adds(request);
      T* const y = plan.out.target(out, call.scratch());
      if (!p.no_bias) {
        const T* const b = plan.bias.load(call.pool(), bias, call.scratch());
        start_rows(call.pool(), rows, columns, b, y, adds);
      }
      blas::gemm(call.pool(), rows, columns, depth,
                 blas::row_major(plan.data.load(call.pool(), data, call.scratch()), depth),
                 blas::transposed(plan.weight.load(call.pool(), weight, call.scratch()), depth), y,
                 columns, adds || !p.no_bias);
      plan.out.store(call.pool(), out, call.scratch(), request);
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    in_compute_type(call.read(in(0)).type(), [&](auto zero) {
      using T = decltype(zero);
      Pool& pool = call.pool();
      void* const scratch = call.scratch();
      const Tensor out = call.read(out_grad(0)), data = call.read(in(0)), weight = call.read(in(1));
      const Tensor bias = p.no_bias ? Tensor{} : call.write(in_grad(2));
      const Plan<T> plan(*data.spec, *weight.spec, bias.spec, *out.spec, true);
      const auto [rows, depth, columns] = linear_shape(p, data.shape());
      const T* const dy = plan.out.load(pool, out, scratch);
      if (call.is_wanted(in_grad(0))) {
        const Request request = call.request(in_grad(0));
        const Tensor grad = call.write(in_grad(0));
        blas::gemm(pool, rows, depth, columns, blas::row_major(dy, columns),
                   blas::row_major(plan.weight.load(pool, weight, scratch), depth),
                   plan.data_grad.target(grad, scratch), depth, plan.data_grad.adds(request));
        plan.data_grad.store(pool, grad, scratch, request);
      }
      if (call.is_wanted(in_grad(1))) {
        const Request request = call.request(in_grad(1));
        const Tensor grad = call.write(in_grad(1));
        blas::gemm(pool, columns, depth, rows, blas::transposed(dy, columns),
                   blas::row_major(plan.data.load(pool, data, scratch), depth),
                   plan.weight_grad.target(grad, scratch), depth, plan.weight_grad.adds(request));
        plan.weight_grad.store(pool, grad, scratch, request);
      }
      if (!p.no_bias && call.is_wanted(in_grad(2))) {
        const Request request = call.request(in_grad(2));
        sum_per_channel(pool, dy, rows, columns, 1, plan.bias.target(bias, scratch),
                        plan.bias.adds(request));
        plan.bias.store(pool, bias, scratch, request);
      }
    });
  }

  static void compose_gradient(const Params& p, GradientBuilder& g) {
    const Term dy = head_term(g, 0), data = in_term(g, 0), weight = in_term(g, 1);
    // As matrices: rows times columns, rows times depth.
    const ParamText last{{"shape", "(-1, 0)"}, {"reverse", "True"}};
    const Term heads = p.flatten ? dy : dy.apply("Reshape", last);
    const Term rows = p.flatten ? data.apply("Flatten") : data.apply("Reshape", last);
    set_in_grad(g, 0, heads.apply("dot", weight).apply("reshape_like", data));
    set_in_grad(g, 1, heads.apply("dot", rows, {{"transpose_a", "True"}}));
    if (!p.no_bias) set_in_grad(g, 2, heads.apply("sum", {{"axis", "(0,)"}}));
  }

  template <DeviceKind D>
  static std::vector<Implementation> forward_implementations() {
    if constexpr (D == DeviceKind::cpu && onednn::is_built) {
      return {{"onednn",
               [](const KernelQuery& q) {
                 return onednn::linear_forward(
                     q, linear_shape(*static_cast<const Params*>(q.params), q.inputs[0].shape));
               },
               true}};
    }
    return {};
  }
  template <DeviceKind D>
  static std::vector<Implementation> backward_implementations() {
    if constexpr (D == DeviceKind::cpu && onednn::is_built) {
      return {{"onednn",
               [](const KernelQuery& q) {
                 return onednn::linear_backward(
                     q, linear_shape(*static_cast<const Params*>(q.params), q.inputs[1].shape));
               },
               true}};
    }
    return {};
  }
};

TREADLE_REGISTER_OP(FullyConnected);

}  // namespace
}  // namespace treadle::ops
