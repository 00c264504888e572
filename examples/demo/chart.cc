#include "chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <sstream>

namespace demo {
namespace {

// Of one panel, in pixels; the plot lies inside.
constexpr double panel_width = 480, panel_height = 340;
constexpr double plot_left = 64, plot_top = 44, plot_width = 380, plot_height = 236;
constexpr double header = 48;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

// 1, 2 or 5 times a power of ten, so that about `wanted` steps make `range`.
double nice_step(double range, int wanted) {
  const double raw = range / wanted, power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power * 1.0001) return factor * power;
  }
  return 10 * power;
}

// The vertical axis: from value to pixel, and where the grid is.
class Axis {
 public:
  explicit Axis(const Panel& panel) : is_logarithmic_(panel.is_logarithmic) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const Series& series : panel.series) {
      for (const double value : series.values) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
    }
    if (is_logarithmic_) {
      low_ = std::floor(std::log10(low));
      high_ = std::max(std::ceil(std::log10(high)), low_ + 1);
      for (double power = low_; power <= high_ + 0.5; ++power)
        ticks_.push_back(std::pow(10, power));
    } else {
      const double step = nice_step(std::max(high - low, 1e-9), 5);
      low_ = std::floor(low / step) * step;
      high_ = std::max(std::ceil(high / step - 1e-9) * step, low_ + step);
      for (int i = 0; low_ + i * step <= high_ + step / 2; ++i) ticks_.push_back(low_ + i * step);
    }
  }

  double y(double value) const {
    const double at = is_logarithmic_ ? std::log10(value) : value;
    return plot_top + plot_height * (1 - (at - low_) / (high_ - low_));
  }
  const std::vector<double>& ticks() const { return ticks_; }

 private:
  bool is_logarithmic_;
  double low_ = 0, high_ = 1;
  std::vector<double> ticks_;
};

size_t epochs_of(const Panel& panel) {
  size_t epochs = 0;
  for (const Series& series : panel.series) epochs = std::max(epochs, series.values.size());
  return epochs;
}

void draw_panel(std::ostringstream& out, const Panel& panel) {
  const Axis axis(panel);
  const size_t epochs = epochs_of(panel);
  const auto x = [&](size_t epoch) {  // from 1
    return plot_left +
           (epochs < 2 ? plot_width / 2 : plot_width * double(epoch - 1) / double(epochs - 1));
  };
  const double bottom = plot_top + plot_height;
  out << "<text x=\"" << plot_left << "\" y=\"28\" class=\"panel\">" << panel.title << "</text>\n";
  for (const double tick : axis.ticks()) {
    out << "<line x1=\"" << plot_left << "\" y1=\"" << axis.y(tick) << "\" x2=\""
        << plot_left + plot_width << "\" y2=\"" << axis.y(tick) << "\" class=\"grid\"/>\n"
        << "<text x=\"" << plot_left - 8 << "\" y=\"" << axis.y(tick) + 4
        << "\" text-anchor=\"end\">" << number(tick) << panel.unit << "</text>\n";
  }
  const size_t every = std::max<size_t>(1, size_t(nice_step(double(epochs), 10)));
  for (size_t epoch = 1; epoch <= epochs; ++epoch) {
    if (epoch != 1 && epoch % every != 0) continue;
    out << "<line x1=\"" << x(epoch) << "\" y1=\"" << bottom << "\" x2=\"" << x(epoch) << "\" y2=\""
        << bottom + 5 << "\" class=\"axis\"/>\n"
        << "<text x=\"" << x(epoch) << "\" y=\"" << bottom + 20 << "\" text-anchor=\"middle\">"
        << epoch << "</text>\n";
  }
  out << "<path d=\"M" << plot_left << ' ' << plot_top << "V" << bottom << "H"
      << plot_left + plot_width << "\" class=\"axis\"/>\n"
      << "<text x=\"" << plot_left + plot_width / 2 << "\" y=\"" << bottom + 42
      << "\" text-anchor=\"middle\">epoch</text>\n";
  double legend_x = plot_left + plot_width;
  for (size_t s = panel.series.size(); s-- > 0;) {  // from the right, above the plot
    const Series& series = panel.series[s];
    if (series.values.empty()) continue;
    out << "<polyline fill=\"none\" stroke=\"" << series.colour
        << "\" stroke-width=\"2\" points=\"";
    for (size_t i = 0; i < series.values.size(); ++i)
      out << x(i + 1) << ',' << axis.y(series.values[i]) << ' ';
    out << "\"/>\n";
    for (size_t i = 0; i < series.values.size(); ++i) {
      out << "<circle cx=\"" << x(i + 1) << "\" cy=\"" << axis.y(series.values[i])
          << "\" r=\"2.5\" fill=\"" << series.colour << "\"/>\n";
    }
    const std::string label = series.name + ": " + number(series.values.back()) + panel.unit;
    out << "<text x=\"" << legend_x
        << "\" y=\"28\" text-anchor=\"end\" style=\"fill:" << series.colour
        << "; font-weight:bold\">" << label << "</text>\n";
    legend_x -= 7.2 * double(label.size()) + 16;
  }
}

}  // namespace

std::string draw_chart(const std::string& title, const std::vector<Panel>& panels) {
  const double width = panel_width * double(panels.size()), height = header + panel_height;
  std::ostringstream out;
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width << "\" height=\"" << height
      << "\" viewBox=\"0 0 " << width << ' ' << height << "\">\n"
      << "<style>text{font:12px Helvetica,Arial,sans-serif;fill:#333} "
         ".title{font-size:16px;font-weight:bold} "
         ".panel{font-size:13px;font-weight:bold} .grid{stroke:#e3e3e3} "
         ".axis{stroke:#555;fill:none}</style>\n"
      << "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      << "<text x=\"" << plot_left << "\" y=\"32\" class=\"title\">" << title << "</text>\n";
  for (size_t i = 0; i < panels.size(); ++i) {
    out << "<g transform=\"translate(" << panel_width * double(i) << ' ' << header << ")\">\n";
    if (epochs_of(panels[i]) > 0) draw_panel(out, panels[i]);
    out << "</g>\n";
  }
  out << "</svg>\n";
  return std::move(out).str();
}

}  // namespace demo
