#include "treadle/training/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "treadle/training/progress_text.h"

namespace treadle {
namespace {

constexpr auto time_between_drawings = std::chrono::milliseconds(100);

bool can_redraw(std::FILE* out) {
  const char* term = std::getenv("TERM");
  return isatty(fileno(out)) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

size_t columns_of(std::FILE* out) {
  winsize size{};
  return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// How much of all epochs is done, by batches.
double share_done(const TrainingState& state) {
  const double epochs = state.end_epoch - state.first_epoch;
  const double within =
      state.num_batches > 0 ? double(state.batches_done) / double(state.num_batches) : 0;
  return (state.epoch.epoch - state.first_epoch + std::min(within, 1.0)) / epochs;
}

// Of `columns` characters, brackets included; nothing where that is too few to be seen.
std::string bar(const TrainingState& state, int columns) {
  const int width = std::min(columns - 2, 30);
  if (width < 5 || state.num_batches == 0) return {};
  const int full =
      int(std::min<int64_t>(state.batches_done, state.num_batches) * width / state.num_batches);
  std::string drawn = "[";
  drawn.append(size_t(full), '=');
  if (full < width) drawn.append(1, '>').append(size_t(width - full - 1), ' ');
  return drawn + "]  ";
}

}  // namespace

ProgressBar::ProgressBar(std::FILE* out, Style style)
    : out_(out), is_bar_(style == Style::bar || (style == Style::automatic && can_redraw(out))) {}

std::string ProgressBar::text(const TrainingState& state, bool is_complete) const {
  const std::string last = std::to_string(state.end_epoch);
  std::string epoch = std::to_string(state.epoch.epoch + 1);
  epoch.insert(0, last.size() - std::min(last.size(), epoch.size()), ' ');
  const std::string head = "epoch " + epoch + "/" + last + "  ";
  std::string tail;
  if (state.epoch.examples > 0) tail += rate_text(state.epoch.examples_per_second()) + " samples/s";
  if (const std::string metrics = metric_text(state.epoch.training); !metrics.empty())
    tail += "  " + metrics;
  if (is_complete) {
    // A name that the training's metrics do not have says enough.
    const bool is_ambiguous =
        std::ranges::any_of(state.epoch.validation, [&](const MetricValue& value) {
          return std::ranges::count(state.epoch.training, value.name, &MetricValue::name) > 0;
        });
    const std::string scored = metric_text(state.epoch.validation);
    if (!scored.empty()) tail += (is_ambiguous ? "  validation: " : "  ") + scored;
  }
  const double done = share_done(state);
  if (done > 0 && done < 1)
    tail += "  " + duration_text(state.total_seconds * (1 - done) / done) + " left";
  if (done >= 1) tail += "  " + duration_text(state.total_seconds) + " in all";
  const int left = is_bar_ ? int(columns_of(out_)) - 3 - int(head.size() + tail.size()) : 0;
  return head + bar(state, left) + tail;
}

void ProgressBar::draw(const std::string& line, bool is_last) {
  // One write of the whole line over the old one, the rest erased behind it: nothing blinks. It
  // never wraps, since a wrapped line could not be written over; the last one may.
  const std::string shown =
      "\r" + (is_last ? line : line.substr(0, columns_of(out_) - 1)) + "\x1b[K";
  std::fwrite(shown.data(), 1, shown.size(), out_);
  std::fflush(out_);
  has_open_line_ = true;
  last_drawn_ = Clock::now();
}

void ProgressBar::begin_epoch(TrainingState&) { last_drawn_ = {}; }

void ProgressBar::end_batch(TrainingState& state) {
  if (state.epoch.examples == 0) return;  // nothing is measured yet
  if (is_bar_ && Clock::now() - last_drawn_ >= time_between_drawings)
    draw(text(state, false), false);
}

void ProgressBar::end_epoch(TrainingState& state) {
  if (is_bar_) {
    draw(text(state, true), true);
    std::fputc('\n', out_);
    has_open_line_ = false;
  } else {
    std::fputs((text(state, true) + "\n").c_str(), out_);
  }
  std::fflush(out_);
}

void ProgressBar::end_training(TrainingState&) noexcept {
  if (!has_open_line_) return;
  std::fputc('\n', out_);
  std::fflush(out_);
  has_open_line_ = false;
}

}  // namespace treadle
