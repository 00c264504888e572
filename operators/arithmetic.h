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
}  // namespace detail

struct Add {
  static constexpr TypeSet types = all_types;
  template <class T> TREADLE_HD T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      return T(detail::Wrapping<T>(a) + detail::Wrapping<T>(b));
    } else {
      return T(a + b);
    }
  }
};

struct Subtract {
  static constexpr TypeSet types = numeric_types;
  template <class T> TREADLE_HD T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      return T(detail::Wrapping<T>(a) - detail::Wrapping<T>(b));
    } else {
      return a - b;
    }
  }
};

struct Multiply {
  static constexpr TypeSet types = numeric_types;
  template <class T> TREADLE_HD T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      return T(detail::Wrapping<T>(a) * detail::Wrapping<T>(b));
    } else {
      return a * b;
    }
  }
};

struct Divide {
  static constexpr TypeSet types = numeric_types;
  template <class T> TREADLE_HD T operator()(T a, T b) const {
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
  template <class T> TREADLE_HD T operator()(T x) const {
    if constexpr (std::is_integral_v<T>) {
      return T(detail::Wrapping<T>(0) - detail::Wrapping<T>(x));
    } else {
      return -x;
    }
  }
};

}  // namespace treadle
