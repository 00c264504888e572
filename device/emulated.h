// Emulated accelerators: the device code path on host threads, for machines without a GPU. Each
// stream is a thread that works in order, with random delays; memory is a range of addresses that
// host code cannot touch.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "treadle/core/device.h"

namespace treadle {

struct EmulatedOptions {
  // The delays are a function of the seed, the device, the lane and the item's number.
  uint64_t seed = 0;
  // Before each piece of work, a stream waits for up to this long.
  std::chrono::microseconds most_delay{20};
  // Of device memory; only what is used takes room.
  size_t bytes = size_t(4) << 30;
  // A fault on purpose, to show that each edge is needed: the n-th wait of a stream of this device
  // for another stream is left out, and its next piece of work starts without delay. 0: none.
  uint64_t drop_wait = 0;

  // TREADLE_EMULATED_SEED, TREADLE_EMULATED_DELAY_US, TREADLE_EMULATED_MIB and
  // TREADLE_EMULATED_DROP_WAIT; Error for a value that is no number.
  static EmulatedOptions from_environment();
};

// Adds such a device to the process; it stays until the end.
Device add_emulated_gpu(const EmulatedOptions& options = {});
// How many waits of streams for other streams the device has met so far; Error when it is not an
// emulated one.
uint64_t emulated_waits(Device device);

}  // namespace treadle
