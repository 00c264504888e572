// khatri_rao: the Kronecker products of matrices, column by column.
#include <string>
#include <vector>

#include "treadle/operators/dispatch.h"
#include "treadle/operators/elementwise.h"

namespace treadle::ops {
namespace {

struct KhatriRao {
  static constexpr auto name = "khatri_rao";
  static constexpr auto doc =
      "For matrices of as many columns the Kronecker product of their columns: row (i, j, ...) is "
      "the "
      "elementwise product of row i of the first, row j of the second and so on.";
  static constexpr auto count_param = "num_args";
  static constexpr TypeSet types = numeric_types;
  static constexpr bool overwrites = true;

  struct Params {
    int num_args = 0;
    static constexpr auto fields =
        reflect(field("num_args", &Params::num_args, required, at_least(1), "Number of inputs."));
  };

  static OpRecord::Names inputs(const Params& p) {
    OpRecord::Names made;
    for (int i = 0; i < p.num_args; ++i) made.push_back("arg" + std::to_string(i));
    return made;
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    int64_t rows = 1, columns = 0;
    for (int i = 0; i < p.num_args; ++i) {
      const Shape& each = s.shape(in(i));
      if (each.empty()) return;
      if (each.ndim() != 2) {
        s.fail(concat(s.name(in(i)), " has shape ", each, "; (row, column) is expected."));
      }
      rows = checked_product(rows, each[0]);
      if (each[1] != 0) columns = each[1];
    }
    for (int i = 0; i < p.num_args; ++i) {
      s.set(in(i), Shape{0, columns}, "all inputs have as many columns");
    }
    s.set(out(0), Shape{rows, columns}, "it has a row for each combination of rows");
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor made = call.write(out(0));
    const int64_t columns = made.shape()[1];
    with_type(made.type(), [&](auto value) {
      using T = decltype(value);
      for (int64_t i = 0; i < made.shape()[0]; ++i) {
        T* const row = made.as<T>() + i * columns;
        int64_t rest = i;
        for (int k = p.num_args - 1; k >= 0; --k) {
          const Tensor each = call.read(in(k));
          const T* const from = each.as<T>() + rest % each.shape()[0] * columns;
          rest /= each.shape()[0];
          for (int64_t j = 0; j < columns; ++j) {
            row[j] = k == p.num_args - 1 ? from[j] : T(row[j] * from[j]);
          }
        }
      }
    });
  }
};
TREADLE_REGISTER_OP(KhatriRao);

}  // namespace
}  // namespace treadle::ops
