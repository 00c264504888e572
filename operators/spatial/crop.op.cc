// Crop: a window cut out of images.
#include "treadle/operators/elementwise.h"
#include "treadle/operators/rows.h"

namespace treadle::ops {
namespace {

struct Crop {
  static constexpr auto name = "Crop";
  static constexpr auto doc =
      "Cuts a window of h_w, or of the size of a second input, out of images (batch, channel, y, "
      "x).";
  static constexpr auto count_param = "num_args";
  static constexpr TypeSet types = all_types;

  struct Params {
    int num_args = 1;
    Shape offset{0, 0}, h_w{0, 0};
    bool center_crop = false;
    static constexpr auto fields = reflect(
        field("num_args", &Params::num_args, required, between(1, 2),
              "1: the size is h_w; 2: the size is that of a second input, crop_like."),
        field("offset", &Params::offset, at_least(0), "First row and column of the window."),
        field("h_w", &Params::h_w, at_least(0), "Height and width of the window."),
        field("center_crop", &Params::center_crop, "Take the window in the middle."));
  };

  static std::vector<std::string> inputs(const Params& p) {
    if (p.num_args == 1) return {"arg0"};
    return {"arg0", "arg1"};
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    for (const auto& [name, value] : {std::pair{"offset", &p.offset}, {"h_w", &p.h_w}}) {
      if (value->ndim() != 2) s.fail(concat(name, " is ", *value, "; two numbers are expected."));
    }
    for (int i = 0; i < p.num_args; ++i) {
      const Shape& image = s.shape(in(i));
      if (image.empty() || image.ndim() == 4) continue;
      s.fail(concat(s.name(in(i)), " has shape ", image,
                    "; 4 axes (batch, channel, y, x) are expected."));
    }
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    Shape out = data;
    for (int i = 0; i < 2; ++i) {
      const int64_t size = p.num_args == 1          ? p.h_w[i]
                           : s.shape(in(1)).empty() ? 0
                                                    : s.shape(in(1))[i + 2];
      if (p.num_args == 1 && size == 0) {
        s.fail(
            concat("h_w is ", p.h_w, "; a window of at least 1 x 1 is expected with num_args 1."));
      }
      out[i + 2] = size;
      const int64_t first = p.center_crop ? 0 : p.offset[i];
      if (size > 0 && data[i + 2] > 0 && first + size > data[i + 2]) {
        s.fail(concat("a window of ", size, " from ", first, " on does not fit into axis ", i + 2,
                      " of ", s.name(in(0)), ", which has shape ", data, "."));
      }
    }
    s.set(slots::out(0), out, [&] { return concat(s.name(in(0)), " is ", data); });
    const Shape made = s.shape(slots::out(0));
    s.set(in(0), {made[0], made[1], 0, 0});
  }

  static constexpr auto backward_reads = reads(out_grad(0));

  // The window of `image` as rows, and its distance from the first element.
  static int64_t first_element(const Params& p, const Shape& image, const Shape& window) {
    const int64_t y = p.center_crop ? (image[2] - window[2]) / 2 : p.offset[0];
    const int64_t x = p.center_crop ? (image[3] - window[3]) / 2 : p.offset[1];
    return y * image[3] + x;
  }
  static void* at(const Tensor& array, int64_t element) {
    return static_cast<char*>(array.data) + element * int64_t(size_of(array.type()));
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(slots::out(0))) return;
    const Tensor image = call.read(in(0)), window = call.write(slots::out(0));
    const Shape &from = image.shape(), &to = window.shape();
    const int64_t first = first_element(p, from, to);
    for (int64_t plane = 0; plane < to[0] * to[1]; ++plane) {
      copy_rows(image.type(), {at(window, plane * to[2] * to[3]), to[3]},
                {at(image, plane * from[2] * from[3] + first), from[3]}, to[2], to[3],
                call.request(slots::out(0)), call.pool());
    }
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    if (p.num_args == 2) elementwise(call, in_grad(1), Fill{0});
    const Request request = call.request(in_grad(0));
    if (request == Request::null) return;
    if (request == Request::write) elementwise(call, in_grad(0), Fill{0});
    const Tensor window = call.read(out_grad(0)), image = call.write(in_grad(0));
    const Shape &from = window.shape(), &to = image.shape();
    const int64_t first = first_element(p, to, from);
    for (int64_t plane = 0; plane < to[0] * to[1]; ++plane) {
      copy_rows(image.type(), {at(image, plane * to[2] * to[3] + first), to[3]},
                {at(window, plane * from[2] * from[3]), from[3]}, from[2], from[3], request,
                call.pool());
    }
  }
};
TREADLE_REGISTER_OP(Crop);

}  // namespace
}  // namespace treadle::ops
