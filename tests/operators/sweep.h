// The registry sweep: cases that operators declare, a line or two each, and what is checked for
// every one of them (sweep_test.cc).
//
//   TREADLE_SWEEP({.op = "Flatten", .inputs = {{2, 3, 4}}});
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "treadle/core/reflect.h"
#include "treadle/core/shape.h"

namespace treadle::testing {

// What an array is filled with: evenly distributed numbers, or whole ones from low to high - 1.
struct Values {
  double low = -1;
  double high = 1;
  bool whole = false;
};
inline Values range(double low, double high) { return {low, high, false}; }
inline Values whole(double low, double high) { return {low, high, true}; }

struct SweepCase {
  std::string op;
  ParamText params = {};
  // Shapes of the first inputs; those of the others and of the states follow.
  std::vector<Shape> inputs = {};
  // By name of input or state; range(-1, 1) unless said.
  std::map<std::string, Values> values = {};
  // False where backward is not the derivative of the output on purpose (losses).
  bool has_derivative = true;
  // False where the request add overwrites the first gradient, as in MXNet.
  bool adds_first_gradient = true;
  // Large arrays: implementations and thread pools are compared, nothing else.
  bool is_large = false;
  // Implementations against the reference in float, relative to the largest number (at least 1).
  double tolerance = 1e-5;
};

const std::vector<SweepCase>& sweep_cases();
bool add_sweep_case(SweepCase added);
// "Reshape[shape=(0, -1)] (2, 3, 4)".
std::string describe(const SweepCase& each);

}  // namespace treadle::testing

#define TREADLE_SWEEP_NAME_(line) sweep_case_##line
#define TREADLE_SWEEP_NAME(line) TREADLE_SWEEP_NAME_(line)
#define TREADLE_SWEEP(...)                                          \
  [[maybe_unused]] static const bool TREADLE_SWEEP_NAME(__LINE__) = \
      ::treadle::testing::add_sweep_case(::treadle::testing::SweepCase __VA_ARGS__)
