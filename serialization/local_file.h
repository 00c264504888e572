// Files of the local file system as streams. Internal to serialization.
#pragma once

#include <memory>
#include <string>

#include "treadle/serialization/stream.h"

namespace treadle {

// A regular file, or a pipe, which is read to its end first. Throws Error for anything else.
std::unique_ptr<ByteSource> open_local_source(const std::string& path);

// Writes a temporary file in the folder of `path`; commit() makes it durable and renames it, so
// that at every moment, a crash included, `path` is the old file or the whole new one. A device or
// pipe is written directly.
std::unique_ptr<ByteSink> open_local_sink(const std::string& path);

}  // namespace treadle
