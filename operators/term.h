// Formulas as graphs: a Term stands for an array of the graph that grows, or for a number, and
// arithmetic on terms adds nodes. So a derivative that is written once for numbers, as a template,
// also says how a gradient is made of operators.
#pragma once

#include <string>
#include <string_view>

#include "treadle/graph/gradient.h"

namespace treadle {

class Term {
 public:
  explicit Term(double number) : number_(number) {}
  Term(GradientBuilder& builder, Entry entry) : builder_(&builder), entry_(entry) {}

  Entry entry() const { return entry_; }

  // An operator of this array.
  Term apply(std::string_view op, const ParamText& params = {}) const {
    return {*builder_, builder_->apply(op, {entry_}, params)};
  }
  Term apply(std::string_view op, const Term& other, const ParamText& params = {}) const {
    return {*builder_, builder_->apply(op, {entry_, other.entry_}, params)};
  }

  friend Term operator+(const Term& a, const Term& b) {
    return combine(a, b, "elemwise_add", "_plus_scalar", "_plus_scalar");
  }
  friend Term operator-(const Term& a, const Term& b) {
    return combine(a, b, "elemwise_sub", "_minus_scalar", "_rminus_scalar");
  }
  friend Term operator*(const Term& a, const Term& b) {
    return combine(a, b, "elemwise_mul", "_mul_scalar", "_mul_scalar");
  }
  friend Term operator/(const Term& a, const Term& b) {
    return combine(a, b, "elemwise_div", "_div_scalar", "_rdiv_scalar");
  }
  friend Term operator-(const Term& a) {
    return a.is_number() ? Term(-a.number_) : a.apply("negative");
  }

  friend Term cos(const Term& x) { return x.apply("cos"); }
  friend Term sin(const Term& x) { return x.apply("sin"); }
  friend Term cosh(const Term& x) { return x.apply("cosh"); }
  friend Term sinh(const Term& x) { return x.apply("sinh"); }
  friend Term sqrt(const Term& x) { return x.apply("sqrt"); }
  friend Term cbrt(const Term& x) { return x.apply("cbrt"); }
  friend Term abs(const Term& x) { return x.apply("abs"); }
  friend Term exp(const Term& x) { return x.apply("exp"); }
  friend Term log(const Term& x) { return x.apply("log"); }
  // 1 where x > 0, else 0.
  friend Term is_positive(const Term& x) { return x.apply("_greater_scalar", scalar(0)); }

 private:
  bool is_number() const { return builder_ == nullptr; }
  static ParamText scalar(double number) {
    return {{"scalar", value_type<double>().print(&number)}};
  }
  // `reverse` is the operator of an array whose number stands on the left.
  static Term combine(const Term& a, const Term& b, std::string_view arrays,
                      std::string_view with_number, std::string_view reverse) {
    if (b.is_number()) return a.apply(with_number, scalar(b.number_));
    if (a.is_number()) return b.apply(reverse, scalar(a.number_));
    return a.apply(arrays, b);
  }

  GradientBuilder* builder_ = nullptr;
  Entry entry_ = {};
  double number_ = 0;
};

inline Term in_term(GradientBuilder& g, int i) { return {g, g.in(i)}; }
inline Term out_term(GradientBuilder& g, int i) { return {g, g.out(i)}; }
inline Term head_term(GradientBuilder& g, int i) { return {g, g.out_grad(i)}; }
inline void set_in_grad(GradientBuilder& g, int i, const Term& gradient) {
  g.set_in_grad(i, gradient.entry());
}

namespace math {
inline Term exp(const Term& x) { return x.apply("exp"); }
}  // namespace math

}  // namespace treadle
