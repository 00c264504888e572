// Where warnings go: the standard error stream, or what an embedding program or a test puts there.
#pragma once

#include <functional>
#include <string_view>

namespace treadle {

// Tells the user about something that works but is probably not meant. Thread-safe; a sink that
// throws is ignored, because a warning must not stop the work.
void log_warning(std::string_view sentence) noexcept;

// Called with each sentence, by the thread that warns, possibly by several at once.
using LogSink = std::function<void(std::string_view sentence)>;

// Replaces the sink and returns the one before; an empty sink stands for the standard error stream.
LogSink set_log_sink(LogSink sink);

}  // namespace treadle
