// Curves over epochs as SVG.
#pragma once

#include <string>
#include <vector>

namespace demo {

struct Series {
  std::string name;
  std::string colour;
  std::vector<double> values;  // one per epoch, from epoch 1
};

struct Panel {
  std::string title;
  bool is_logarithmic = false;  // values must be positive then
  std::string unit;             // behind the numbers of the axis
  std::vector<Series> series;
};

// The panels side by side, each with axes, grid, and the name and last value of each series.
std::string draw_chart(const std::string& title, const std::vector<Panel>& panels);

}  // namespace demo
