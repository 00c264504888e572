#include <cstdio>
#include <cstdlib>
#include <string>

#include "treadle/graph/symbol.h"
#include "treadle/tests/support/catch.h"
#include "treadle/training/model.h"
#include "treadle/training/progress_bar.h"
#include "treadle/training/progress_text.h"
#include "treadle/training/speedometer.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

// A stream in memory.
class Captured {
 public:
  Captured() : file_(open_memstream(&text_, &size_)) {}
  ~Captured() {
    std::fclose(file_);
    std::free(text_);
  }
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;
  std::FILE* file() { return file_; }
  std::string text() {
    std::fflush(file_);
    return std::string(text_, size_);
  }

 private:
  char* text_ = nullptr;
  size_t size_ = 0;
  std::FILE* file_;
};

// Two epochs of four batches, as fit tells them.
void play(Callback& callback, bool stops_half_way = false) {
  Model model(Symbol::variable("data"));
  TrainingState state{
      .model = model, .first_epoch = 0, .end_epoch = 2, .num_batches = 4, .epoch = {}};
  for (int epoch = 0; epoch < 2; ++epoch) {
    state.epoch = {};
    state.epoch.epoch = epoch;
    state.batches_done = 0;
    callback.begin_epoch(state);
    for (int batch = 1; batch <= 4; ++batch) {
      state.batches_done = batch;
      state.epoch.examples = 50 * batch;
      state.epoch.seconds = 0.5 * batch;
      state.total_seconds = 2 * epoch + 0.5 * batch;
      state.epoch.training = {{"loss", 0.25}, {"accuracy", 0.9}};
      callback.end_batch(state);
      if (stops_half_way && epoch == 1 && batch == 2) {
        callback.end_training(state);
        return;
      }
    }
    state.epoch.validation = {{"accuracy", 0.875}};
    callback.end_epoch(state);
  }
  callback.end_training(state);
}

}  // namespace

TEST_CASE("numbers in progress reports", "[training]") {
  CHECK(rate_text(5123.4) == "5123");
  CHECK(rate_text(7.25) == "7.2");
  CHECK(duration_text(7.4) == "0:07");
  CHECK(duration_text(750) == "12:30");
  CHECK(duration_text(3723) == "1:02:03");
  CHECK(duration_text(-1) == "0:00");
  CHECK(metric_text({{"accuracy", 0.98611}, {"loss", 0.04121}}) ==
        "accuracy  98.61 %  loss 0.0412");
  CHECK(metric_text({{"loss", std::numeric_limits<double>::quiet_NaN()}}).empty());
}

TEST_CASE("where there is no terminal, one plain line per epoch", "[training]") {
  Captured out;
  ProgressBar bar(out.file());  // memory is no terminal
  play(bar);
  CHECK(out.text() ==
        "epoch 1/2  100 samples/s  loss 0.2500  accuracy  90.00 %  validation: accuracy  87.50 %  "
        "0:02 left\n"
        "epoch 2/2  100 samples/s  loss 0.2500  accuracy  90.00 %  validation: accuracy  87.50 %  "
        "0:04 in all\n");
}

TEST_CASE("on a terminal the line is written over, and ends with the epoch", "[training]") {
  Captured out;
  ProgressBar bar(out.file(), ProgressBar::Style::bar);
  play(bar);
  const std::string text = out.text();
  // Each drawing goes back to the start and erases what is left of the one before; only the last
  // may wrap.
  size_t lines = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find("\x1b[K", at);
    if (end == std::string::npos) break;
    CHECK(text[at] == '\r');
    const bool is_last = text[end + 3] == '\n';
    if (!is_last) CHECK(end - at <= 80);
    at = end + 3;
    if (is_last) ++lines, ++at;
  }
  CHECK(lines == 2);
  CHECK(text.find("epoch 1/2  [") != std::string::npos);
  CHECK(text.back() == '\n');
}

TEST_CASE("training that stops half way leaves the cursor on a new line", "[training]") {
  Captured out;
  ProgressBar bar(out.file(), ProgressBar::Style::bar);
  play(bar, true);
  CHECK(out.text().back() == '\n');
}

TEST_CASE("the speedometer speaks every few batches", "[training]") {
  Captured out;
  Speedometer speedometer(2, out.file());
  play(speedometer);
  CHECK(out.text() ==
        "epoch 1  batch 2  100 samples/s  loss 0.2500  accuracy  90.00 %\n"
        "epoch 1  batch 4  100 samples/s  loss 0.2500  accuracy  90.00 %\n"
        "epoch 2  batch 2  100 samples/s  loss 0.2500  accuracy  90.00 %\n"
        "epoch 2  batch 4  100 samples/s  loss 0.2500  accuracy  90.00 %\n");
}
