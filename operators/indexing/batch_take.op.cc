// batch_take: one element of each row, chosen by number.
#include "treadle/operators/indexing/pick_elements.h"

namespace treadle::ops {
namespace {

struct BatchTake {
  static constexpr auto name = "batch_take";
  static constexpr auto doc =
      "From each row of the matrix a the element that its index names; an index out of range means "
      "the nearest.";
  static constexpr auto inputs = names("a", "indices");
  static constexpr TypeSet types = all_types;

  static void infer_shape(const NoParams&, ShapeInference& s) {
    const Shape a = s.shape(in(0));
    if (a.empty()) return;
    if (a.ndim() != 2) s.fail(concat("a has shape ", a, "; (row, column) is expected."));
    s.set(in(1), Shape{a[0]}, [&] { return concat("a has shape ", a); });
    s.set(out(0), Shape{a[0]}, [&] { return concat("a has shape ", a); });
  }
  static void infer_type(const NoParams&, TypeInference& t) {
    t.unify(in(0), out(0));
    if (!t.is_known(in(1))) t.set(in(1), DType::i32);
  }
  static std::string refuse(const NoParams&, const KernelQuery& query) {
    return refuse_pick(query, 1);
  }

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor a = call.read(in(0));
    pick_elements(a, {a.shape()[0], a.shape()[1], 1},
                  Indices{call.read(in(1)), a.shape()[1], IndexMode::clip, name},
                  call.write(out(0)), call.request(out(0)), call.pool());
  }
};
TREADLE_REGISTER_OP(BatchTake);

}  // namespace
}  // namespace treadle::ops
