// What the operators on sequences of different lengths share: data (step, sample, …), or (sample,
// step, …) with axis 1, and an input with the length of each sample.
#pragma once

#include "treadle/device/pool.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/number_at.h"

namespace treadle::ops {

struct SequenceShape {
  int64_t steps = 0, samples = 0, rest = 0;
  bool samples_first = false;

  SequenceShape(const Shape& data, int axis)
      : steps(data[axis]),
        samples(data[1 - axis]),
        rest(data.elements(2, data.ndim())),
        samples_first(axis == 1) {}
  // Where the numbers of one step of a sample begin.
  int64_t at(int64_t step, int64_t sample) const {
    return (samples_first ? sample * steps + step : step * samples + sample) * rest;
  }
};

// Params have use_sequence_length and, except where it is always 0, axis.
struct SequenceOp {
  static constexpr TypeSet types = all_types;

  static std::vector<std::string> input_names(bool has_lengths) {
    if (has_lengths) return {"data", "sequence_length"};
    return {"data"};
  }
  template <class Params>
  static void infer_type(const Params& p, TypeInference& t) {
    t.unify(in(0), out(0));
    if (p.use_sequence_length && !t.is_known(in(1)) && t.is_known(in(0))) {
      t.set(in(1), t.type(in(0)));
    }
  }

  // False while data are not known; refuses an axis that is not one of the first two.
  static bool check(ShapeInference& s, int axis, bool has_lengths) {
    if (axis != 0 && axis != 1) {
      s.fail(concat("axis is ", axis,
                    "; 0 (step, sample, ...) or 1 (sample, step, ...) is "
                    "expected."));
    }
    const Shape data = s.shape(in(0));
    if (data.empty()) return false;
    if (data.ndim() < 2) {
      s.fail(
          concat("data has shape ", data, "; at least two axes, steps and samples, are expected."));
    }
    if (has_lengths) {
      s.set(in(1), {data[1 - axis]}, [&] { return concat("data is ", data); });
    }
    return true;
  }

  // The length of a sample, at least `least` and at most all steps.
  template <DeviceKind D>
  static int64_t length(const Call<D>& call, bool has_lengths, const SequenceShape& s,
                        int64_t sample, int64_t least = 0) {
    if (!has_lengths) return s.steps;
    const double wanted = number_at(call.read(in(1)), sample);
    return wanted >= double(s.steps) ? s.steps : wanted >= double(least) ? int64_t(wanted) : least;
  }
};

// Calls f(T()) with the type that numbers of `type` are stored in.
template <class F>
void with_stored_type(DType type, const F& f) {
  switch (type) {
    case DType::f32: return f(float());
    case DType::f64: return f(double());
    case DType::f16: return f(f16());
    case DType::bf16: return f(bf16());
    case DType::u8: return f(uint8_t());
    case DType::i8: return f(int8_t());
    case DType::i32: return f(int32_t());
    case DType::i64: return f(int64_t());
    case DType::boolean: return f(bool());
    default: TREADLE_INVARIANT(false, "an array of no known type is read");
  }
}

// to[0 … count) = from[…], or += where the request is add.
template <class T>
inline void move(T* to, const T* from, int64_t count, Request request) {
  if (request != Request::add) {
    std::copy_n(from, count, to);
    return;
  }
  for (int64_t i = 0; i < count; ++i) to[i] = T(to[i] + from[i]);
}
template <class T>
inline void move_value(T* to, T value, int64_t count, Request request) {
  for (int64_t i = 0; i < count; ++i) to[i] = request == Request::add ? T(to[i] + value) : value;
}

// Calls f(sample) for each sample in parallel.
template <class F>
void for_each_sample(Pool& pool, const SequenceShape& s, const F& f) {
  const int64_t grain = std::max<int64_t>(1, (1 << 14) / std::max<int64_t>(1, s.steps * s.rest));
  pool.parallel_for(0, s.samples, grain, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) f(n);
  });
}

}  // namespace treadle::ops
