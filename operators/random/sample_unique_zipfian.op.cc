// _sample_unique_zipfian: different classes in each row, frequent ones more often.
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "treadle/operators/random/families.h"

namespace treadle::ops {
namespace {

struct SampleUniqueZipfian {
  static constexpr auto name = "_sample_unique_zipfian";
  static constexpr auto doc =
      "Rows of different classes below range_max, drawn one after the other with probability "
      "log((class + 2) / (class + 1)) / log(range_max + 1), nearly; then for each row how many "
      "were drawn, those counted that the row had already.";
  static constexpr std::array<std::string_view, 0> inputs = {};
  static constexpr TypeSet types{DType::i64};
  static constexpr bool has_effects = true;
  static constexpr bool overwrites = true;

  struct Params {
    int64_t range_max = 0;
    Shape shape;
    static constexpr auto fields =
        reflect(field("range_max", &Params::range_max, required, between(1, INT32_MAX),
                      "The number of classes."),
                field("shape", &Params::shape, at_least(0), "Rows, and classes in each of them."));
  };

  static OpRecord::Names outputs(const Params&) { return {"samples", "num_tries"}; }

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.shape.ndim() != 2) {
      s.fail(concat("shape is ", p.shape, "; rows and classes in each are expected"));
    }
    if (p.shape[1] > p.range_max) {
      s.fail(concat("shape is ", p.shape, "; there are only ", p.range_max,
                    " different classes for a row, as range_max says"));
    }
    s.set(out(0), p.shape, "shape says so");
    s.set(out(1), {p.shape[0]}, "shape says so");
  }
  static void infer_type(const Params&, TypeInference& t) {
    for (int i : {0, 1}) t.set(out(i), DType::i64);
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const int64_t rows = p.shape[0], columns = p.shape[1];
    int64_t* const samples =
        call.is_wanted(out(0)) ? call.write(out(0)).template as<int64_t>() : nullptr;
    int64_t* const tries =
        call.is_wanted(out(1)) ? call.write(out(1)).template as<int64_t>() : nullptr;
    const double log_range = std::log(double(p.range_max));
    const RandomKey key = call.random();
    call.pool().parallel_for(0, rows, 1, [&](int64_t begin, int64_t end) {
      std::unordered_set<int64_t> found;
      found.reserve(size_t(columns));
      for (int64_t row = begin; row < end; ++row) {
        found.clear();
        Draws draws(key, row);
        int64_t count = 0;
        for (int64_t column = 0; column < columns; ++count) {
          const int64_t one = std::llround(std::exp(draws.uniform() * log_range)) - 1;
          if (!found.insert(one).second) continue;
          if (samples != nullptr) samples[row * columns + column] = one;
          ++column;
        }
        if (tries != nullptr) tries[row] = count;
      }
    });
  }
};
TREADLE_REGISTER_OP(SampleUniqueZipfian);

}  // namespace
}  // namespace treadle::ops
