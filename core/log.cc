#include "treadle/core/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <memory>
#include <mutex>
#include <utility>

namespace treadle {
namespace {

struct Log {
  std::mutex mutex;
  LogSink sink;  // guarded by mutex
  // Not in spdlog's registry: an embedding program's own logging settings stay apart from ours.
  spdlog::logger standard_error{"treadle", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()};
};

Log& log() {
  // Never destroyed: threads of the pool may warn while statics are taken down.
  static Log* instance = [] {
    auto made = std::make_unique<Log>();
    made->standard_error.set_pattern("[%n] %^%l%$: %v");
    return made.release();
  }();
  return *instance;
}

}  // namespace

void log_warning(std::string_view sentence) noexcept {
  try {
    LogSink sink;
    {
      const std::lock_guard lock(log().mutex);
      sink = log().sink;
    }
    // Outside the lock: a sink may take as long as it likes, or warn itself.
    if (sink) {
      sink(sentence);
    } else {
      log().standard_error.warn("{}", fmt::string_view(sentence.data(), sentence.size()));
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is left to tell
  }
}

LogSink set_log_sink(LogSink sink) {
  const std::lock_guard lock(log().mutex);
  return std::exchange(log().sink, std::move(sink));
}

}  // namespace treadle
