// Functors of two numbers and their gradients, which the operators on two arrays, on arrays that
// are broadcast and on an array and a number share.
#pragma once

#include <cmath>

#include "treadle/operators/arithmetic.h"

namespace treadle::ops {

// The larger one; NaN where either is.
struct Maximum {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    return a > b || a != a ? a : b;
  }
};
struct Minimum {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    return a < b || a != a ? a : b;
  }
};
// Of two equal numbers the left one gets the gradient.
struct MaximumLeft {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T a, T b) const {
    return a >= b ? dy : T(0);
  }
};
struct MaximumRight {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T a, T b) const {
    return a < b ? dy : T(0);
  }
};
struct MinimumLeft {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T a, T b) const {
    return a <= b ? dy : T(0);
  }
};
struct MinimumRight {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T a, T b) const {
    return a > b ? dy : T(0);
  }
};

struct MultiplyLeft {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T, T b) const {
    return Multiply()(dy, b);
  }
};
struct MultiplyRight {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T a, T) const {
    return Multiply()(dy, a);
  }
};

// dy * -a / b^2; with integers each step as Divide has it.
struct DivideRight {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T a, T b) const {
    return Divide()(Negate()(Multiply()(dy, a)), Multiply()(b, b));
  }
};
struct DivideLeft {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T, T b) const {
    return Divide()(dy, b);
  }
};

// a to the power of b; of integers through floating point.
struct Power {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      return saturate<T>(std::pow(double(a), double(b)));
    } else {
      return std::pow(a, b);
    }
  }
};
struct PowerLeft {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      return saturate<T>(double(dy) * double(b) * std::pow(double(a), double(b) - 1));
    } else {
      return dy * b * std::pow(a, b - T(1));
    }
  }
};
struct PowerRight {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      return saturate<T>(double(dy) * std::pow(double(a), double(b)) * std::log(double(a)));
    } else {
      return dy * std::pow(a, b) * std::log(a);
    }
  }
};

struct Hypot {
  static constexpr TypeSet types = floating_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    return std::hypot(a, b);
  }
};
struct HypotLeft {
  static constexpr TypeSet types = floating_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T a, T b) const {
    return dy * a / std::hypot(a, b);
  }
};
struct HypotRight {
  static constexpr TypeSet types = floating_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T a, T b) const {
    return dy * b / std::hypot(a, b);
  }
};

// What is left of a after whole multiples of b, with the sign of b, as Python's %; 0 where b is 0.
struct Mod {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    if (b == T(0)) return T(0);
    if constexpr (std::is_unsigned_v<T>) {
      return T(a % b);
    } else if constexpr (std::is_integral_v<T>) {
      if (b == T(-1)) return T(0);  // the lowest value by -1 does not fit
      const T rest = T(a % b);
      return rest != T(0) && (rest < T(0)) != (b < T(0)) ? T(rest + b) : rest;
    } else {
      const T rest = std::fmod(a, b);
      return rest != T(0) && (rest < T(0)) != (b < T(0)) ? rest + b : rest;
    }
  }
};
struct ModLeft {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T, T) const {
    return std::is_integral_v<T> ? T(0) : dy;
  }
};
struct ModRight {
  static constexpr TypeSet types = numeric_types;
  template <class T>
  TREADLE_HD T operator()(T dy, T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      return T(0);
    } else {
      return dy * -std::floor(a / b);
    }
  }
};

// Comparisons and logic: 1 for true, 0 for false.
struct Equal {
  static constexpr TypeSet types = all_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    return T(a == b);
  }
};
struct NotEqual {
  static constexpr TypeSet types = all_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    return T(a != b);
  }
};
struct Greater {
  static constexpr TypeSet types = all_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    return T(a > b);
  }
};
struct GreaterEqual {
  static constexpr TypeSet types = all_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    return T(a >= b);
  }
};
struct Lesser {
  static constexpr TypeSet types = all_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    return T(a < b);
  }
};
struct LesserEqual {
  static constexpr TypeSet types = all_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    return T(a <= b);
  }
};
struct LogicalAnd {
  static constexpr TypeSet types = all_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    return T(a != T(0) && b != T(0));
  }
};
struct LogicalOr {
  static constexpr TypeSet types = all_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    return T(a != T(0) || b != T(0));
  }
};
struct LogicalXor {
  static constexpr TypeSet types = all_types;
  template <class T>
  TREADLE_HD T operator()(T a, T b) const {
    return T((a != T(0)) != (b != T(0)));
  }
};

// A gradient functor G(dy, a, b) with a fixed number on either side.
template <class G>
struct WithScalarGradient {
  static constexpr TypeSet types = G::types;
  double scalar;
  template <class T>
  TREADLE_HD T operator()(T dy, T x) const {
    return G()(dy, x, saturate<T>(scalar));
  }
};
template <class G>
struct ScalarWithGradient {
  static constexpr TypeSet types = G::types;
  double scalar;
  template <class T>
  TREADLE_HD T operator()(T dy, T x) const {
    return G()(dy, saturate<T>(scalar), x);
  }
};

}  // namespace treadle::ops
