#include "report.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "chart.h"
#include "process.h"
#include "treadle/core/error.h"
#include "treadle/graph/dot.h"

namespace demo {
namespace {

void write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out)
    throw treadle::Error("The file '", path,
                         "' cannot be written; is there room, and may you write there?");
}

}  // namespace

std::string draw_graph(const treadle::Symbol& symbol, const Images& images,
                       const std::string& prefix) {
  const std::string dot_file = prefix + "-graph.dot", svg_file = prefix + "-graph.svg";
  treadle::Shape one = images.pixels.shape();
  one[0] = 1;
  write_file(dot_file, treadle::to_dot(symbol, {.title = "LeNet", .shapes = {{"data", one}}}));
  const Finished finished = run_program({"dot", "-Tsvg", dot_file, "-o", svg_file});
  if (!finished.was_found) {
    return "no picture of the graph: Graphviz's program 'dot' is not installed (Debian: apt-get "
           "install graphviz). "
           "Later: dot -Tsvg " +
           dot_file + " -o " + svg_file;
  }
  if (finished.status != 0) {
    return "no picture of the graph: 'dot -Tsvg " + dot_file + "' ended with status " +
           std::to_string(finished.status) + "; its words are above.";
  }
  std::remove(dot_file.c_str());
  return {};
}

void draw_curve(const treadle::FitResult& fit, const std::string& prefix) {
  Series loss{"loss", "#c0392b", {}}, training{"training", "#2471a3", {}},
      held_out{"test", "#1e8449", {}};
  for (const treadle::EpochRecord& epoch : fit.epochs) {
    for (const treadle::MetricValue& value : epoch.training) {
      // A logarithm of 0 cannot be drawn.
      if (value.name == "loss") loss.values.push_back(std::max(value.value, 1e-9));
      if (value.name == "accuracy") training.values.push_back(100 * value.value);
    }
    for (const treadle::MetricValue& value : epoch.validation)
      held_out.values.push_back(100 * value.value);
  }
  write_file(prefix + "-curve.svg",
             draw_chart("LeNet on handwritten digits", {{.title = "Training loss (cross-entropy)",
                                                         .is_logarithmic = true,
                                                         .unit = "",
                                                         .series = {loss}},
                                                        {.title = "Accuracy",
                                                         .is_logarithmic = false,
                                                         .unit = " %",
                                                         .series = {training, held_out}}}));
}

}  // namespace demo
