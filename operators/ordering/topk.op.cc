// topk: the largest or smallest elements along an axis.
#include "treadle/operators/ordering/ordered.h"

namespace treadle::ops {
namespace {

enum class TopKResult { both, indices, mask, value };
EnumNames describe(TopKResult) {
  return enum_names("TopKResult", "both", "indices", "mask", "value");
}

struct TopK {
  static constexpr auto name = "topk";
  static constexpr auto doc =
      "The k largest or smallest elements of data along an axis, in order, their indices, or a "
      "mask "
      "with 1 at their places. Of equal ones the first is taken; NaN counts as larger than all.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = numeric_types;

  struct Params {
    std::optional<int> axis = -1;
    int64_t k = 1;
    TopKResult ret_typ = TopKResult::indices;
    bool is_ascend = false;
    DType dtype = DType::f32;
    static constexpr auto fields = reflect(
        field("axis", &Params::axis,
              "The axis; negative ones count from the last. None: data counts as one row."),
        field("k", &Params::k, "How many; below 1: all of them."),
        field("ret_typ", &Params::ret_typ,
              "value: the elements; indices: where they lie; both; mask: an array like data."),
        field("is_ascend", &Params::is_ascend, "Whether to take the smallest ones."),
        field("dtype", &Params::dtype, "The type of indices."));
  };

  static bool has_values(const Params& p) {
    return p.ret_typ == TopKResult::value || p.ret_typ == TopKResult::both;
  }
  static OpRecord::Names outputs(const Params& p) {
    if (p.ret_typ == TopKResult::both) return {"output0", "output1"};
    return {p.ret_typ == TopKResult::value ? "output0" : "output"};
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.ret_typ == TopKResult::mask) s.unify(in(0), out(0));
    if (s.shape(in(0)).empty()) return;
    const Shape made = ordered_shape(s, p.axis, std::max<int64_t>(0, p.k));
    const auto because = [&] { return concat("data is ", s.shape(in(0)), " and k is ", p.k); };
    if (p.ret_typ != TopKResult::mask) s.set(out(0), made, because);
    if (p.ret_typ == TopKResult::both) s.set(out(1), made, because);
  }
  static void infer_type(const Params& p, TypeInference& t) {
    p.ret_typ == TopKResult::indices ? t.set(out(0), p.dtype) : t.unify(in(0), out(0));
    if (p.ret_typ == TopKResult::both) t.set(out(1), p.dtype);
  }
  static std::string refuse(const Params& p, const KernelQuery& query) {
    const bool is_forward = query.inputs.size() == 1;
    const bool gives_indices = p.ret_typ == TopKResult::indices || p.ret_typ == TopKResult::both;
    if (!is_forward || !gives_indices) return {};
    return refuse_index_type(p.dtype, layout_along(query.inputs[0].shape, p.axis).count);
  }

  static std::vector<Slot> backward_reads(const Params& p) {
    if (!has_values(p)) return {};
    return {out_grad(0), in(0)};
  }

  static int64_t number(const Params& p, RowLayout layout) { return p.k < 1 ? layout.count : p.k; }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const Tensor data = call.read(in(0));
    const RowLayout layout = layout_along(data.shape(), p.axis);
    const int64_t k = number(p, layout);
    const auto places = first_in_order(data, layout, k, p.is_ascend, call.pool());
    switch (p.ret_typ) {
      case TopKResult::both:
        write_indices(places, call.write(out(1)), call.request(out(1)));
        [[fallthrough]];
      case TopKResult::value:
        return pick_ordered(data, layout, k, places, call.write(out(0)), call.request(out(0)));
      case TopKResult::indices:
        return write_indices(places, call.write(out(0)), call.request(out(0)));
      case TopKResult::mask: return mark(call, layout, k, places);
    }
  }
  // 1 at the chosen places, 0 elsewhere.
  template <DeviceKind D>
  static void mark(Call<D>& call, RowLayout layout, int64_t k, const std::vector<int64_t>& places) {
    const Request request = call.request(out(0));
    if (request == Request::null) return;
    if (request == Request::write) elementwise(call, out(0), Fill{0});
    const Tensor made = call.write(out(0));
    std::vector<char> ones(places.size() * size_of(made.type()));
    const TensorSpec spec{Shape{int64_t(places.size())}, made.type()};
    const std::vector<int64_t> each(places.size(), 1);
    write_indices(each, {ones.data(), &spec}, Request::write);
    place_ordered({ones.data(), &spec}, layout, k, places, made, request);
  }

  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    if (call.request(in_grad(0)) == Request::write) elementwise(call, in_grad(0), Fill{0});
    if (!has_values(p) || !call.is_wanted(in_grad(0))) return;
    const Tensor data = call.read(in(0));
    const RowLayout layout = layout_along(data.shape(), p.axis);
    const int64_t k = number(p, layout);
    place_ordered(call.read(out_grad(0)), layout, k,
                  first_in_order(data, layout, k, p.is_ascend, call.pool()), call.write(in_grad(0)),
                  call.request(in_grad(0)));
  }
};
TREADLE_REGISTER_OP(TopK);

}  // namespace
}  // namespace treadle::ops
