#include "treadle/operators/nn/pooling_loops.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "treadle/device/pool.h"

namespace treadle::ops {
namespace {

// What a window makes of its elements x: from start(), through next(), to result().
template <class T>
struct Max {
  static T start() { return std::numeric_limits<T>::lowest(); }
  static T next(T value, T x) { return x > value ? x : value; }
  static T result(T value, int64_t) { return value; }
};
// slope(x, y): derivative of the result y by the element x, for a divisor of 1.
template <class T>
struct Sum {
  static T start() { return T(0); }
  static T next(T value, T x) { return value + x; }
  static T result(T value, int64_t) { return value; }
  static T slope(T, T) { return T(1); }
};
template <class T>
struct Average : Sum<T> {
  static T result(T value, int64_t count) { return count > 0 ? value / T(count) : T(0); }
};
// As MXNet has it: no absolute value is taken, so powers 1 and 3 keep the sign.
template <class T>
struct Norm2 : Sum<T> {
  static T next(T value, T x) { return value + x * x; }
  static T result(T value, int64_t) { return std::sqrt(value); }
  static T slope(T x, T y) { return y == T(0) ? T(0) : x / y; }
};
template <class T>
struct Norm3 : Sum<T> {
  static T next(T value, T x) { return value + x * x * x; }
  static T result(T value, int64_t) { return std::cbrt(value); }
  static T slope(T x, T y) { return y == T(0) ? T(0) : x * x / (y * y); }
};

// The elements [first, last) of an axis under the window at position o.
struct Span {
  int64_t first, last;
  Span(const Window& w, int axis, int64_t o) {
    const int64_t start = o * w.stride[axis] - w.pad[axis];
    first = std::max<int64_t>(start, 0);
    last = std::max(first, std::min(start + w.kernel[axis], w.in[axis]));
  }
};

// Calls f(input plane, output plane, step) for each image and channel, in parallel; `step` is the
// distance of neighbouring elements.
template <class F>
void for_each_plane(Pool& pool, const PoolingShape& s, const F& f) {
  const int64_t in = s.window.in_size(), out = s.window.out_size();
  const int64_t work = std::max(in, out * s.window.kernel_size());
  pool.parallel_for(0, s.batch * s.channels, std::max<int64_t>(1, (1 << 14) / work),
                    [&](int64_t begin, int64_t end) {
                      for (int64_t i = begin; i < end; ++i) {
                        const int64_t n = i / s.channels, c = i % s.channels;
                        if (s.channels_last) {
                          f(n * in * s.channels + c, n * out * s.channels + c, s.channels);
                        } else {
                          f(i * in, i * out, int64_t(1));
                        }
                      }
                    });
}

// Calls f(o, z, y, x, count) for each output position o of a plane: its spans and its divisor.
template <class F>
void for_each_window(const PoolingShape& s, const F& f) {
  const Window& w = s.window;
  int64_t o = 0;
  for (int64_t oz = 0; oz < w.out[0]; ++oz) {
    const Span z(w, 0, oz);
    for (int64_t oy = 0; oy < w.out[1]; ++oy) {
      const Span y(w, 1, oy);
      const int64_t counted = s.counted(0, oz) * s.counted(1, oy);
      for (int64_t ox = 0; ox < w.out[2]; ++ox, ++o) {
        f(o, z, y, Span(w, 2, ox), counted * s.counted(2, ox));
      }
    }
  }
}

// Calls f(i) for each element i of a plane under the window, until it returns true.
template <class F>
void for_each_element(const Window& w, const Span& z, const Span& y, const Span& x, const F& f) {
  for (int64_t iz = z.first; iz < z.last; ++iz) {
    for (int64_t iy = y.first; iy < y.last; ++iy) {
      const int64_t row = (iz * w.in[1] + iy) * w.in[2];
      for (int64_t i = row + x.first; i < row + x.last; ++i) {
        if (f(i)) return;
      }
    }
  }
}

template <class Reduce, class T>
void forward(Pool& pool, const PoolingShape& s, const T* data, T* out, bool adds) {
  for_each_plane(pool, s, [&](int64_t in_plane, int64_t out_plane, int64_t step) {
    const T* const read = data + in_plane;
    T* const written = out + out_plane;
    for_each_window(s, [&](int64_t o, const Span& z, const Span& y, const Span& x, int64_t count) {
      T value = Reduce::start();
      for_each_element(s.window, z, y, x, [&](int64_t i) {
        value = Reduce::next(value, read[i * step]);
        return false;
      });
      value = Reduce::result(value, count);
      written[o * step] = adds ? written[o * step] + value : value;
    });
  });
}

template <class T>
void clear_plane(const PoolingShape& s, T* plane, int64_t step) {
  for (int64_t i = 0; i < s.window.in_size(); ++i) plane[i * step] = T(0);
}

// Of several equal maxima the first has the gradient.
template <class T>
void backward_max(Pool& pool, const PoolingShape& s, const T* out_grad, const T* data, const T* out,
                  T* data_grad, bool adds) {
  for_each_plane(pool, s, [&](int64_t in_plane, int64_t out_plane, int64_t step) {
    const T* const read = data + in_plane;
    const T* const maximum = out + out_plane;
    T* const written = data_grad + in_plane;
    if (!adds) clear_plane(s, written, step);
    for_each_window(s, [&](int64_t o, const Span& z, const Span& y, const Span& x, int64_t) {
      const T wanted = maximum[o * step];
      for_each_element(s.window, z, y, x, [&](int64_t i) {
        if (read[i * step] != wanted) return false;
        written[i * step] += out_grad[out_plane + o * step];
        return true;
      });
    });
  });
}

template <class Reduce, class T>
void backward_sum(Pool& pool, const PoolingShape& s, const T* out_grad, const T* data, const T* out,
                  T* data_grad, bool adds) {
  constexpr bool reads = !std::is_same_v<Reduce, Sum<T>> && !std::is_same_v<Reduce, Average<T>>;
  for_each_plane(pool, s, [&](int64_t in_plane, int64_t out_plane, int64_t step) {
    T* const written = data_grad + in_plane;
    if (!adds) clear_plane(s, written, step);
    for_each_window(s, [&](int64_t o, const Span& z, const Span& y, const Span& x, int64_t count) {
      T gradient = out_grad[out_plane + o * step];
      if constexpr (std::is_same_v<Reduce, Average<T>>) gradient = Reduce::result(gradient, count);
      for_each_element(s.window, z, y, x, [&](int64_t i) {
        if constexpr (reads) {
          written[i * step] +=
              gradient * Reduce::slope(data[in_plane + i * step], out[out_plane + o * step]);
        } else {
          written[i * step] += gradient;
        }
        return false;
      });
    });
  });
}

}  // namespace

int64_t PoolingShape::counted(int axis, int64_t o) const {
  const int64_t start = o * window.stride[axis] - window.pad[axis];
  const int64_t last = start + window.kernel[axis];
  if (count_includes_pad) {
    return std::max<int64_t>(0, std::min(last, window.in[axis] + window.pad[axis]) - start);
  }
  return std::max<int64_t>(0, std::min(last, window.in[axis]) - std::max<int64_t>(start, 0));
}

template <class T>
void pooling_forward(Pool& pool, const PoolingShape& shape, const T* data, T* out, bool adds) {
  switch (shape.type) {
    case PoolType::max: return forward<Max<T>>(pool, shape, data, out, adds);
    case PoolType::avg: return forward<Average<T>>(pool, shape, data, out, adds);
    case PoolType::sum: return forward<Sum<T>>(pool, shape, data, out, adds);
    case PoolType::lp:
      if (shape.power == 1) return forward<Sum<T>>(pool, shape, data, out, adds);
      if (shape.power == 2) return forward<Norm2<T>>(pool, shape, data, out, adds);
      return forward<Norm3<T>>(pool, shape, data, out, adds);
  }
}

template <class T>
void pooling_backward(Pool& pool, const PoolingShape& shape, const T* out_grad, const T* data,
                      const T* out, T* data_grad, bool adds) {
  const auto run = [&](auto reduce) {
    backward_sum<decltype(reduce)>(pool, shape, out_grad, data, out, data_grad, adds);
  };
  switch (shape.type) {
    case PoolType::max: return backward_max(pool, shape, out_grad, data, out, data_grad, adds);
    case PoolType::avg: return run(Average<T>());
    case PoolType::sum: return run(Sum<T>());
    case PoolType::lp:
      if (shape.power == 1) return run(Sum<T>());
      if (shape.power == 2) return run(Norm2<T>());
      return run(Norm3<T>());
  }
}

#define TREADLE_POOLING_FOR(T)                                                                    \
  template void pooling_forward<T>(Pool&, const PoolingShape&, const T*, T*, bool);               \
  template void pooling_backward<T>(Pool&, const PoolingShape&, const T*, const T*, const T*, T*, \
                                    bool);
TREADLE_POOLING_FOR(float)
TREADLE_POOLING_FOR(double)
#undef TREADLE_POOLING_FOR

}  // namespace treadle::ops
