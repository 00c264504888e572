// A trace as a table.
#include <algorithm>
#include <cstdio>
#include <map>

#include "treadle/core/error.h"
#include "treadle/engine/profiler.h"

namespace treadle {

std::string TaskTrace::summary() const {
  struct Row {
    std::string_view op;
    int64_t calls = 0, total = 0, least = INT64_MAX, most = 0, queued = 0;
  };
  std::map<std::string_view, Row> by_op;
  for (const TaskEvent& task : tasks) {
    Row& row = by_op[task.op];
    const int64_t time = task.end - task.start;
    row.op = task.op;
    ++row.calls;
    row.total += time;
    row.least = std::min(row.least, time);
    row.most = std::max(row.most, time);
    row.queued += task.start - task.queued;
  }
  std::vector<Row> rows;
  for (const auto& [op, row] : by_op) rows.push_back(row);
  std::ranges::stable_sort(rows, std::ranges::greater(), &Row::total);
  std::string text;
  const auto add_line = [&](const auto&... parts) {
    char line[256];
    std::snprintf(line, sizeof line, parts...);
    text += line;
  };
  add_line("%-32s %9s %12s %10s %10s %10s %10s\n", "operator", "calls", "total us", "mean us",
           "least us", "most us", "queued us");
  for (const Row& row : rows) {
    const double calls = double(row.calls);
    add_line("%-32.*s %9lld %12.1f %10.2f %10.2f %10.2f %10.2f\n", int(row.op.size()),
             row.op.data(), static_cast<long long>(row.calls), double(row.total) / 1e3,
             double(row.total) / 1e3 / calls, double(row.least) / 1e3, double(row.most) / 1e3,
             double(row.queued) / 1e3 / calls);
  }
  if (dropped > 0) {
    text += concat(dropped,
                   " events are missing: there was no room for more; start the profiler "
                   "with a larger number.\n");
  }
  return text;
}

}  // namespace treadle
