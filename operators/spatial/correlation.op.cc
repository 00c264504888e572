// Correlation: patches of one image compared with displaced patches of another (FlowNet,
// Dosovitskiy et al., 2015).
#include "treadle/operators/nn/computed.h"

namespace treadle::ops {
namespace {

struct Correlation {
  static constexpr auto name = "Correlation";
  static constexpr auto doc =
      "The mean product (or absolute difference) of patches of data1 and of displaced patches of "
      "data2, both (batch, channel, y, x); the output has a channel for each displacement.";
  static constexpr auto inputs = names("data1", "data2");

  struct Params {
    int kernel_size = 1;
    int max_displacement = 1;
    int stride1 = 1;
    int stride2 = 1;
    int pad_size = 0;
    bool is_multiply = true;
    static constexpr auto fields =
        reflect(field("kernel_size", &Params::kernel_size, at_least(1),
                      "Height and width of a patch; an odd number."),
                field("max_displacement", &Params::max_displacement, at_least(0),
                      "Largest displacement on both axes."),
                field("stride1", &Params::stride1, at_least(1), "Steps of the patches of data1."),
                field("stride2", &Params::stride2, at_least(1), "Steps of the displacements."),
                field("pad_size", &Params::pad_size, at_least(0), "Zeros around both images."),
                field("is_multiply", &Params::is_multiply, "Products; else absolute differences."));

    int64_t across() const { return max_displacement / stride2 * 2 + 1; }
    int64_t border() const { return max_displacement + (kernel_size - 1) / 2; }
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.kernel_size % 2 == 0) {
      s.fail(concat("kernel_size is ", p.kernel_size, "; an odd number is expected."));
    }
    s.unify(in(0), in(1));
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() != 4) {
      s.fail(concat("data1 has shape ", data, "; 4 axes (batch, channel, y, x) are expected."));
    }
    Shape made{data[0], p.across() * p.across(), 0, 0};
    for (int i = 2; i < 4; ++i) {
      if (data[i] == 0) continue;
      const int64_t room = data[i] + 2 * p.pad_size - 2 * p.border();
      if (room < 1) {
        s.fail(concat("data1 has shape ", data, ", ", data[i] + 2 * p.pad_size, " on axis ", i,
                      " with padding; more than ", 2 * p.border(),
                      " is expected, for max_displacement and half a kernel on both sides."));
      }
      made[i] = (room + p.stride1 - 1) / p.stride1;
    }
    s.set(out(0), made, [&] { return concat("data1 is ", data); });
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  // Calls f(i1, i2) for each pair of pixels of one channel that the output at (displacement, y, x)
  // compares; -1 for a pixel in the padding.
  template <class F>
  static void for_pairs(const Params& p, const Shape& data, int64_t displacement, int64_t y,
                        int64_t x, const F& f) {
    const int64_t radius = p.max_displacement / p.stride2;
    const int64_t top = y * p.stride1 + p.max_displacement - p.pad_size;
    const int64_t left = x * p.stride1 + p.max_displacement - p.pad_size;
    const int64_t down = (displacement / p.across() - radius) * p.stride2;
    const int64_t right = (displacement % p.across() - radius) * p.stride2;
    const auto pixel = [&](int64_t row, int64_t column) {
      const bool inside = row >= 0 && row < data[2] && column >= 0 && column < data[3];
      return inside ? row * data[3] + column : int64_t(-1);
    };
    for (int64_t h = 0; h < p.kernel_size; ++h) {
      for (int64_t w = 0; w < p.kernel_size; ++w) {
        f(pixel(top + h, left + w), pixel(top + down + h, left + right + w));
      }
    }
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape data = call.read(in(0)).shape(), made = call.write(out(0)).shape();
    const int64_t pixels = data[2] * data[3], positions = made[2] * made[3];
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const first = arrays.read(in(0));
      const T* const second = arrays.read(in(1));
      const auto to = arrays.write(out(0));
      const int64_t terms = p.kernel_size * p.kernel_size * data[1];
      for_each(call.pool(), made[0] * made[1], positions * terms, [&](int64_t plane) {
        const int64_t n = plane / made[1] * data[1] * pixels;
        for (int64_t i = 0; i < positions; ++i) {
          T sum = 0;
          for_pairs(p, data, plane % made[1], i / made[3], i % made[3], [&](int64_t a, int64_t b) {
            for (int64_t c = n; c < n + data[1] * pixels; c += pixels) {
              const T left = a < 0 ? T(0) : first[c + a], right = b < 0 ? T(0) : second[c + b];
              sum += p.is_multiply ? left * right : std::abs(left - right);
            }
          });
          to.put(plane * positions + i, sum / T(terms));
        }
      });
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Shape data = call.read(in(0)).shape(), made = call.read(out_grad(0)).shape();
    const int64_t pixels = data[2] * data[3], positions = made[2] * made[3];
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const dy = arrays.read(out_grad(0));
      const T* const first = arrays.read(in(0));
      const T* const second = arrays.read(in(1));
      T* const first_grad = arrays.sums(in_grad(0));
      T* const second_grad = arrays.sums(in_grad(1));
      const T scale = T(1) / T(p.kernel_size * p.kernel_size * data[1]);
      const int64_t work = made[1] * positions * p.kernel_size * p.kernel_size;
      for_each(call.pool(), data[0] * data[1], work, [&](int64_t plane) {
        const int64_t at = plane * pixels;
        const T* const heads = dy + plane / data[1] * made[1] * positions;
        for (int64_t index = 0; index < made[1] * positions; ++index) {
          const T head = heads[index] * scale;
          const int64_t i = index % positions;
          for_pairs(p, data, index / positions, i / made[3], i % made[3],
                    [&](int64_t a, int64_t b) {
                      const T left = a < 0 ? T(0) : first[at + a];
                      const T right = b < 0 ? T(0) : second[at + b];
                      const T sign = left >= right ? T(1) : T(-1);
                      if (first_grad && a >= 0) {
                        first_grad[at + a] += head * (p.is_multiply ? right : sign);
                      }
                      if (second_grad && b >= 0) {
                        second_grad[at + b] += head * (p.is_multiply ? left : -sign);
                      }
                    });
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(Correlation);

}  // namespace
}  // namespace treadle::ops
