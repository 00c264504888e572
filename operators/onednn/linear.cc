#if TREADLE_WITH_ONEDNN

// FullyConnected as one matrix product per result, on row-major arrays.
//
// Measured on 2 cores with AVX-512, microseconds of (batch 64, 800 to 500) and (32, 4096 to 4096):
// plain matmul 490 and 7015 forward; inner_product with a packed weight, packed anew in every run
// since training changes it, 340 and 13779; inner_product on row-major arrays 635 and 27970.
// Backward is alike. So matmul, which is never far from the best and packs nothing.
#include "treadle/device/pool.h"
#include "treadle/operators/onednn/onednn.h"
#include "treadle/operators/onednn/primitives.h"

namespace treadle::onednn {
namespace {

using dnnl::matmul;
using dnnl::memory;

memory::desc transposed(int64_t rows, int64_t columns) {
  return {{rows, columns}, memory::data_type::f32, memory::dims{1, rows}};
}

dnnl::primitive_attr attributes(Request request) {
  dnnl::primitive_attr attributes = Recipe::attributes();
  if (request == Request::add) {
    dnnl::post_ops add;
    add.append_sum();
    attributes.set_post_ops(add);
  }
  return attributes;
}

void add_product(Recipe& recipe, const Place& a, const Place& b, const Place& c, Request request) {
  const matmul::primitive_desc description(cpu_engine(), a.layout, b.layout, c.layout,
                                           attributes(request));
  recipe.add<matmul>(description, {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}});
}

// The gradients of data and weight are products; the bias's is a column sum.
class LinearBackward final : public Kernel {
 public:
  LinearBackward(Recipe recipe, const LinearShape& shape, Request bias)
      : execution_(std::move(recipe)), shape_(shape), bias_(bias) {
    scratch_bytes_ = execution_.scratch_bytes();
  }
  void run(const KernelRun& run) const override {
    execution_.run(run);
    if (bias_ == Request::null) return;
    ops::sum_per_channel(*run.pool, static_cast<const float*>(run.inputs[0]), shape_.rows,
                         shape_.columns, 1, static_cast<float*>(run.outputs[2]),
                         bias_ == Request::add);
  }

 private:
  Execution execution_;
  LinearShape shape_;
  Request bias_;
};

}  // namespace

Prepared linear_forward(const KernelQuery& query, const LinearShape& shape) {
  if (std::string refusal = refuse_other_than_f32(query); !refusal.empty()) {
    return Prepared::refuse(std::move(refusal));
  }
  return attempt([&] {
    const auto [rows, depth, columns] = shape;
    Recipe recipe;
    if (query.requests[0] == Request::null) return finish(std::move(recipe));
    const Place data = recipe.input(0, plain({rows, depth}));
    const Place weight = recipe.input(1, transposed(depth, columns));
    const Place out = recipe.output(0, plain({rows, columns}));
    if (query.inputs.size() == 2) {
      add_product(recipe, data, weight, out, query.requests[0]);
      return finish(std::move(recipe));
    }
    const Place bias = recipe.input(2, plain({1, columns}));
    const matmul::primitive_desc description(cpu_engine(), data.layout, weight.layout, bias.layout,
                                             out.layout, attributes(query.requests[0]));
    recipe.add<matmul>(description, {{DNNL_ARG_SRC, data},
                                     {DNNL_ARG_WEIGHTS, weight},
                                     {DNNL_ARG_BIAS, bias},
                                     {DNNL_ARG_DST, out}});
    return finish(std::move(recipe));
  });
}

Prepared linear_backward(const KernelQuery& query, const LinearShape& shape) {
  if (std::string refusal = refuse_other_than_f32(query); !refusal.empty()) {
    return Prepared::refuse(std::move(refusal));
  }
  return attempt([&]() -> Prepared {
    const auto [rows, depth, columns] = shape;
    Recipe recipe;
    const memory::desc data = plain({rows, depth}), weight = plain({columns, depth});
    if (query.requests[0] != Request::null) {
      add_product(recipe, recipe.input(0, plain({rows, columns})), recipe.input(2, weight),
                  recipe.output(0, data), query.requests[0]);
    }
    if (query.requests[1] != Request::null) {
      add_product(recipe, recipe.input(0, transposed(columns, rows)), recipe.input(1, data),
                  recipe.output(1, weight), query.requests[1]);
    }
    const Request bias = query.requests.size() > 2 ? query.requests[2] : Request::null;
    return {std::make_unique<LinearBackward>(std::move(recipe), shape, bias), {}};
  });
}

}  // namespace treadle::onednn

#endif  // TREADLE_WITH_ONEDNN
