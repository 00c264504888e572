// Numbers as progress reports show them. Internal.
#pragma once

#include <string>
#include <vector>

#include "treadle/training/metric.h"

namespace treadle {

// "5120", "98.3": three digits that matter, no exponent.
std::string rate_text(double per_second);
// "0:07", "12:30", "1:02:03".
std::string duration_text(double seconds);
// "accuracy  98.61 %  cross-entropy 0.0412", each with `prefix` before its name.
std::string metric_text(const std::vector<MetricValue>& values, const std::string& prefix = "");

}  // namespace treadle
