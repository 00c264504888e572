// _slice_assign_scalar: data with one number written into a part of it.
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/cast.h"
#include "treadle/operators/shape/slice_range.h"

namespace treadle::ops {
namespace {

struct SliceAssignScalar : Moving {
  static constexpr auto name = "_slice_assign_scalar";
  static constexpr auto aliases = names("_crop_assign_scalar");
  static constexpr auto doc =
      "data, where data[begin:end:step] is scalar, axis by axis as in Python.";
  static constexpr bool overwrites = true;
  static constexpr bool is_linear = false;

  struct Params {
    double scalar = 0;
    SliceIndices begin, end, step;
    static constexpr auto fields = reflect(
        field("scalar", &Params::scalar, "The number."),
        field("begin", &Params::begin, required,
              "First index per axis, of the first axes; negative ones count from the end."),
        field("end", &Params::end, required, "Where to stop per axis, itself left out."),
        field("step", &Params::step, "From one index to the next per axis; 1 unless said."));
    SliceRange range() const { return {begin, end, step}; }
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    sliced_shape(s, p.range(), data);  // refuses what is no slice of data
  }

  static constexpr auto may_share = shares(share(in(0), out(0)));

  struct Value {
    static constexpr TypeSet types = all_types;
    double scalar;
    template <class T>
    TREADLE_HD T operator()() const {
      return saturate<T>(scalar);
    }
  };

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    copy(call, out(0), in(0));
    const Tensor made = call.write(out(0));
    const Moved moved = sliced(p.range(), made.shape());
    char* const first = made.as<char>() + moved.offset * int64_t(size_of(made.type()));
    // One number, read again and again.
    alignas(8) char number[8];
    const Value value{p.scalar};
    TileRun run;
    run.function = &detail::tile_function<Value, 0>;
    run.functor = &value;
    run.type = made.type();
    run.out = number;
    run.elements = 1;
    run_tiles(run, nullptr);
    fill_view(made.type(), number, first, moved.axes, call.pool());
  }
};
TREADLE_REGISTER_OP(SliceAssignScalar);

}  // namespace
}  // namespace treadle::ops
