// amp_multicast: several arrays in the widest, or the narrowest, of their floating types.
#include "treadle/operators/cast.h"
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {
namespace {

struct AmpMulticast {
  static constexpr auto name = "amp_multicast";
  static constexpr auto doc =
      "Arrays in one floating type: float32 where one of them is that, or with cast_narrow the "
      "narrow type that one of them has. Arrays of other types pass.";
  static constexpr auto count_param = "num_outputs";
  static constexpr TypeSet types = all_types;

  struct Params {
    int num_outputs = 0;
    bool cast_narrow = false;
    static constexpr auto fields =
        reflect(field("num_outputs", &Params::num_outputs, required, between(1, 10000),
                      "Number of arrays."),
                field("cast_narrow", &Params::cast_narrow,
                      "Whether to cast to the narrowest type in place of the widest."));
  };

  static OpRecord::Names inputs(const Params& p) { return numbered("data_", p.num_outputs); }
  static OpRecord::Names outputs(const Params& p) { return numbered("output", p.num_outputs); }
  static OpRecord::Names numbered(const char* prefix, int count) {
    OpRecord::Names made;
    for (int i = 0; i < count; ++i) made.push_back(prefix + std::to_string(i));
    return made;
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    for (int i = 0; i < p.num_outputs; ++i) s.unify(in(i), out(i));
  }
  static bool is_cast(DType type) { return is_floating(type) && type != DType::f64; }
  static void infer_type(const Params& p, TypeInference& t) {
    DType wanted = p.cast_narrow ? DType::f32 : t.type(in(0));
    for (int i = 0; i < p.num_outputs; ++i) {
      for (DType type : {t.type(in(i)), t.type(out(i))}) {
        if (p.cast_narrow && (type == DType::f16 || type == DType::bf16)) wanted = type;
        if (!p.cast_narrow && type == DType::f32) wanted = type;
      }
    }
    for (int i = 0; i < p.num_outputs; ++i) {
      const DType type = t.type(in(i));
      if (type != DType::unknown) t.set(out(i), is_cast(type) ? wanted : type);
    }
  }

  static std::vector<Slot> backward_reads(const Params& p) {
    std::vector<Slot> made;
    for (int i = 0; i < p.num_outputs; ++i) made.push_back(out_grad(i));
    return made;
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    for (int i = 0; i < p.num_outputs; ++i) {
      cast_array(call.read(in(i)), call.write(out(i)), call.request(out(i)), call.pool());
    }
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    for (int i = 0; i < p.num_outputs; ++i) {
      cast_array(call.read(out_grad(i)), call.write(in_grad(i)), call.request(in_grad(i)),
                 call.pool());
    }
  }
};
TREADLE_REGISTER_OP(AmpMulticast);

}  // namespace
}  // namespace treadle::ops
