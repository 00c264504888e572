// slice: a part of data, as Python slices it.
#include "treadle/operators/shape/slice_range.h"

namespace treadle::ops {
namespace {

struct SliceParams {
  SliceIndices begin, end, step;
  static constexpr auto fields = reflect(
      field("begin", &SliceParams::begin, required,
            "First index per axis, of the first axes; negative ones count from the end."),
      field("end", &SliceParams::end, required, "Where to stop per axis, itself left out."),
      field("step", &SliceParams::step, "From one index to the next per axis; 1 unless said."));
  SliceRange range() const { return {begin, end, step}; }
};

struct Slice : Rearranged<Slice, SliceParams> {
  static constexpr auto name = "slice";
  static constexpr auto aliases = names("crop");
  static constexpr auto doc = "The elements data[begin:end:step], axis by axis as in Python.";
  using Params = SliceParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    s.set(out(0), sliced_shape(s, p.range(), data),
          [&] { return concat("data has shape ", data); });
  }
  static Moved moved(const Params& p, const Shape& data, const Shape&) {
    return sliced(p.range(), data);
  }
};
TREADLE_REGISTER_OP(Slice);

}  // namespace
}  // namespace treadle::ops
