#include "treadle/training/progress_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace treadle {

std::string rate_text(double per_second) {
  char text[32];
  std::snprintf(text, sizeof text, per_second < 99.95 ? "%.1f" : "%.0f", per_second);
  return text;
}

std::string duration_text(double seconds) {
  const long whole = std::lround(std::clamp(seconds, 0.0, 1e9));
  char text[48];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
  }
  return text;
}

std::string metric_text(const std::vector<MetricValue>& values, const std::string& prefix) {
  std::string all;
  for (const MetricValue& value : values) {
    if (std::isnan(value.value)) continue;
    char number[40];
    if (value.name.ends_with("accuracy")) {
      std::snprintf(number, sizeof number, "%6.2f %%", 100 * value.value);
    } else {
      std::snprintf(number, sizeof number, "%.4f", value.value);
    }
    if (!all.empty()) all += "  ";
    all += prefix + value.name + ' ' + number;
  }
  return all;
}

}  // namespace treadle
