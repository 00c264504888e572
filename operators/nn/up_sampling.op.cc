// UpSampling: images enlarged by a whole factor, by repeating pixels or by a learnt interpolation.
#include "treadle/operators/nn/deconvolution.h"
#include "treadle/operators/softmax.h"
#include "treadle/operators/store.h"

namespace treadle::ops {
namespace {

enum class SampleType { bilinear, nearest };
EnumNames describe(SampleType) { return enum_names("SampleType", "bilinear", "nearest"); }
enum class MultiInputMode { concat, sum };
EnumNames describe(MultiInputMode) { return enum_names("MultiInputMode", "concat", "sum"); }

struct UpSampling {
  static constexpr auto name = "UpSampling";
  static constexpr auto doc =
      "Enlarges images (batch, channel, y, x) by a whole factor. nearest repeats pixels, and "
      "brings "
      "all inputs to the size of the first; bilinear is a deconvolution of each channel with its "
      "own weight.";
  static constexpr auto count_param = "num_args";

  struct Params {
    int scale = 1;
    int num_filter = 0;
    SampleType sample_type = SampleType::nearest;
    MultiInputMode multi_input_mode = MultiInputMode::concat;
    int num_args = 1;
    int64_t workspace = 512;
    static constexpr auto fields = reflect(
        field("scale", &Params::scale, required, at_least(1), "The factor, of the first input."),
        field("num_filter", &Params::num_filter, at_least(0), "Channels, for bilinear."),
        field("sample_type", &Params::sample_type, required, "How pixels between are made."),
        field("multi_input_mode", &Params::multi_input_mode,
              "What becomes of several inputs, with nearest: joined channels or a sum."),
        field("num_args", &Params::num_args, required, at_least(1), "Number of inputs."),
        field("workspace", &Params::workspace, at_least(0),
              "A hint for GPUs (MiB); changes no result."));

    bool is_bilinear() const { return sample_type == SampleType::bilinear; }
    int64_t kernel() const { return 2 * scale - scale % 2; }
  };

  static std::vector<std::string> inputs(const Params& p) {
    if (p.is_bilinear()) return {"data", "weight"};
    std::vector<std::string> made;
    for (int i = 0; i < p.num_args; ++i) made.push_back("arg" + std::to_string(i));
    return made;
  }

  static std::vector<VariableDefault> variable_defaults() {
    return {{"weight", "[\"bilinear\", {}]"}};
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    const int images = p.is_bilinear() ? 1 : p.num_args;
    for (int i = 0; i < images; ++i) {
      const Shape& image = s.shape(in(i));
      if (!image.empty() && image.ndim() != 4) {
        s.fail(concat(s.name(in(i)), " has shape ", image,
                      "; 4 axes (batch, channel, y, x) are expected."));
      }
    }
    const Shape first = s.shape(in(0));
    if (first.empty()) return;
    Shape out = first;
    out[2] *= p.scale;
    out[3] *= p.scale;
    const auto because = [&] {
      return concat(s.name(in(0)), " is ", first, " and scale is ", p.scale);
    };
    if (p.is_bilinear()) {
      if (p.num_filter != 0 && first[1] != 0 && p.num_filter != first[1]) {
        s.fail(concat("num_filter is ", p.num_filter, ", but data has shape ", first, ", that is ",
                      first[1], " channels; they must be equal."));
      }
      s.set(in(1), {first[1], 1, p.kernel(), p.kernel()}, because);
      return s.set(slots::out(0), out, because);
    }
    const bool joins = p.multi_input_mode == MultiInputMode::concat;
    for (int i = 1; i < images; ++i) {
      const Shape image = s.shape(in(i));
      s.set(in(i), {first[0], joins ? 0 : first[1], 0, 0}, because);
      if (joins) out[1] = out[1] > 0 && !image.empty() && image[1] > 0 ? out[1] + image[1] : 0;
      if (image.empty() || !out.is_known() || image[2] == 0 || image[3] == 0) continue;
      if (out[2] % image[2] != 0 || out[3] % image[3] != 0 ||
          out[2] / image[2] != out[3] / image[3]) {
        s.fail(concat(s.name(in(i)), " has shape ", image, ", which no whole factor brings to ",
                      out[2], " x ", out[3], ", the enlarged size of ", s.name(in(0)), "."));
      }
    }
    s.set(slots::out(0), out, because);
  }

