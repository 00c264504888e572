// A device that does nothing and notes what it was asked for: for planning and for tests.
#pragma once

#include <string>
#include <vector>

#include "treadle/core/device.h"
#include "treadle/device/stream.h"

namespace treadle {

// One request to a null device.
struct NullRecord {
  enum class Kind : uint8_t { allocate, free, launch, copy, wait, finish };
  Kind kind = Kind::launch;
  Lane lane = Lane::compute;  // of a launch, copy, wait or finish
  std::string name;           // of a launch: the kernel
  size_t bytes = 0;           // of an allocation, its end, or a copy
  Device target, source;      // of a copy
  Event event;                // of a wait: what for; of a finish: which
};

// Adds such a device to the process; it stays until the end. Work queued on it has ended at once,
// and its memory holds nothing.
Device add_null_gpu();
// What it was asked for since the last call, in order; Error when `device` is no null one.
std::vector<NullRecord> take_records(Device device);

}  // namespace treadle
