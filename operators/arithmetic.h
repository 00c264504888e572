// Arithmetic that has a result for every pair of values, as functors over any type: integers wrap
// around instead of overflowing, and an integer divided by 0 is 0.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "treadle/core/macros.h"
#include "treadle/operators/type_set.h"

namespace treadle {

namespace detail {
// Where integers of type T are computed: unsigned, so that leaving the range is defined.
template <class T>
using Wrapping = std::conditional_t<(sizeof(T) > 4), uint64_t, uint32_t>;
// Constants, since device code may not call numeric_limits' functions.
template <class T>
inline constexpr T lowest = std::numeric_limits<T>::lowest();
template <class T>
inline constexpr T highest = std::numeric_limits<T>::max();
}  // namespace detail

// `value` as a T; out of an integer's range the nearest it has, and 0 for NaN.
template <class T>
TREADLE_HD inline T saturate(double value) {
  if constexpr (std::is_floating_point_v<T>) {
    return T(value);
  } else {
    if (!(value >= double(detail::lowest<T>))) return value < 0 ? detail::lowest<T> : T(0);
    return value >= double(detail::highest<T>) ? detail::highest<T> : T(value);
  }
}

struct Add {
  static constexpr TypeSet types = all_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      return T(detail::Wrapping<T>(a) + detail::Wrapping<T>(b));
    } else {
      return T(a + b);
    }
  }
};

struct Subtract {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      return T(detail::Wrapping<T>(a) - detail::Wrapping<T>(b));
    } else {
      return a - b;
    }
  }
};

struct Multiply {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      return T(detail::Wrapping<T>(a) * detail::Wrapping<T>(b));
    } else {
      return a * b;
    }
  }
};

struct Divide {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      if (b == T(0)) return T(0);
      // The one quotient that does not fit: the lowest value by -1.
      if constexpr (std::is_signed_v<T>) {
        if (b == T(-1)) return T(detail::Wrapping<T>(0) - detail::Wrapping<T>(a));
      }
      return T(a / b);
    } else {
      return a / b;
    }
  }
};

struct Negate {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T x) const {
    if constexpr (std::is_integral_v<T>) {
      return T(detail::Wrapping<T>(0) - detail::Wrapping<T>(x));
    } else {
      return -x;
    }
  }
};

// F(x, scalar) and F(scalar, x) for a fixed scalar.
template <class F>
struct WithScalar {
  static constexpr TypeSet types = F::types;
  double scalar;
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return F()(x, saturate<T>(scalar));
  }
};
template <class F>
struct ScalarWith {
  static constexpr TypeSet types = F::types;
  double scalar;
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return F()(saturate<T>(scalar), x);
  }
};

}  // namespace treadle
