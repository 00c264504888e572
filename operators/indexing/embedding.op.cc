// Embedding: rows of a table, chosen by number.
#include <vector>

#include "treadle/operators/indexing/rows_by_index.h"

namespace treadle::ops {
namespace {

struct Embedding {
  static constexpr auto name = "Embedding";
  static constexpr auto doc =
      "Rows of weight (input_dim, output_dim), chosen by the numbers in data; one out of range "
      "means "
      "the nearest row. data has no gradient.";
  static constexpr auto inputs = names("data", "weight");
  static constexpr TypeSet types = all_types;

  struct Params {
    int64_t input_dim = 0;
    int64_t output_dim = 0;
    DType dtype = DType::f32;
    bool sparse_grad = false;
    static constexpr auto fields =
        reflect(field("input_dim", &Params::input_dim, required, at_least(1), "Number of rows."),
                field("output_dim", &Params::output_dim, required, at_least(1), "Length of a row."),
                field("dtype", &Params::dtype, "The type of weight, where nothing else says it."),
                field("sparse_grad", &Params::sparse_grad,
                      "Accepted for compatibility: gradients are dense."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    s.set(in(1), Shape{p.input_dim, p.output_dim}, [&] {
      return concat("input_dim is ", p.input_dim, " and output_dim is ", p.output_dim);
    });
    std::vector<int64_t> made(data.begin(), data.end());
    made.push_back(p.output_dim);
    s.set(out(0), Shape(made), [&] { return concat("data has shape ", data); });
  }
  static void infer_type(const Params& p, TypeInference& t) {
    t.unify(in(1), out(0));
    if (!t.is_known(in(1))) t.set(in(1), p.dtype);
    t.unify(in(1), out(0));
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor made = call.write(out(0));
    take_rows(made.type(), call.read(in(1)).data, {1, p.input_dim, p.output_dim},
              Indices{call.read(in(0)), p.input_dim, IndexMode::clip, name}, made.data,
              call.request(out(0)), call.pool());
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(0), Fill{0});
    if (!call.is_wanted(in_grad(1))) return;
    const Tensor made = call.write(in_grad(1));
    add_rows(made.type(), call.read(out_grad(0)).data, {1, p.input_dim, p.output_dim},
             resolved_indices(call.read(in(0)), p.input_dim, IndexMode::clip, name), made.data,
             call.request(in_grad(1)), call.pool());
  }
};
TREADLE_REGISTER_OP(Embedding);

}  // namespace
}  // namespace treadle::ops
