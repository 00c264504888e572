// _eye: ones on a diagonal.
#include "treadle/operators/init/families.h"
#include "treadle/operators/view.h"

namespace treadle::ops {
namespace {

struct Eye : Initial {
  static constexpr auto name = "_eye";
  static constexpr auto doc = "A matrix of zeros with ones on a diagonal.";
  static constexpr TypeSet types = numeric_types;

  struct Params {
    int64_t N = 0;
    int64_t M = 0;
    int64_t k = 0;
    std::string ctx;
    DType dtype = DType::f32;
    static constexpr auto fields = reflect(
        field("N", &Params::N, required, at_least(1), "Number of rows."),
        field("M", &Params::M, at_least(0), "Number of columns; 0: as many as rows."),
        field("k", &Params::k, "Which diagonal: above 0 to the right of the main one."),
        field("ctx", &Params::ctx, ctx_doc), field("dtype", &Params::dtype, "The element type."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.set(out(0), Shape{p.N, p.M == 0 ? p.N : p.M}, "N and M say so");
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor made = call.write(out(0));
    const int64_t rows = made.shape()[0], columns = made.shape()[1];
    if (call.request(out(0)) == Request::write) elementwise(call, out(0), Fill{0});
    const int64_t first_row = std::max<int64_t>(0, -p.k), first_column = std::max<int64_t>(0, p.k);
    const int64_t length = std::min(rows - first_row, columns - first_column);
    const Fill one{1};
    for (int64_t i = 0; i < length; ++i) {
      TileRun run;
      run.function = &detail::tile_function<Fill, 0>;
      run.functor = &one;
      run.type = made.type();
      run.out = made.as<char>() +
                ((first_row + i) * columns + first_column + i) * int64_t(size_of(made.type()));
      run.request = call.request(out(0));
      run.elements = 1;
      run_tiles(run, nullptr);
    }
  }
};
TREADLE_REGISTER_OP(Eye);

}  // namespace
}  // namespace treadle::ops