  static ConvolutionShape geometry(const Params& p, const Shape& data, const Shape& out) {
    const int64_t pad = p.scale / 2;
    const Shape kernel{p.kernel(), p.kernel()}, stride{p.scale, p.scale}, pads{pad, pad};
    return {data[0], data[1], 1, 1, make_window(out, data, {}, kernel, stride, {}, pads)};
  }
  static size_t scratch_bytes(const KernelQuery& query) {
    const auto& p = *static_cast<const Params*>(query.params);
    if (!p.is_bilinear()) return 0;
    const bool is_backward = query.outputs.size() > 1;
    return deconvolution_scratch(query,
                                 is_backward
                                     ? geometry(p, query.inputs[1].shape, query.inputs[0].shape)
                                     : geometry(p, query.inputs[0].shape, query.outputs[0].shape),
                                 false, is_backward);
  }

  // Calls f(row, factor, first) for each row of pixels of an image: where in the enlarged one its
  // first copy begins. `channels` and `offset` place the image's channels in the enlarged one.
  template <class F>
  static void for_rows(Pool& pool, const Shape& image, const Shape& large, int64_t offset,
                       const F& f) {
    const int64_t factor = large[2] / image[2], rows = image.elements(0, 3);
    const int64_t grain = std::max<int64_t>(1, (1 << 13) / (image[3] * factor * factor));
    pool.parallel_for(0, rows, grain, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const int64_t plane = row / image[2], y = row % image[2];
        const int64_t to = plane / image[1] * large[1] + offset + plane % image[1];
        f(row * image[3], factor, (to * large[2] + y * factor) * large[3]);
      }
    });
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Tensor out = call.write(slots::out(0));
    const Shape& large = out.shape();
    if (p.is_bilinear()) {
      const ConvolutionShape shape = geometry(p, call.read(in(0)).shape(), large);
      return deconvolution_forward(call, shape, false, false);
    }
    if (!call.is_wanted(slots::out(0))) return;
    const bool sums = p.multi_input_mode == MultiInputMode::sum;
    int64_t offset = 0;
    for (int i = 0; i < p.num_args; ++i) {
      const Tensor image = call.read(in(i));
      const Request request = sums && i > 0 ? Request::add : call.request(slots::out(0));
      with_floating_type(out.type(), [&](auto stored, auto computed) {
        using T = decltype(stored);
        using C = decltype(computed);
        for_rows(call.pool(), image.shape(), large, offset,
                 [&](int64_t from, int64_t factor, int64_t to) {
                   const int64_t width = image.shape()[3];
                   for (int64_t dy = 0; dy < factor; ++dy) {
                     T* const line = out.as<T>() + to + dy * large[3];
                     for (int64_t x = 0; x < width; ++x) {
                       const C value = C(image.as<T>()[from + x]);
                       for (int64_t dx = 0; dx < factor; ++dx) {
                         store(line[x * factor + dx], value, request);
                       }
                     }
                   }
                 });
      });
      if (!sums) offset += image.shape()[1];
    }
  }

  static std::vector<Slot> backward_reads(const Params& p) {
    if (p.is_bilinear()) return {out_grad(0), in(0), in(1)};
    return {out_grad(0)};
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Tensor heads = call.read(out_grad(0));
    const Shape& large = heads.shape();
    if (p.is_bilinear()) {
      const ConvolutionShape shape = geometry(p, call.read(in(0)).shape(), large);
      return deconvolution_backward(call, shape, false, false);
    }
    const bool sums = p.multi_input_mode == MultiInputMode::sum;
    int64_t offset = 0;
    for (int i = 0; i < p.num_args; ++i) {
      const Tensor grad = call.write(in_grad(i));
      const Request request = call.request(in_grad(i));
      if (request != Request::null) {
        with_floating_type(heads.type(), [&](auto stored, auto computed) {
          using T = decltype(stored);
          using C = decltype(computed);
          for_rows(call.pool(), grad.shape(), large, offset,
                   [&](int64_t to, int64_t factor, int64_t from) {
                     for (int64_t x = 0; x < grad.shape()[3]; ++x) {
                       C sum = 0;
                       for (int64_t dy = 0; dy < factor; ++dy) {
                         const T* const line = heads.as<T>() + from + dy * large[3] + x * factor;
                         for (int64_t dx = 0; dx < factor; ++dx) sum += C(line[dx]);
                       }
                       store(grad.as<T>()[to + x], sum, request);
                     }
                   });
        });
      }
      if (!sums) offset += grad.shape()[1];
    }
  }
};
TREADLE_REGISTER_OP(UpSampling);

}  // namespace
}  // namespace treadle::ops
