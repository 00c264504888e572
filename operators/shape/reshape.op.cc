// Reshape: the same elements in the same order in another shape.
#include "treadle/operators/elementwise.h"
#include "treadle/operators/shape/reshape_rule.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Reshape {
  static constexpr auto name = "Reshape";
  static constexpr auto aliases = names("reshape");
  static constexpr auto doc = "The elements of data, in order, in another shape.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = all_types;

  struct Params {
    Shape shape;
    bool reverse = false;
    Shape target_shape;
    bool keep_highest = false;
    static constexpr auto fields = reflect(
        field(
            "shape", &Params::shape,
            "The new shape. Besides extents: 0 keeps the axis of data, -1 is what is left, -2 all "
            "axes left, -3 the product of two, -4 splits one into the next two extents."),
        field("reverse", &Params::reverse,
              "Read shape from the last axis; the extents of a split stand before its -4 then."),
        field("target_shape", &Params::target_shape, at_least(0),
              "Older form of shape, used if that is empty; one 0 stands for what is left."),
        field("keep_highest", &Params::keep_highest,
              "With target_shape: keep the first axis of data."));
  };

  static Shape result(const Params& p, const Shape& data) {
    if (!p.shape.empty()) return apply_reshape(p.shape, data, p.reverse);
    Shape codes = p.target_shape;
    int open = 0;
    for (int i = p.keep_highest; i < codes.ndim(); ++i) {
      if (codes[i] == 0) codes[i] = -1, ++open;
    }
    if (open > 1) throw Error("target_shape ", p.target_shape, " has more than one 0 to fill");
    if (p.keep_highest) codes[0] = 0;
    return apply_reshape(codes, data, false);
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (s.is_known(out(0)) && !s.is_known(in(0))) complete(s, in(0), s.shape(out(0)).elements());
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const bool is_given = !p.shape.empty() || !p.target_shape.empty();
    if (is_given) {
      Shape made;
      try {
        made = result(p, data);
      } catch (const Error& error) {
        s.fail(concat(error.what(), "."));
      }
      const auto because = [&] {
        return concat("data has shape ", data, " and shape is ",
                      p.shape.empty() ? p.target_shape : p.shape);
      };
      s.set(out(0), made, because);
    }
    if (s.is_known(in(0))) complete(s, out(0), data.elements());
  }

  // The one extent of `slot` that is not known, from the number of elements.
  static void complete(ShapeInference& s, Slot slot, int64_t elements) {
    Shape shape = s.shape(slot);
    int open = -1;
    int64_t others = 1;
    for (int i = 0; i < shape.ndim(); ++i) {
      if (shape[i] != 0) {
        others = checked_product(others, shape[i]);
      } else if (open >= 0) {
        return;
      } else {
        open = i;
      }
    }
    if (open < 0 || elements % others != 0) return;
    shape[open] = elements / others;
    s.set(slot, shape, "data and output have as many elements");
  }

  static std::string refuse(const Params&, const KernelQuery& query) {
    const Shape& from = query.inputs[0].shape;
    const Shape& to = query.outputs[0].shape;
    if (from.elements() == to.elements()) return {};
    return concat("from shape ", from, " (", from.elements(), " elements) it cannot make ", to,
                  " (", to.elements(), ")");
  }

  static constexpr bool is_linear = true;
  static constexpr auto may_share = shares(share(in(0), out(0)));
  static constexpr auto backward_reads = reads(out_grad(0));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

  template <DeviceKind D>
  static void forward(const Params&, Call<D>& call) {
    copy(call, out(0), in(0));
  }
  template <DeviceKind D>
  static void backward(const Params&, Call<D>& call) {
    copy(call, in_grad(0), out_grad(0));
  }
};
TREADLE_REGISTER_OP(Reshape);

}  // namespace
}  // namespace treadle::ops
